import type { PayWindow } from "./window.ts";

/** Contributors two by two: on how many tasks both answered, and how often they said the same. */
export interface Pairs {
  /** The contributors that are compared, ascending; below they are known by their place here. */
  readonly compared: Int32Array;
  /** With each other, i < j, in the order of the window: only pairs that have a task in common. */
  readonly i: Int32Array;
  readonly j: Int32Array;
  readonly common: Int32Array;
  readonly same: Int32Array;
  /** Of the same answers, those that i gave first. */
  readonly first: Int32Array;
  /** How far apart in the log the two answered their common tasks: the sum over those. */
  readonly apart: Float64Array;
  /** How often they would say the same without looking, each with the habits they have. */
  readonly chance: Float64Array;
}

/** Those with the most answers are compared: a bound on memory and time. */
const comparedMax = 512;
/** Of a task, so many answers: a bound on the pairs of a task. */
const answersMax = 64;

export function comparePairs(window: PayWindow, answersMin: number): Pairs {
  const { answers } = window;
  const counts = new Float64Array(answers.contributors * answers.classes);
  for (const code of answers.codes) counts[code] = (counts[code] as number) + 1;
  const given = new Float64Array(answers.contributors);
  counts.forEach((count, code) => {
    const w = Math.floor(code / answers.classes);
    given[w] = (given[w] as number) + count;
  });
  const compared = mostActive(given, answersMin);
  const { cells, ...tables } = tally(window, compared);
  const size = compared.length;
  const i = cells.map((cell) => Math.floor(cell / size));
  const j = cells.map((cell) => cell % size);
  const chance = new Float64Array(cells.length);
  for (let p = 0; p < cells.length; p++) {
    const [a, b] = [compared[i[p] as number] as number, compared[j[p] as number] as number];
    let sum = 0;
    for (let l = 0; l < answers.classes; l++) {
      sum += (counts[a * answers.classes + l] as number) * (counts[b * answers.classes + l] as number);
    }
    chance[p] = sum / (given[a] as number) / (given[b] as number);
  }
  const take = (table: Int32Array): Int32Array => cells.map((cell) => table[cell] as number);
  const apart = Float64Array.from(cells, (cell) => tables.apart[cell] as number);
  const [common, same, first] = [take(tables.common), take(tables.same), take(tables.first)];
  return { compared, i, j, common, same, first, apart, chance };
}

/** Of equals, those with the lower index. */
function mostActive(given: Float64Array, answersMin: number): Int32Array {
  const active = [...given.keys()].filter((w) => (given[w] as number) >= answersMin);
  active.sort((a, b) => (given[b] as number) - (given[a] as number) || a - b);
  return Int32Array.from(active.slice(0, comparedMax)).sort();
}

interface PairTables {
  /** Those of i × compared + j that have a task in common, in the order of the answers. */
  readonly cells: Int32Array;
  readonly common: Int32Array;
  readonly same: Int32Array;
  readonly first: Int32Array;
  readonly apart: Float64Array;
}

function tally({ answers, places }: PayWindow, compared: Int32Array): PairTables {
  const { contributors, classes, offsets, codes } = answers;
  const size = compared.length;
  const rank = new Int32Array(contributors).fill(-1);
  compared.forEach((w, at) => {
    rank[w] = at;
  });
  const common = new Int32Array(size * size);
  const same = new Int32Array(size * size);
  const first = new Int32Array(size * size);
  const apart = new Float64Array(size * size);
  const cells = new Int32Array((size * (size - 1)) / 2);
  let found = 0;
  for (let t = 0; t < answers.tasks; t++) {
    const start = offsets[t] as number;
    const end = Math.min(offsets[t + 1] as number, start + answersMax);
    for (let a = start; a < end; a++) {
      const i = rank[Math.floor((codes[a] as number) / classes)] as number;
      const label = (codes[a] as number) % classes;
      for (let b = a + 1; b < end && i >= 0; b++) {
        const j = rank[Math.floor((codes[b] as number) / classes)] as number;
        // A contributor is never compared with themselves, should one have answered twice.
        if (j <= i) continue;
        const cell = i * size + j;
        if (common[cell] === 0) cells[found++] = cell;
        common[cell] = (common[cell] as number) + 1;
        apart[cell] = (apart[cell] as number) + Math.abs((places[a] as number) - (places[b] as number));
        if ((codes[b] as number) % classes !== label) continue;
        same[cell] = (same[cell] as number) + 1;
        if ((places[a] as number) < (places[b] as number)) first[cell] = (first[cell] as number) + 1;
      }
    }
  }
  return { cells: cells.subarray(0, found), common, same, first, apart };
}
