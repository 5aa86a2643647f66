import type { BadRow, RowGroup } from "../../contract/problems.ts";
import { WholeFile } from "../files.ts";
import { jsonLine, type Output } from "../output.ts";

const firstMax = 10;
const groupsMax = 100;

/** "tasks.csv" has its bad rows in "tasks.bad.jsonl". */
export const badRowsPath = (file: string): string => `${file.replace(/\.(csv|jsonl|ndjson|json|txt)$/i, "")}.bad.jsonl`;

/** Bad rows as they are found: to a file as they came, in memory by problem. */
export class BadRows {
  rows = 0;
  readonly path: string;
  readonly #groups = new Map<string, { rows: number; first: number[] }>();
  #file: WholeFile | null = null;

  constructor(path: string) {
    this.path = path;
  }

  async add(row: number, problem: string, text: string): Promise<void> {
    this.rows++;
    const name = this.#groups.has(problem) || this.#groups.size < groupsMax ? problem : "other problems";
    const group = this.#groups.get(name) ?? { rows: 0, first: [] };
    group.rows++;
    if (group.first.length < firstMax) group.first.push(row);
    this.#groups.set(name, group);
    this.#file ??= await WholeFile.create(this.path);
    await this.#file.write(jsonLine({ row, problem, text }));
  }

  get groups(): RowGroup[] {
    return [...this.#groups].map(([problem, group]) => ({ problem, ...group })).sort((a, b) => b.rows - a.rows);
  }

  async finish(): Promise<void> {
    await this.#file?.finish();
  }

  async discard(): Promise<void> {
    await this.#file?.discard();
  }
}

export async function writeBadRows(path: string, rows: readonly BadRow[]): Promise<void> {
  const file = await WholeFile.create(path);
  for (const row of rows) await file.write(jsonLine(row));
  await file.finish();
}

export function showGroups(output: Output, groups: readonly RowGroup[]): void {
  output.table(
    ["rows", "problem", "first"],
    groups.map(({ rows, problem, first }) => [
      `${rows}`,
      problem,
      `${first.join(", ")}${rows > first.length ? ", …" : ""}`,
    ]),
  );
}
