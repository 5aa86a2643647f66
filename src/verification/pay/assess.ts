import { earnestError } from "../../core/errors.ts";
import { countAnswers } from "../inference/expectation.ts";
import { startTables } from "../inference/fit.ts";
import { type Copies, findCopies } from "./copies.ts";
import { type Evidence, gatherEvidence } from "./evidence.ts";
import type { PayPolicy } from "./policy.ts";
import { chance, weighPrevalence } from "./prevalence.ts";
import type { Standing } from "./rule.ts";
import { countControls, fitOnce, habitsOf, poolOf } from "./trust.ts";
import type { PayWindow } from "./window.ts";

/** What is adopted: integers only. The last contributor of the window stands for everybody who is not in it. */
export interface Assessment {
  /** Of each contributor. */
  readonly standing: readonly Standing[];
  /** Log-odds of being informative; of a copy −1,000,000. */
  readonly oddsMillinats: Int32Array;
  readonly answers: Int32Array;
  readonly controlAnswers: Int32Array;
}

/** From so many answers to control tasks on, the model starts from those: a ring outvotes, but cannot know them. */
const controlAnswersMin = 30;
const rounds = 3;
const fitsOfRound = 3;
const oddsMax = 1_000;

/**
 * What the answers of a window show of each contributor. In turn, a model of the truth by those who are believed to look,
 * and who looks by that model; to begin with by the control tasks alone. Copies take part in neither.
 *
 * @param window with one contributor more than there are, the last one without answers
 * @throws INVARIANT_MISMATCH where the last contributor has answers, LIMIT_EXCEEDED where tables would get too large
 */
export function assess(window: PayWindow, policy: PayPolicy): Assessment {
  const { answers, controls } = window;
  const copies = findCopies(window);
  const habits = habitsOf(answers);
  const tables = startTables(answers, 1, controls);
  let credit: Float64Array = Float64Array.from(copies.isCopying, (isCopy) => 1 - isCopy);
  const weigh = (onControlsOnly: boolean): Weighed => {
    const pool = poolOf(answers, tables, habits, credit);
    const evidence = gatherEvidence(answers, tables, controls, pool, onControlsOnly);
    const odds = weighPrevalence(evidence.nats, evidence.answers);
    credit = odds.map((each, w) => (copies.isCopying[w] === 1 ? 0 : chance(each)));
    return { evidence, odds };
  };
  if (countControls(answers, tables, controls) >= controlAnswersMin) {
    weigh(true);
    fitOnce(answers, tables, controls, credit, habits);
  } else countAnswers(answers, tables);
  const takeRound = (): Weighed => {
    for (let fit = 0; fit < fitsOfRound; fit++) fitOnce(answers, tables, controls, credit, habits);
    return weigh(false);
  };
  let found = takeRound();
  for (let round = 1; round < rounds; round++) found = takeRound();
  if ((found.evidence.answers.at(-1) ?? 0) > 0) {
    throw earnestError("INVARIANT_MISMATCH", { what: "the last contributor of a window has no answers" });
  }
  return rounded(found, copies, policy);
}

interface Weighed {
  readonly evidence: Evidence;
  readonly odds: Float64Array;
}

function rounded({ evidence, odds }: Weighed, copies: Copies, policy: PayPolicy): Assessment {
  const { answers, controlAnswers } = evidence;
  const oddsMillinats = Int32Array.from(odds, (each, w) =>
    Math.round(1_000 * (copies.isCopying[w] === 1 ? -oddsMax : Math.min(Math.max(each, -oddsMax), oddsMax))),
  );
  const standing = Array.from(oddsMillinats, (each, w): Standing => {
    if (copies.isCopying[w] === 1) return "copying";
    if (each <= policy.uninformativeMillinats) return "uninformative";
    const isChecked = (controlAnswers[w] as number) >= policy.controlsMin && copies.isSuspect[w] === 0;
    return isChecked && each >= policy.provenMillinats ? "proven" : "unproven";
  });
  return {
    standing,
    oddsMillinats,
    answers: Int32Array.from(answers),
    controlAnswers: Int32Array.from(controlAnswers),
  };
}
