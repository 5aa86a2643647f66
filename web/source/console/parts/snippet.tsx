import { useState } from "preact/hooks";
import { t } from "../../i18n.ts";
import { start } from "../../trouble.ts";
import { Scroll } from "./scroll.tsx";

/** Lines of code to take along. */
export function Snippet({ label = t("dev.code"), text }: { readonly label?: string; readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div class="snippet">
      <Scroll label={label}>
        <pre dir="ltr">{text}</pre>
      </Scroll>
      <button type="button" class="button-text" onClick={() => start(copy())}>
        {t(isCopied ? "live.copied" : "live.copy")}
      </button>
    </div>
  );
}
