import type { NewTask } from "../../../../src/contract/tasks.ts";
import { csvText } from "./csv.ts";
import { type RowProblem, readTable, type TableHead, type TableRow } from "./table.ts";
import { type Mapping, TaskMaker } from "./tasks.ts";

/** What a column holds, as far as a requester has to know. */
export interface ColumnFacts {
  readonly filled: number;
  /** Its values where they are few. */
  readonly values: readonly string[] | null;
  /** Cells that a spreadsheet would take for a formula. They are shown as the text they are. */
  readonly formulas: number;
}

export interface Survey {
  readonly head: TableHead;
  readonly rows: number;
  readonly problems: readonly ProblemGroup[];
  readonly columns: readonly ColumnFacts[];
}

export interface ProblemGroup {
  readonly problem: RowProblem;
  readonly count: number;
  /** The first of them. */
  readonly numbers: readonly number[];
}

/** Rows that are kept for looking at them. Beyond, a file is checked, imported and not scrolled through. */
const keptMax = 250_000;
const keptCharactersMax = 64_000_000;
const valuesMax = 24;
const numbersMax = 5;

/** Groups what is wrong with rows. */
export class Problems {
  readonly #groups = new Map<RowProblem, { count: number; numbers: number[] }>();

  add(problem: RowProblem, number: number): void {
    const group = this.#groups.get(problem) ?? { count: 0, numbers: [] };
    group.count++;
    if (group.numbers.length < numbersMax) group.numbers.push(number);
    this.#groups.set(problem, group);
  }

  get groups(): ProblemGroup[] {
    return [...this.#groups].map(([problem, { count, numbers }]) => ({ problem, count, numbers: [...numbers] }));
  }
}

class Column {
  filled = 0;
  formulas = 0;
  readonly #values = new Set<string>();
  #isMany = false;

  add(text: string): void {
    if (text === "") return;
    this.filled++;
    if (/^[=+@]|^-(?!\d)/.test(text)) this.formulas++;
    if (this.#isMany) return;
    this.#values.add(text.trim());
    this.#isMany = this.#values.size > valuesMax || text.length > 200;
  }

  get facts(): ColumnFacts {
    return { filled: this.filled, formulas: this.formulas, values: this.#isMany ? null : [...this.#values] };
  }
}

/** Reads a file once to know what is in it, and keeps rows to show. */
export class Surveyor {
  readonly kept: TableRow[] = [];
  readonly #problems = new Problems();
  #columns: Column[] = [];
  #head: TableHead | null = null;
  #keptCharacters = 0;

  async read(
    file: File,
    onHead: (head: TableHead, first: readonly TableRow[]) => void,
    onProgress: (share: number, rows: number) => void,
    signal?: AbortSignal,
  ): Promise<Survey> {
    let told = 0;
    let count = 0;
    const rows = await readTable(
      file,
      (head) => {
        this.#head = head;
        this.#columns = head.columns.map(() => new Column());
      },
      (row) => {
        this.#add(row);
        count++;
        if (count === firstRows && this.#head !== null) onHead(this.#head, this.kept.slice(0, firstRows));
      },
      (bytes) => {
        if (bytes - told < file.size / 50) return;
        told = bytes;
        onProgress(bytes / file.size, count);
      },
      signal,
    );
    const head = this.#head as unknown as TableHead;
    if (rows < firstRows) onHead(head, this.kept);
    return { head, rows, problems: this.#problems.groups, columns: this.#columns.map(({ facts }) => facts) };
  }

  #add(row: TableRow): void {
    if (this.kept.length < keptMax && this.#keptCharacters < keptCharactersMax) {
      this.kept.push(row);
      for (const { length } of row.fields) this.#keptCharacters += length;
    }
    if (row.problem !== null) this.#problems.add(row.problem, row.number);
    else for (const [i, text] of row.fields.entries()) this.#columns[i]?.add(text);
  }
}

const firstRows = 100;

/** What the rows of a file become under a mapping. */
export interface Checked {
  readonly tasks: number;
  readonly controls: number;
  readonly problems: readonly ProblemGroup[];
}

export interface Prepared extends Checked {
  /** Tasks as JSON lines: the first for a look, and the rest. */
  readonly sample: Blob;
  readonly rest: Blob;
  readonly sampled: number;
}

const chunkCharacters = 1 << 20;

/** A blob that grows: the browser keeps what is in it, on disk where it is much. */
class Growing {
  readonly #type: string;
  #parts: Blob[] = [];
  #text = "";

  constructor(type: string) {
    this.#type = type;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length < chunkCharacters) return;
    this.#parts.push(new Blob([this.#text]));
    this.#text = "";
  }

  finish(): Blob {
    return new Blob([...this.#parts, this.#text], { type: this.#type });
  }
}

interface OnRows {
  readonly onTask: (task: NewTask, number: number) => void;
  readonly onBad: (row: TableRow, problem: RowProblem, head: TableHead) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Reads a file again, and makes tasks of its good rows, one after the other. */
async function readTasks(file: File, mapping: Mapping, { onTask, onBad, signal }: OnRows): Promise<Checked> {
  const problems = new Problems();
  let found: { readonly head: TableHead; readonly maker: TaskMaker } | null = null;
  let tasks = 0;
  let controls = 0;
  await readTable(
    file,
    (head) => {
      found = { head, maker: new TaskMaker(head, mapping) };
    },
    (row) => {
      const { head, maker } = found as unknown as { readonly head: TableHead; readonly maker: TaskMaker };
      const made = maker.make(row);
      if (typeof made === "string") {
        problems.add(made, row.number);
        onBad(row, made, head);
      } else {
        onTask(made, tasks++);
        if (made.control !== undefined) controls++;
      }
    },
    undefined,
    signal,
  );
  return { tasks, controls, problems: problems.groups };
}

const nothing = (): void => undefined;

/** What the rows of a file would become: nothing is kept of them, so that it is soon known again when the mapping changes. */
export const checkTasks = (file: File, mapping: Mapping, signal?: AbortSignal): Promise<Checked> =>
  readTasks(file, mapping, { onTask: nothing, onBad: nothing, signal });

/** The tasks of a file, as the server takes them. */
export async function prepareTasks(
  file: File,
  mapping: Mapping,
  sampleSize: number,
  signal?: AbortSignal,
): Promise<Prepared> {
  const [sample, rest] = [new Growing("application/x-ndjson"), new Growing("application/x-ndjson")];
  const checked = await readTasks(file, mapping, {
    onTask: (task, number) => (number < sampleSize ? sample : rest).add(`${JSON.stringify(task)}\n`),
    onBad: nothing,
    signal,
  });
  const sampled = Math.min(checked.tasks, sampleSize);
  return { ...checked, sample: sample.finish(), rest: rest.finish(), sampled };
}

/** The rows that are left out, as they were, with what is wrong with each before it. */
export async function badRows(file: File, mapping: Mapping, signal?: AbortSignal): Promise<Blob> {
  const bad = new Growing("text/csv");
  let isBegun = false;
  await readTasks(file, mapping, {
    onTask: nothing,
    onBad: ({ number, fields }, problem, { columns }) => {
      if (!isBegun) bad.add(csvText(["problem", "row", ...columns]));
      isBegun = true;
      bad.add(csvText([problem, `${number}`, ...fields]));
    },
    signal,
  });
  return bad.finish();
}
