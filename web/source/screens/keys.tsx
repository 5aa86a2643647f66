import { t } from "../i18n.ts";
import { Sheet } from "../parts/sheet.tsx";

/** What the keys do. */
export function KeysSheet({ onClose }: { readonly onClose: () => void }) {
  const keys = [
    ["1–9", t("keys.choose")],
    ["↵", t("work.send")],
    ["S", t("work.skip")],
    ["U", t("work.undo")],
    ["G", t("work.guide")],
    ["?", t("keys.title")],
  ] as const;
  return (
    <Sheet title={t("keys.title")} onClose={onClose}>
      <dl class="keys">
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
