import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Answers, createAnswers } from "../../src/verification/inference/answers.ts";

/** Recorded answers of crowds with known truth. They are beside the repository; only rte is inside, as an example. */
const sharedFolder = join(import.meta.dirname, "../../../shared/data/truth");
const ownFolder = join(import.meta.dirname, "../../examples");

export const setNames = "D_Product D_PosSent S_Rel trec rte bluebird dog web MS SP SP_amt labelme".split(" ");

/** Null where the set is not on this machine. */
export function setFolder(name: string): string | null {
  const folders = [join(sharedFolder, name), join(ownFolder, name)];
  return folders.find((folder) => existsSync(join(folder, "answers.csv"))) ?? null;
}

export interface TruthSet {
  readonly answers: Answers;
  readonly truth: Int32Array;
}

const rowsOf = (path: string): string[][] =>
  readFileSync(path, "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(","));

export function readSet(folder: string): TruthSet {
  const rows = rowsOf(join(folder, "answers.csv"));
  const tasks = numbered(rows.map(([task = ""]) => task));
  const contributors = numbered(rows.map(([, contributor = ""]) => contributor));
  const labels = numbered(rows.map(([, , label = ""]) => label));
  const answers = createAnswers({
    tasks: tasks.size,
    contributors: contributors.size,
    classes: labels.size,
    task: rows.map(([task = ""]) => tasks.get(task) as number),
    contributor: rows.map(([, contributor = ""]) => contributors.get(contributor) as number),
    label: rows.map(([, , label = ""]) => labels.get(label) as number),
  });
  const truth = new Int32Array(tasks.size).fill(-1);
  for (const [task = "", label = ""] of rowsOf(join(folder, "truth.csv"))) {
    const index = tasks.get(task);
    if (index !== undefined) truth[index] = labels.get(label) ?? -2;
  }
  return { answers, truth };
}

/** In the order of `earnest infer`: numbers by value. */
function numbered(values: readonly string[]): Map<string, number> {
  const sorted = [...new Set(values)].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
  return new Map(sorted.map((value, index) => [value, index]));
}
