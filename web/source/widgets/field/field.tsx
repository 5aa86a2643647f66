import { useEffect, useRef, useState } from "preact/hooks";
import type { Task } from "../../../../src/contract/tasks.ts";
import type { Offer } from "../../../../src/contract/work.ts";
import type { Json } from "../../../../src/core/json.ts";
import { distanceMm } from "../../../../src/verification/places/distance.ts";
import type { Place } from "../../../../src/verification/primitives/evidence.ts";
import { serverNow } from "../../connection.ts";
import { distanceText, numberText, t } from "../../i18n.ts";
import { Icon } from "../../parts/icons.tsx";
import { reasonText } from "../../parts/verdict.tsx";
import { start } from "../../trouble.ts";
import type { Draft } from "../draft.ts";
import { PhotoField } from "../report/photo-field.tsx";
import { type ReportDraft, reportOf, type Sighting } from "../report/report-draft.ts";
import { type PlaceProblem, sightingNow } from "../report/sighting.ts";
import { fieldProblem } from "./field-check.ts";
import { isFieldWhole, sightingsWanted, waySightingsMax } from "./field-draft.ts";
import { prepareFieldPhoto } from "./field-photo.ts";
import type { FieldNeeds } from "./needs.ts";

export interface FieldProps {
  readonly needs: FieldNeeds;
  readonly offer: Offer;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

/** What a task in the world asks for beside its answer: to be there, and to show it. */
export function Field({ needs, offer, draft, onChange }: FieldProps) {
  // Places and photos take a while: what came meanwhile must not be lost.
  const latest = useRef(draft);
  latest.current = draft;
  const change = (to: Partial<ReportDraft>): void => {
    latest.current = { ...reportOf(latest.current), ...to } as unknown as Json;
    onChange(latest.current);
  };
  if (needs.isForDevices) return <p class="notice">{t("field.devices")}</p>;
  const report = reportOf(draft);
  const place = offer.task.terms.known?.place ?? null;
  return (
    <section class="field-work report" aria-label={t("field.title")}>
      {place !== null && <Where place={place} track={report.track} />}
      {offer.code !== null && (
        <p>
          {t(needs.picture === null ? "field.code" : "field.codeShown")}{" "}
          <strong class="field-code">{offer.code}</strong>
        </p>
      )}
      {needs.track !== null && (
        <Track needs={needs} trackOf={() => reportOf(latest.current).track} track={report.track} onChange={change} />
      )}
      {needs.picture !== null && (
        <PhotoField
          report={report}
          isNeeded
          text={t("field.photoText")}
          prepare={(file) => prepareFieldPhoto(file, serverNow() - Date.now())}
          onChange={change}
        />
      )}
      {isFieldWhole(needs, draft) && <Problem needs={needs} offer={offer} draft={draft} />}
    </section>
  );
}

function Where({ place, track }: { readonly place: Place; readonly track: readonly Sighting[] }) {
  const last = track.at(-1);
  const [latitude, longitude] = [place.latitudeE7 / 1e7, place.longitudeE7 / 1e7];
  return (
    <div class="field-place">
      <Icon name="place" />
      <p>
        <bdi>{placeText(place)}</bdi>
        {last !== undefined && (
          <span class="faint"> {t("find.away", { distance: distanceText(distanceMm(last, place)) })}</span>
        )}
      </p>
      <a class="button-text" href={`geo:${latitude},${longitude}?q=${latitude},${longitude}`}>
        {t("field.map")}
      </a>
    </div>
  );
}

interface TrackProps {
  readonly needs: FieldNeeds;
  readonly track: readonly Sighting[];
  readonly trackOf: () => readonly Sighting[];
  readonly onChange: (to: Partial<ReportDraft>) => void;
}

/** Some seconds apart, so that they are more than a chance of the receiver. */
const apartMs = 2_000;
const wayApartMs = 5_000;

/** Says where somebody is as often as the market asks, or all the way until they stop. */
function Track({ needs, track, trackOf, onChange }: TrackProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PlaceProblem | null>(null);
  const isStopped = useRef(false);
  useEffect(
    () => () => {
      isStopped.current = true;
    },
    [],
  );
  const wanted = sightingsWanted(needs);
  const take = async (): Promise<void> => {
    isStopped.current = false;
    setBusy(true);
    setProblem(null);
    const enough = needs.isWay ? waySightingsMax : Math.max(wanted, trackOf().length + 1);
    while (!isStopped.current && trackOf().length < enough) {
      const found = await sightingNow();
      if (isStopped.current) break;
      if (typeof found === "string") {
        setProblem(found);
        break;
      }
      onChange({ track: [...trackOf(), found].slice(-waySightingsMax), takenAtMs: found.timeMs });
      if (trackOf().length < enough) await pause(needs.isWay ? wayApartMs : apartMs);
    }
    setBusy(false);
  };
  const last = track.at(-1);
  return (
    <div class="report-part">
      <div class="report-row">
        {isBusy && needs.isWay ? (
          <button
            type="button"
            class="button"
            onClick={() => {
              isStopped.current = true;
              setBusy(false);
            }}
          >
            {t("field.stop")}
          </button>
        ) : (
          <button type="button" class="button" disabled={isBusy} onClick={() => start(take())}>
            <Icon name="place" />
            {t(needs.isWay ? "field.record" : track.length === 0 ? "report.locate" : "report.locateAgain")}
          </button>
        )}
        {track.length > 0 && !isBusy && (
          <button
            type="button"
            class="button-icon"
            aria-label={t("marks.remove")}
            onClick={() => onChange({ track: [] })}
          >
            <Icon name="cross" />
          </button>
        )}
      </div>
      <p class={problem === null ? "faint" : "wrong"} role="status">
        {problem !== null ? t(`report.${problem}`) : t("field.sightings", { count: track.length, wanted })}
        {problem === null && isBusy && ` ${t("report.locating")}`}
      </p>
      {last !== undefined && (
        <p class="faint">
          <bdi>{placeText(last)}</bdi> ± {numberText(Math.ceil(last.accuracyMm / 1_000))} m
        </p>
      )}
    </div>
  );
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** By the very rules that will judge it, before it is sent. */
function Problem({ needs, offer, draft }: Pick<FieldProps, "needs" | "offer" | "draft">) {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setProblem(fieldProblem(needs, draft, fieldTaskOf(offer)));
  }, [draft]);
  if (problem === null) return null;
  return (
    <p class="warning" role="status">
      {t("field.problem")} {reasonText(problem)}
    </p>
  );
}

function fieldTaskOf({ expiresAtMs, task }: { readonly expiresAtMs: number; readonly task: Task }) {
  const { known, leaseSeconds } = task.terms;
  return {
    place: known?.place ?? null,
    nowMs: serverNow(),
    window: known?.window ?? { startMs: expiresAtMs - leaseSeconds * 1_000, endMs: expiresAtMs },
  };
}

/** Degrees to some decimetres. */
function placeText({ latitudeE7, longitudeE7 }: Place): string {
  const [latitude, longitude] = [latitudeE7 / 1e7, longitudeE7 / 1e7].map((degrees) => numberText(degrees, 5));
  return `${latitude}°, ${longitude}°`;
}
