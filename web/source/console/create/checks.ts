import type { Composition } from "../../../../src/verification/algebra/composition.ts";
import { partsOf } from "../../../../src/verification/algebra/units.ts";
import type { AgreeParameters } from "../../../../src/verification/primitives/agree.ts";
import type { MatchParameters } from "../../../../src/verification/primitives/match.ts";
import type { WitnessParameters } from "../../../../src/verification/primitives/witness.ts";
import { distanceText, numberText, t } from "../../i18n.ts";
import { percent, spanText } from "../units.ts";

/** What a composition looks at, in words and in its order. What it does not do is not said. */
export function checksOf(node: Composition): readonly string[] {
  const inner = partsOf(node).flatMap(checksOf);
  if ("escalate" in node) return [...inner, t("check.review", { time: spanText(node.escalate.windowMs) })];
  if ("holdback" in node) {
    const { sharePpm, until } = node.holdback;
    const share = percent(sharePpm / 1e6);
    return until.type === "delay" ? [...inner, t("check.holdback", { share, time: spanText(until.delayMs) })] : inner;
  }
  return [...new Set([...inner, ...ownChecksOf(node)])];
}

function ownChecksOf(node: Composition): readonly string[] {
  if ("attest" in node) {
    const { acceptedMax } = node.attest;
    return acceptedMax === null || acceptedMax >= capTold
      ? [t("check.attest")]
      : [t("check.attest"), t("check.cap", { count: numberText(acceptedMax) })];
  }
  if ("match" in node) return matchOf(node.match);
  if ("agree" in node) return agreeOf(node.agree);
  if ("witness" in node) return witnessOf(node.witness);
  if ("meter" in node) return [t(node.meter.type === "fresh" ? "check.fresh" : "check.covered")];
  return [];
}

/** A cap that nobody reaches says nothing. */
const capTold = 1_000_000;

function matchOf(match: MatchParameters): readonly string[] {
  if (match.type === "control") return [t("check.control")];
  if (match.type === "controlRate") {
    return [
      t("check.controlRate", { share: percent(match.accuracyPpmMin / 1e6), count: numberText(match.answeredMin) }),
    ];
  }
  return match.type === "digest" ? [t("check.source")] : [];
}

function agreeOf(agree: AgreeParameters): readonly string[] {
  switch (agree.type) {
    case "label":
    case "score":
    case "share":
    case "groups":
      return [t(`check.${agree.type}`)];
    case "unchallenged":
      return [t("check.unchallenged", { time: spanText(agree.windowMs) })];
    case "panel":
      return [t("check.panel", { seats: numberText(agree.seats) })];
    default:
      return [];
  }
}

const mmPerSecondOfKmPerHour = 1_000_000 / 3_600;

function witnessOf(witness: WitnessParameters): readonly string[] {
  switch (witness.type) {
    case "daytime":
      return [t("check.daytime", { from: hourText(witness.fromMinute), to: hourText(witness.toMinute) })];
    case "track": {
      const speed = numberText(witness.speedMmPerSecondMax / mmPerSecondOfKmPerHour);
      return [t("check.track", { distance: distanceText(witness.distanceMmMax), speed })];
    }
    case "picture":
    case "radio":
      return [t(`check.${witness.type}`)];
    case "cap":
      return [t("check.cell", { count: numberText(witness.cellAcceptedMax) })];
    default:
      return [];
  }
}

const hourText = (minute: number): string => `${Math.floor(minute / 60)}:${`${minute % 60}`.padStart(2, "0")}`;
