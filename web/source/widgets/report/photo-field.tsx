import { useState } from "preact/hooks";
import { serverNow } from "../../connection.ts";
import { Drawing } from "../../content/drawing.tsx";
import { t } from "../../i18n.ts";
import { Icon } from "../../parts/icons.tsx";
import { start } from "../../trouble.ts";
import { Needed } from "./needed.tsx";
import type { Photo } from "./photo.ts";
import type { ReportDraft } from "./report-draft.ts";

interface PhotoFieldProps {
  readonly report: ReportDraft;
  readonly isNeeded: boolean;
  /** What is said of what is sent. */
  readonly text: string;
  /** Makes of a file what is sent of it; null where it cannot be read. */
  readonly prepare: (file: File) => Promise<Photo | null>;
  readonly onChange: (to: Partial<ReportDraft>) => void;
}

/** Takes a photo, or has one chosen. */
export function PhotoField({ report, isNeeded, text, prepare, onChange }: PhotoFieldProps) {
  const [isBusy, setBusy] = useState(false);
  const [isBroken, setBroken] = useState(false);
  const take = async (file: File): Promise<void> => {
    setBusy(true);
    const photo = await prepare(file).catch(() => null);
    setBusy(false);
    setBroken(photo === null);
    if (photo !== null) onChange({ photo: photo.address, digest: photo.digest, takenAtMs: serverNow() });
  };
  return (
    <div class="report-part">
      {report.photo !== null && (
        <Drawing part={{ type: "image", label: "", image: report.photo, alt: t("report.photo") }} />
      )}
      <div class="report-row">
        <label class="button report-camera">
          <Icon name="camera" />
          {t(report.photo === null ? "report.take" : "report.takeAgain")}
          <input
            type="file"
            accept="image/*"
            capture="environment"
            disabled={isBusy}
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              currentTarget.value = "";
              if (file !== undefined) start(take(file));
            }}
          />
        </label>
        {report.photo === null ? (
          <Needed isNeeded={isNeeded} />
        ) : (
          <button
            type="button"
            class="button-icon"
            aria-label={t("marks.remove")}
            onClick={() => onChange({ photo: null, digest: null })}
          >
            <Icon name="cross" />
          </button>
        )}
      </div>
      <p class={isBroken ? "wrong" : "faint"} role="status">
        {isBusy ? t("common.loading") : isBroken ? t("report.photoBroken") : text}
      </p>
    </div>
  );
}
