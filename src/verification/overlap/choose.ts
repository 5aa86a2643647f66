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
/** The first answer to a task goes to nobody who has been asked more often than the least asked so many times over. */
export const firstRatioMax = 4;
/** And so many answers on top: by then somebody who was never asked is known a little. */
export const firstAnswersMax = 10;

/**
 * Who should answer next, as a place in `candidates`: whoever tells most about this task. For the first answer to a task
 * only among those who have not been asked far more often than others: so all earn, and all become known. Every
 * `fairEvery`-th question goes to whoever has been asked least. Ties go to whoever has been asked less, then to the first.
 *
 * @param turn counts the questions of the market
 */
export function chooseContributor(
  model: MarketModel,
  votes: readonly CastVote[],
  candidates: readonly Candidate[],
  turn: number,
): number {
  const telling = turn % fairEvery === 0 ? () => 0 : tellingOf(model, votes);
  const askedMax = votes.length === 0 ? firstRatioMax * leastAsked(candidates) + firstAnswersMax : Infinity;
  let best = 0;
  let most = -Infinity;
  for (const [place, each] of candidates.entries()) {
    if (each.answered > askedMax) continue;
    const tells = telling(each.contributor);
    const isLessAsked = each.answered < (candidates[best] as Candidate).answered;
    if (tells > most || (tells === most && isLessAsked)) {
      best = place;
      most = tells;
    }
  }
  return best;
}

const leastAsked = (candidates: readonly Candidate[]): number =>
  candidates.reduce((least, { answered }) => Math.min(least, answered), Infinity);

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
