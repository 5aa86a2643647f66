import { useState } from "preact/hooks";
import type { Json } from "../../../../src/core/json.ts";
import { serverNow } from "../../connection.ts";
import { Drawing } from "../../content/drawing.tsx";
import { numberText, t, timeText } from "../../i18n.ts";
import { Icon } from "../../parts/icons.tsx";
import { start } from "../../trouble.ts";
import type { WidgetProps } from "../draft.ts";
import { WrittenField } from "../written-field.tsx";
import { preparePhoto } from "./photo.ts";
import {
  needsOf,
  type ReportDraft,
  reportCharactersMax,
  reportOf,
  type Sighting,
  sightingsMax,
} from "./report-draft.ts";
import { type PlaceProblem, sightingNow } from "./sighting.ts";

/** A report from where something is: words, a photo, and where and when. */
export function Report({ schema, parameters, draft, onChange, question }: WidgetProps) {
  const report = reportOf(draft);
  const needs = needsOf(parameters);
  const change = (to: Partial<ReportDraft>): void => {
    const next = { ...report, ...to };
    const isEmpty = next.text === "" && next.photo === null && next.track.length === 0;
    onChange(isEmpty ? undefined : (next as unknown as Json));
  };
  return (
    <fieldset class="report">
      <legend class="hidden">{question}</legend>
      {needs.photo !== null && <PhotoField report={report} isNeeded={needs.isPhotoNeeded} onChange={change} />}
      {needs.track !== null && <PlaceField report={report} isNeeded={needs.isTrackNeeded} onChange={change} />}
      <WrittenField
        label={t("report.text")}
        isLabelShown
        value={report.text}
        charactersMax={Math.min(schema.charactersMax ?? 2_000, reportCharactersMax)}
        onWrite={(text) => change({ text })}
      />
      <p class="faint">{t("report.public")}</p>
    </fieldset>
  );
}

interface FieldProps {
  readonly report: ReportDraft;
  readonly isNeeded: boolean;
  readonly onChange: (to: Partial<ReportDraft>) => void;
}

const Needed = ({ isNeeded }: { readonly isNeeded: boolean }) => (
  <span class="faint">{t(isNeeded ? "report.needed" : "report.optional")}</span>
);

function PhotoField({ report, isNeeded, onChange }: FieldProps) {
  const [isBusy, setBusy] = useState(false);
  const [isBroken, setBroken] = useState(false);
  const take = async (file: File): Promise<void> => {
    setBusy(true);
    const photo = await preparePhoto(file);
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
          <button type="button" class="button-text" onClick={() => onChange({ photo: null, digest: null })}>
            {t("marks.remove")}
          </button>
        )}
      </div>
      <p class={isBroken ? "wrong" : "faint"} role="status">
        {isBusy ? t("common.loading") : t(isBroken ? "report.photoBroken" : "report.photoText")}
      </p>
    </div>
  );
}

function PlaceField({ report, isNeeded, onChange }: FieldProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PlaceProblem | null>(null);
  const { track } = report;
  const look = async (): Promise<void> => {
    setBusy(true);
    const found = await sightingNow();
    setBusy(false);
    setProblem(typeof found === "string" ? found : null);
    if (typeof found === "string") return;
    onChange({ track: [...track, found].slice(-sightingsMax), takenAtMs: found.timeMs });
  };
  return (
    <div class="report-part">
      <ol class="report-places">
        {track.map((sighting, i) => (
          <li key={sighting.timeMs} class="report-row">
            <span>
              <bdi>{placeText(sighting)}</bdi> <span class="faint">{timeText(sighting.timeMs)}</span>
            </span>
            <button
              type="button"
              class="button-icon"
              aria-label={t("search.remove", { name: placeText(sighting) })}
              onClick={() => onChange({ track: track.filter((_, at) => at !== i) })}
            >
              <Icon name="cross" />
            </button>
          </li>
        ))}
      </ol>
      <div class="report-row">
        <button type="button" class="button" disabled={isBusy} onClick={() => start(look())}>
          <Icon name="place" />
          {t(track.length === 0 ? "report.locate" : "report.locateAgain")}
        </button>
        {track.length === 0 && <Needed isNeeded={isNeeded} />}
      </div>
      {(isBusy || problem !== null) && (
        <p class={problem === null ? "faint" : "wrong"} role="status">
          {isBusy ? t("report.locating") : problem !== null && t(`report.${problem}`)}
        </p>
      )}
    </div>
  );
}

/** Degrees to some decimetres, and how far the device may be off. */
function placeText({ latitudeE7, longitudeE7, accuracyMm }: Sighting): string {
  const [latitude, longitude] = [latitudeE7 / 1e7, longitudeE7 / 1e7].map((degrees) => numberText(degrees, 5));
  return `${latitude}°, ${longitude}° ± ${numberText(Math.ceil(accuracyMm / 1_000))} m`;
}
