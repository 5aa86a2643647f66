import { type AnswerWindow, type Lessons, lessonsOf } from "./answer-window.ts";
import { calibrate } from "./calibrate.ts";
import { fitCoins } from "./fit-coins.ts";
import { type FittedContributors, fitMatrices } from "./fit-matrices.ts";
import {
  effectiveAccuracy,
  formOf,
  type MarketModel,
  newcomerAccuracy,
  newcomerModel,
  surpriseOf,
} from "./market-model.ts";

/** Fewer answers that can be compared with anything teach nothing. */
const lessonsMin = 30;
/** The latest control tasks calibrate: what older ones said is no longer what the model says. */
const casesMax = 256;

/** Learns a market's model from its answers: the same to the bit whatever order they come in. */
export function fitMarketModel(window: AnswerWindow): MarketModel {
  const { classes } = window;
  if (classes < 2) return newcomerModel(classes);
  const lessons = lessonsOf(window);
  if (lessons.answers.codes.length < lessonsMin) return newcomerModel(classes);
  const fitted = formOf(classes) === "matrix" ? fitMatrices(lessons) : fitCoins(lessons);
  const { discount, floor } = calibrate(casesOf(lessons, fitted), classes);
  return {
    classes,
    form: formOf(classes),
    prior: Int32Array.from(fitted.prior, surpriseOf),
    newcomer: fitted.newcomer,
    rows: new Map([...lessons.contributors].map((contributor, w) => [contributor, fitted.rowOf(w)])),
    discountPpm: Math.round(discount * 1_000_000),
    floorPpm: Math.round(floor * 1_000_000),
    typicalPpm: Math.round(1_000_000 * effectiveAccuracy(typicalAccuracy(lessons, fitted), discount, classes)),
  };
}

function casesOf({ controls, answers }: Lessons, { caseOf }: FittedContributors) {
  const known = [...(controls ?? []).keys()].filter(
    (t) => (controls?.[t] ?? -1) >= 0 && (controls?.[t] as number) < answers.classes,
  );
  return known.slice(-casesMax).map((t) => caseOf(t, controls?.[t] as number));
}

/**
 * Three quarters of the answers come from contributors who are less often right. Those who are asked next are better than
 * the average: they are chosen.
 */
const typicalRank = 0.75;

function typicalAccuracy({ answers }: Lessons, { accuracyOf }: FittedContributors): number {
  const answeredBy = new Int32Array(answers.contributors);
  for (let i = 0; i < answers.codes.length; i++) {
    const by = Math.floor((answers.codes[i] as number) / answers.classes);
    answeredBy[by] = (answeredBy[by] as number) + 1;
  }
  const ranked = Array.from(answeredBy, (each, w) => ({ accuracy: accuracyOf(w), answers: each }));
  ranked.sort((a, b) => a.accuracy - b.accuracy);
  let below = 0;
  for (const each of ranked) {
    below += each.answers;
    if (below >= typicalRank * answers.codes.length) return each.accuracy;
  }
  return newcomerAccuracy;
}
