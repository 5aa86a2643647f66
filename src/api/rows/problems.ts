import type { BadRow, RowGroup } from "../../contract/problems.ts";
import { type EarnestError, earnestError } from "../../core/errors.ts";

const firstMax = 10;
const groupsMax = 100;
const textMax = 2_000;
/** All bad rows together: the answer that lists them has to stay readable. */
const textsMax = 262_144;

/** Collects what is wrong with an import's rows: every row counts, the first ones are kept. Memory stays bounded. */
export class RowProblems {
  readonly #badRowsMax: number;
  readonly #groups = new Map<string, { rows: number; first: number[] }>();
  readonly #badRows: BadRow[] = [];
  #texts = 0;
  #rows = 0;
  #first: { readonly row: number; readonly problem: string } | null = null;

  constructor(badRowsMax: number) {
    this.#badRowsMax = badRowsMax;
  }

  get any(): boolean {
    return this.#rows > 0;
  }

  add(row: number, problem: string, text: string): void {
    this.#rows++;
    this.#first ??= { row, problem };
    const name = this.#groups.has(problem) || this.#groups.size < groupsMax ? problem : "other problems";
    const group = this.#groups.get(name) ?? { rows: 0, first: [] };
    group.rows++;
    if (group.first.length < firstMax) group.first.push(row);
    this.#groups.set(name, group);
    if (this.#badRows.length >= this.#badRowsMax || this.#texts >= textsMax) return;
    const kept = text.slice(0, textMax);
    this.#texts += kept.length;
    this.#badRows.push({ row, problem, text: kept });
  }

  toError(): EarnestError {
    const groups: RowGroup[] = [...this.#groups].map(([problem, group]) => ({ problem, ...group }));
    return earnestError("MALFORMED_ROWS", {
      rows: this.#rows,
      firstRow: this.#first?.row ?? 0,
      problem: this.#first?.problem ?? "",
      groups: groups.sort((a, b) => b.rows - a.rows),
      badRows: this.#badRows,
    });
  }
}
