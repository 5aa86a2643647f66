/**
 * What a rule can do that knows every truth, but not who attacks: contributors are taken from the one who is farthest
 * above chance on, each with all right answers. A point for each of them.
 */
export interface Point {
  /** Of all pay, that of attackers. */
  readonly pay: number;
  /** Of correct honest answers, those without pay. */
  readonly unpaid: number;
}

export interface Ranked {
  readonly right: number;
  readonly aboveChance: number;
  readonly isAttacker: boolean;
}

export function frontierOf(contributors: readonly Ranked[]): readonly Point[] {
  const ranked = contributors.toSorted((a, b) => b.aboveChance - a.aboveChance);
  const all = ranked.reduce((sum, { right, isAttacker }) => sum + (isAttacker ? 0 : right), 0);
  const points: Point[] = [{ pay: 0, unpaid: 1 }];
  let honest = 0;
  let attackers = 0;
  for (const { right, isAttacker } of ranked) {
    if (isAttacker) attackers += right;
    else honest += right;
    points.push({ pay: attackers / Math.max(honest + attackers, 1), unpaid: 1 - honest / Math.max(all, 1) });
  }
  return points;
}

/** From cents to thousands: how much pay to attackers a share unpaid may be worth. */
const prices = Array.from({ length: 161 }, (_, i) => 2 ** ((i - 80) / 8));

/**
 * The least share unpaid, in the mean of crowds, where attackers get at most so much in the mean, however that is shared out
 * among the crowds: Lagrange's bound, which nothing lies below.
 */
export const leastUnpaid = (crowds: readonly (readonly Point[])[], payMax: number): number =>
  Math.max(0, ...prices.map((price) => meanLeast(crowds, ({ pay, unpaid }) => unpaid + price * (pay - payMax))));

/** The least share of pay that attackers get where so much is unpaid at most, likewise. */
export const leastPay = (crowds: readonly (readonly Point[])[], unpaidMax: number): number =>
  Math.max(0, ...prices.map((price) => meanLeast(crowds, ({ pay, unpaid }) => pay + price * (unpaid - unpaidMax))));

const meanLeast = (crowds: readonly (readonly Point[])[], cost: (point: Point) => number): number =>
  crowds.reduce((sum, points) => sum + points.reduce((least, each) => Math.min(least, cost(each)), Infinity), 0) /
  Math.max(crowds.length, 1);
