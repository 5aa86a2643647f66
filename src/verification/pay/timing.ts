import { logOfPositive } from "../inference/fast-real.ts";
import { exp } from "../real.ts";
import type { Pairs } from "./pairs.ts";

/** Pairs who answer a quarter as far apart in the log as is usual, or down to a sixteenth; and closer. */
const timings = 2;
const rounds = 30;
/** With each timing go so many pairs that are as rarely copies as those who answer as far apart as is usual. */
const usualPairs = 2;
/** Among so many times the pairs that are compared, one is a copy. */
const rarity = 10;
const surpriseMax = 30;

/**
 * Log-odds of copying: what their agreement says of a pair, and how common copies are among those who answer as closely
 * after one another. That is learned from the agreement of all of them (empirical Bayes), so nobody is accused for being
 * in step: people who work side by side still differ as often as they err. Copies that wait are found by agreement alone.
 *
 * @param surprises in nats for copying, −Infinity for those who cannot be copies
 * @param commonMin pairs with fewer common tasks do not count
 */
export function weighTiming({ common, apart }: Pairs, surprises: Float64Array, commonMin: number): Float64Array {
  let pairs = 0;
  let distance = 0;
  let answers = 0;
  for (let p = 0; p < common.length; p++) {
    if ((common[p] as number) < commonMin) continue;
    pairs++;
    distance += apart[p] as number;
    answers += common[p] as number;
  }
  const usual = distance / Math.max(answers, 1);
  const rare = 1 / (rarity * (pairs + 1));
  const gains = surprises.map((each) => exp(Math.min(each, surpriseMax)));
  const odds = new Float64Array(common.length);
  const close = Array.from({ length: timings }, (): number[] => []);
  for (let p = 0; p < common.length; p++) {
    odds[p] = (surprises[p] as number) + logOdds(rare);
    if ((common[p] as number) < commonMin) continue;
    const closer = Math.floor((usual * (common[p] as number)) / Math.max(apart[p] as number, 1));
    const group = Math.min((31 - Math.clz32(Math.max(closer, 1))) >> 1, timings);
    if (group > 0) close[group - 1]?.push(p);
  }
  for (const group of close) {
    const rate = copyRate(group, gains, rare);
    const copies = group.reduce((sum, p) => sum + chanceOf(gains[p] as number, rate), usualPairs * rare);
    for (const p of group) {
      const elsewhere = copies - chanceOf(gains[p] as number, rate);
      odds[p] = (surprises[p] as number) + logOdds(elsewhere / (group.length - 1 + usualPairs));
    }
  }
  return odds;
}

/** How common copies are, by expectation-maximisation from how common they are elsewhere. */
function copyRate(members: readonly number[], gains: Float64Array, rare: number): number {
  let rate = rare;
  for (let round = 0; round < rounds; round++) {
    let copies = usualPairs * rare;
    for (const p of members) copies += chanceOf(gains[p] as number, rate);
    rate = copies / (members.length + usualPairs);
  }
  return rate;
}

const chanceOf = (gain: number, rate: number): number => (rate * gain) / (rate * gain + 1 - rate);
const logOdds = (rate: number): number => logOfPositive(rate / (1 - rate));
