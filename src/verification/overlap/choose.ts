import { expOfNegative, logOfPositive } from "../inference/fast-real.ts";
import { type MarketModel, rowOf } from "./market-model.ts";
import { type CastVote, classProbabilities } from "./posterior.ts";

/** Somebody who could be asked, and how many answers they have given here. */
export interface Candidate {
  readonly contributor: number;
  readonly answered: number;
}

/** One question in so many goes to whoever has been asked least, whoever they are. */
export const fairEvery = 20;

/**
 * Who should answer next, as a place in `candidates`. The first answer to a task goes to whoever has been asked least,
 * and so does every `fairEvery`-th question: all earn, and all become known. Later answers go to whoever tells most about
 * this task. Ties go to whoever has been asked less, then to the first.
 *
 * @param turn counts the questions of the market
 */
export function chooseContributor(
  model: MarketModel,
  votes: readonly CastVote[],
  candidates: readonly Candidate[],
  turn: number,
): number {
  const isFair = votes.length === 0 || turn % fairEvery === 0;
  const telling = isFair ? () => 0 : tellingOf(model, votes);
  let best = 0;
  let most = -Infinity;
  for (const [place, each] of candidates.entries()) {
    const tells = telling(each.contributor);
    const isLessAsked = each.answered < (candidates[best] as Candidate).answered;
    if (tells > most || (tells === most && isLessAsked)) {
      best = place;
      most = tells;
    }
  }
  return best;
}

/**
 * How many nats an answer of a contributor is expected to take off the uncertainty about a task: where several tasks wait
 * for one contributor, the one with most of it gains most (Lindley, "On a measure of the information provided by an
 * experiment", 1956). In a coin model it is the contributor's log-odds.
 */
export function tellingOf(model: MarketModel, votes: readonly CastVote[]): (contributor: number) => number {
  if (model.form === "coin") {
    return (contributor) => {
      const row = rowOf(model, contributor);
      return ((row[1] as number) - (row[0] as number)) / 1_000;
    };
  }
  const before = classProbabilities(model, votes);
  const uncertain = entropy(before, 1);
  return (contributor) => {
    const likelihoods = likelihoodsOf(rowOf(model, contributor));
    const { classes } = model;
    const joint = new Float64Array(classes);
    let after = 0;
    for (let label = 0; label < classes; label++) {
      let total = 0;
      for (let c = 0; c < classes; c++) {
        joint[c] = (before[c] as number) * (likelihoods[label * classes + c] as number);
        total += joint[c] as number;
      }
      after += entropy(joint, total);
    }
    return uncertain - after;
  };
}

/** Of a distribution that sums to `total`, times `total`. */
function entropy(joint: Float64Array, total: number): number {
  let sum = 0;
  for (const each of joint) if (each > 1e-300) sum -= each * logOfPositive(each / total);
  return sum;
}

const known = new WeakMap<Int32Array, Float64Array>();

function likelihoodsOf(row: Int32Array): Float64Array {
  let likelihoods = known.get(row);
  if (likelihoods === undefined) {
    likelihoods = Float64Array.from(row, (surprise) => expOfNegative(-surprise / 1_000));
    known.set(row, likelihoods);
  }
  return likelihoods;
}
