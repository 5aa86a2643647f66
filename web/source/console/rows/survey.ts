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

  async read(
    file: File,
    onHead: (head: TableHead, first: readonly TableRow[]) => void,
    onProgress: (share: number, rows: number) => void,
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
    );
    const head = this.#head as unknown as TableHead;
    if (rows < firstRows) onHead(head, this.kept);
    return { head, rows, problems: this.#problems.groups, columns: this.#columns.map(({ facts }) => facts) };
  }

  #add(row: TableRow): void {
    if (this.kept.length < keptMax) this.kept.push(row);
    if (row.problem !== null) this.#problems.add(row.problem, row.number);
    else for (const [i, text] of row.fields.entries()) this.#columns[i]?.add(text);
  }
}

const firstRows = 100;

export interface Prepared {
  /** Tasks as JSON lines: the first for a look, and the rest. */
  readonly sample: Blob;
  readonly rest: Blob;
  readonly sampled: number;
  readonly tasks: number;
  readonly controls: number;
  readonly problems: readonly ProblemGroup[];
  /** The rows that are left out, as they were, with what is wrong with each; null where there are none. */
  readonly bad: Blob | null;
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

/** Reads a file again, and makes tasks of its good rows and a file of its bad ones. */
export async function prepareTasks(
  file: File,
  mapping: Mapping,
  sampleSize: number,
  onProgress: (share: number) => void = () => undefined,
): Promise<Prepared> {
  const [sample, rest, bad] = [
    new Growing("application/x-ndjson"),
    new Growing("application/x-ndjson"),
    new Growing("text/csv"),
  ];
  const problems = new Problems();
  let maker: TaskMaker | null = null;
  const counts = { tasks: 0, controls: 0, bad: 0, told: 0 };
  const take = (task: NewTask): void => {
    (counts.tasks < sampleSize ? sample : rest).add(`${JSON.stringify(task)}\n`);
    counts.tasks++;
    if (task.control !== undefined) counts.controls++;
  };
  await readTable(
    file,
    (head) => {
      maker = new TaskMaker(head, mapping);
      bad.add(csvText(["problem", "row", ...head.columns]));
    },
    (row) => {
      const made = maker?.make(row) ?? "NOT_JSON";
      if (typeof made !== "string") return take(made);
      counts.bad++;
      problems.add(made, row.number);
      bad.add(csvText([made, `${row.number}`, ...row.fields]));
    },
    (bytes) => {
      if (bytes - counts.told < file.size / 50) return;
      counts.told = bytes;
      onProgress(bytes / file.size);
    },
  );
  return {
    sample: sample.finish(),
    rest: rest.finish(),
    sampled: Math.min(counts.tasks, sampleSize),
    tasks: counts.tasks,
    controls: counts.controls,
    problems: problems.groups,
    bad: counts.bad === 0 ? null : bad.finish(),
  };
}
