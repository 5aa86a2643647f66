import { createReadStream, existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parse } from "csv-parse";
import { earnestError } from "../../core/errors.ts";

/** Recorded answers of a crowd, with what is known of the truth. */
export interface Dataset {
  readonly name: string;
  readonly path: string;
  readonly tasks: readonly RecordedTask[];
  readonly answers: readonly RecordedAnswer[];
  readonly contributors: readonly string[];
  /** All labels that occur, in order. */
  readonly labels: readonly string[];
  /** Rows that repeat a contributor's answer to a task; the first one counts. */
  readonly repeated: number;
}

export interface RecordedTask {
  readonly id: string;
  readonly truth: string | null;
  /** How many contributors answered it. */
  readonly answers: number;
}

export interface RecordedAnswer {
  readonly task: string;
  readonly contributor: string;
  readonly label: string;
}

/**
 * Reads a folder with answers.csv (`task,worker,label` or `task,contributor,label`) and truth.csv (`task,label`).
 *
 * @throws DATASET_NOT_FOUND, MALFORMED_ROWS with the number of the first bad row.
 */
export async function readDataset(path: string): Promise<Dataset> {
  const truth = new Map<string, string>();
  await readRows(path, "truth.csv", [["task"], ["label"]], ([task = "", label = ""]) => truth.set(task, label));
  const answers: RecordedAnswer[] = [];
  const seen = new Set<string>();
  let repeated = 0;
  await readRows(path, "answers.csv", [["task"], ["worker", "contributor"], ["label"]], (row) => {
    const [task = "", contributor = "", label = ""] = row;
    const pair = JSON.stringify([task, contributor]);
    if (seen.has(pair)) repeated++;
    else answers.push({ task, contributor, label });
    seen.add(pair);
  });
  if (answers.length === 0) throw earnestError("DATASET_NOT_FOUND", { path, missing: "answers" });
  const counts = new Map<string, number>();
  for (const { task } of answers) counts.set(task, (counts.get(task) ?? 0) + 1);
  return {
    name: basename(resolve(path)),
    path,
    tasks: [...counts].map(([id, count]) => ({ id, truth: truth.get(id) ?? null, answers: count })),
    answers,
    contributors: [...new Set(answers.map(({ contributor }) => contributor))],
    labels: [...new Set([...answers.map(({ label }) => label), ...truth.values()])].sort(compareLabels),
    repeated,
  };
}

/** Numbers by value, texts by code unit: the same order on every machine. */
function compareLabels(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) || difference === 0 ? (a < b ? -1 : a > b ? 1 : 0) : difference;
}

async function readRows(
  folder: string,
  file: string,
  columns: readonly (readonly string[])[],
  take: (row: readonly string[]) => void,
): Promise<void> {
  const path = join(folder, file);
  if (!existsSync(path)) throw earnestError("DATASET_NOT_FOUND", { path: folder, missing: file });
  const parser = createReadStream(path).pipe(parse({ bom: true, relax_column_count: true, skip_empty_lines: true }));
  let places: number[] | null = null;
  let number = 0;
  for await (const row of parser as AsyncIterable<string[]>) {
    number++;
    if (places === null) {
      places = columns.map((names) => row.findIndex((name) => names.includes(name.trim().toLowerCase())));
      if (places.includes(-1))
        fail(file, number, `the header must name ${columns.map((names) => names.join(" or ")).join(", ")}`);
      continue;
    }
    const values = places.map((place) => row[place]?.trim() ?? "");
    if (values.includes("")) fail(file, number, "a value is missing");
    take(values);
  }
}

function fail(file: string, row: number, problem: string): never {
  throw earnestError("MALFORMED_ROWS", { rows: 1, firstRow: row, problem: `${file}: ${problem}` });
}
