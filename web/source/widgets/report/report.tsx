import { useRef, useState } from "preact/hooks";
import type { Json } from "../../../../src/core/json.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { Icon } from "../../parts/icons.tsx";
import { start } from "../../trouble.ts";
import type { WidgetProps } from "../draft.ts";
import { WrittenField } from "../written-field.tsx";
import { Needed } from "./needed.tsx";
import { preparePhoto } from "./photo.ts";
import { PhotoField } from "./photo-field.tsx";
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
  // Places and photos take a while: what was written meanwhile must not be lost.
  const latest = useRef(report);
  latest.current = report;
  const change = (to: Partial<ReportDraft>): void => {
    const next = { ...latest.current, ...to };
    latest.current = next;
    const isEmpty = next.text === "" && next.photo === null && next.track.length === 0;
    onChange(isEmpty ? undefined : (next as unknown as Json));
  };
  return (
    <fieldset class="report">
      <legend class="hidden">{question}</legend>
      {needs.photo !== null && (
        <PhotoField
          report={report}
          isNeeded={needs.isPhotoNeeded}
          text={t("report.photoText")}
          prepare={preparePhoto}
          onChange={change}
        />
      )}
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
