import { bradleyTerry, type Comparison } from "../../verification/agreement/bradley-terry.ts";
import { tie } from "../../verification/answers/pair.ts";
import { asNumber, Interner } from "./interner.ts";
import type { Source } from "./read-records.ts";
import { readRows } from "./read-rows.ts";
import { textOf } from "./row.ts";

/** Comparisons of two items each, with items numbered in the order of their names. */
export interface PairFile {
  readonly items: readonly string[];
  readonly contributors: number;
  readonly comparisons: readonly Comparison[];
  readonly hasTies: boolean;
  /** The value of each item, NaN where it is not known; null without truth. */
  readonly truth: readonly number[] | null;
}

export interface RankedItems {
  readonly strengths: readonly number[];
  readonly errors: readonly number[] | null;
  readonly seconds: number;
  /** Of pairs of items whose true values differ, the share that is in their order; a tie is half of one. */
  readonly accuracy: number | null;
}

/** What a label may be instead of the name of the better item. */
const answerNames: Readonly<Record<string, number>> = { left: 0, right: 1, tie };
/** Thousandths: each comparison counts once. */
const once = 1_000;

/**
 * Rows of contributor, left, right and label: the name of the better item, or left, right or tie.
 *
 * @throws MALFORMED_ROW, MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function readPairs(answers: Source, truth: Source | null): Promise<PairFile> {
  const items = new Interner();
  const contributors = new Interner();
  const rows: Comparison[] = [];
  const columns = [["worker", "contributor"], ["left"], ["right"], ["label"]];
  await readRows(answers, columns, (row) => {
    const [left, right, label] = [textOf(row, 1), textOf(row, 2), textOf(row, 3)];
    if (left === right) return `it compares "${left}" with itself`;
    const answer = label === left ? 0 : label === right ? 1 : answerNames[label];
    if (answer === undefined) return `"${label}" is neither of the two, nor left, right or tie`;
    contributors.intern(row, 0);
    rows.push({ left: items.intern(row, 1), right: items.intern(row, 2), answer, weight: once });
    return null;
  });
  const { texts: inOrder, places } = items.ordered();
  const texts = Array.from({ length: inOrder.length }, (_, place) => inOrder.at(place));
  const at = (item: number): number => places[item] as number;
  return {
    items: texts,
    contributors: contributors.length,
    comparisons: rows.map((row) => ({ ...row, left: at(row.left), right: at(row.right) })),
    hasTies: rows.some(({ answer }) => answer === tie),
    truth: truth === null ? null : await readValues(truth, texts),
  };
}

async function readValues(source: Source, items: readonly string[]): Promise<number[]> {
  const values = new Map<string, number>();
  await readRows(source, [["task", "item"], ["label"]], (row) => {
    const label = textOf(row, 1);
    if (Number.isNaN(asNumber(label))) return `"${label}" is not a number`;
    values.set(textOf(row, 0), asNumber(label));
    return null;
  });
  return items.map((item) => values.get(item) ?? Number.NaN);
}

/** Strengths in thousandths of a nat, by Bradley and Terry's model with ties. */
export function inferPairs({ items, comparisons, hasTies, truth }: PairFile, clock: () => number): RankedItems {
  const start = clock();
  const { strengths, errors } = bradleyTerry(items.length, comparisons, hasTies);
  const seconds = (clock() - start) / 1_000;
  return { strengths, errors, seconds, accuracy: truth === null ? null : accuracyOf(strengths, truth) };
}

function accuracyOf(strengths: readonly number[], truth: readonly number[]): number | null {
  let pairs = 0;
  let right = 0;
  for (let a = 0; a < truth.length; a++) {
    for (let b = 0; b < a; b++) {
      const apart = (truth[a] as number) - (truth[b] as number);
      if (apart === 0 || Number.isNaN(apart)) continue;
      const found = (strengths[a] as number) - (strengths[b] as number);
      pairs++;
      right += found === 0 ? 0.5 : Number(found > 0 === apart > 0);
    }
  }
  return pairs === 0 ? null : right / pairs;
}
