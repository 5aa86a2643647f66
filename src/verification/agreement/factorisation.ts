/** What a rater says of an item. */
export interface Rating {
  readonly rater: number;
  readonly item: number;
  /** From 0, bad, to a million, good. */
  readonly valuePpm: number;
}

export interface FactorisationRule {
  readonly ratingsMinOfItem: number;
  readonly ratingsMinOfRater: number;
  /** How strongly intercepts and factors are drawn to 0, in parts per million. */
  readonly interceptPpm: number;
  readonly factorPpm: number;
}

/** As Community Notes publishes them. */
export const defaultFactorisationRule: FactorisationRule = {
  ratingsMinOfItem: 5,
  ratingsMinOfRater: 10,
  interceptPpm: 150_000,
  factorPpm: 30_000,
};

/** Parts per million; null for those with too few ratings. */
export interface Place {
  readonly interceptPpm: number;
  /** Where it stands on the one line that divides the raters most. */
  readonly factorPpm: number;
}

export interface Factorisation {
  readonly items: readonly (Place | null)[];
  readonly raters: readonly (Place | null)[];
  /** Raters that took part. */
  readonly ratersHeard: number;
}

const rounds = 100;

/** Intercept and factor of raters or items, and whom each rated or was rated by. */
interface Side {
  readonly intercept: Float64Array;
  readonly factor: Float64Array;
  readonly ratings: readonly (readonly RatingOf[])[];
  readonly interceptWeight: number;
  readonly factorWeight: number;
}

interface RatingOf {
  readonly other: number;
  readonly value: number;
}

/**
 * The model of Community Notes (Wojcik and others, "Birdwatch", 2022): a rating is μ + the rater's intercept + the
 * item's intercept + rater's factor × item's factor. What one camp likes and the other does not goes into the factors;
 * what remains in an item's intercept is what both like. The mean squared error, plus λ times the mean square of each
 * sort of parameter, is made least by solving for raters, items and μ in turn, 100 rounds from a fixed start: the item
 * that divides most, whose raters' factors are their distance from its mean. Same numbers for any order of ratings; a
 * second rating of an item by the same rater is refused by whoever calls.
 */
export function factorise(
  raters: number,
  items: number,
  ratings: readonly Rating[],
  rule: FactorisationRule = defaultFactorisationRule,
): Factorisation {
  const heard = enoughRated(raters, items, inOrder(ratings), rule);
  const [rater, item] = [sideOf(raters, heard, "rater", "item", rule), sideOf(items, heard, "item", "rater", rule)];
  startFrom(mostDividing(item), item, rater);
  let mean = 0;
  for (let round = 0; round < rounds; round++) {
    mean = meanOf(heard, rater, item, rule);
    solve(item, rater, mean);
    solve(rater, item, mean);
  }
  return { items: placesOf(item), raters: placesOf(rater), ratersHeard: rater.ratings.filter(isHeard).length };
}

const isHeard = (ratings: readonly unknown[]): boolean => ratings.length > 0;

const inOrder = (ratings: readonly Rating[]): Rating[] =>
  ratings.toSorted((a, b) => a.item - b.item || a.rater - b.rater || a.valuePpm - b.valuePpm);

/** Leaves out items and raters with too few ratings until all have enough: it does not matter which go first. */
function enoughRated(raters: number, items: number, ratings: Rating[], rule: FactorisationRule): Rating[] {
  const [ofRater, ofItem] = [new Uint32Array(raters), new Uint32Array(items)];
  for (const { rater, item } of ratings) {
    ofRater[rater] = (ofRater[rater] as number) + 1;
    ofItem[item] = (ofItem[item] as number) + 1;
  }
  const left = ratings.filter(
    ({ rater, item }) =>
      (ofRater[rater] as number) >= rule.ratingsMinOfRater && (ofItem[item] as number) >= rule.ratingsMinOfItem,
  );
  return left.length === ratings.length ? left : enoughRated(raters, items, left, rule);
}

function sideOf(
  size: number,
  ratings: readonly Rating[],
  mine: "rater" | "item",
  theirs: "rater" | "item",
  rule: FactorisationRule,
): Side {
  const lists = Array.from({ length: size }, (): RatingOf[] => []);
  for (const rating of ratings) lists[rating[mine]]?.push({ other: rating[theirs], value: rating.valuePpm / 1e6 });
  const perPlace = ratings.length / Math.max(lists.filter(isHeard).length, 1);
  return {
    intercept: new Float64Array(size),
    factor: new Float64Array(size),
    ratings: lists,
    interceptWeight: (perPlace * rule.interceptPpm) / 1e6,
    factorWeight: (perPlace * rule.factorPpm) / 1e6,
  };
}

/** The item whose ratings differ most from their mean, all together; of equals the first. */
function mostDividing({ ratings }: Side): number {
  let best = 0;
  let most = -1;
  for (const [item, list] of ratings.entries()) {
    const mean = list.reduce((sum, { value }) => sum + value, 0) / Math.max(list.length, 1);
    const divided = list.reduce((sum, { value }) => sum + (value - mean) * (value - mean), 0);
    if (divided <= most) continue;
    most = divided;
    best = item;
  }
  return best;
}

function startFrom(dividing: number, item: Side, rater: Side): void {
  const list = item.ratings[dividing] ?? [];
  const mean = list.reduce((sum, { value }) => sum + value, 0) / Math.max(list.length, 1);
  for (const { other, value } of list) rater.factor[other] = value - mean;
}

function meanOf(ratings: readonly Rating[], rater: Side, item: Side, rule: FactorisationRule): number {
  let sum = 0;
  for (const { rater: r, item: i, valuePpm } of ratings) {
    const product = (rater.factor[r] as number) * (item.factor[i] as number);
    sum += valuePpm / 1e6 - (rater.intercept[r] as number) - (item.intercept[i] as number) - product;
  }
  return sum / Math.max(ratings.length * (1 + rule.interceptPpm / 1e6), 1);
}

/** The best intercepts and factors of one side while the other stands: two linear equations each. */
function solve(side: Side, other: Side, mean: number): void {
  for (const [at, list] of side.ratings.entries()) {
    if (list.length === 0) continue;
    let [factors, squares, values, products] = [0, 0, 0, 0];
    for (const { other: each, value } of list) {
      const factor = other.factor[each] as number;
      const rest = value - mean - (other.intercept[each] as number);
      factors += factor;
      squares += factor * factor;
      values += rest;
      products += rest * factor;
    }
    const [a, d] = [list.length + side.interceptWeight, squares + side.factorWeight];
    const determinant = a * d - factors * factors;
    side.intercept[at] = (values * d - products * factors) / determinant;
    side.factor[at] = (products * a - values * factors) / determinant;
  }
}

const placesOf = ({ ratings, intercept, factor }: Side): (Place | null)[] =>
  ratings.map((list, at) =>
    list.length === 0 ? null : { interceptPpm: inPpm(intercept[at] as number), factorPpm: inPpm(factor[at] as number) },
  );

const inPpm = (value: number): number => Math.round(1e6 * value) || 0;
