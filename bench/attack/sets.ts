import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Recorded answers with known truth, as they stand: one entry for each answer. */
export interface RecordedSet {
  readonly name: string;
  readonly tasks: number;
  readonly contributors: number;
  readonly classes: number;
  readonly task: Int32Array;
  readonly contributor: Int32Array;
  readonly label: Int32Array;
  /** −1 where it is not known, −2 where nobody gave it. */
  readonly truth: Int32Array;
}

const rowsOf = (path: string): string[][] =>
  readFileSync(path, "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(","));

export function readSet(folder: string, name: string): RecordedSet {
  const seen = new Set<string>();
  const rows = rowsOf(join(folder, name, "answers.csv")).filter(([task, contributor]) => {
    const key = `${task},${contributor}`;
    return !seen.has(key) && seen.add(key);
  });
  const tasks = numbered(rows.map(([task = ""]) => task));
  const contributors = numbered(rows.map(([, contributor = ""]) => contributor));
  const labels = numbered(rows.map(([, , label = ""]) => label));
  const truth = new Int32Array(tasks.size).fill(-1);
  for (const [task = "", label = ""] of rowsOf(join(folder, name, "truth.csv"))) {
    const index = tasks.get(task);
    if (index !== undefined) truth[index] = labels.get(label) ?? -2;
  }
  return {
    name,
    tasks: tasks.size,
    contributors: contributors.size,
    classes: labels.size,
    task: Int32Array.from(rows, ([task = ""]) => tasks.get(task) as number),
    contributor: Int32Array.from(rows, ([, contributor = ""]) => contributors.get(contributor) as number),
    label: Int32Array.from(rows, ([, , label = ""]) => labels.get(label) as number),
    truth,
  };
}

export const hasSet = (folder: string, name: string): boolean => existsSync(join(folder, name, "answers.csv"));

function numbered(values: readonly string[]): Map<string, number> {
  const sorted = [...new Set(values)].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
  return new Map(sorted.map((value, index) => [value, index]));
}
