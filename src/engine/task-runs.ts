import { type Bytes32, bytes32, fromHex, toHex } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { GrowingLogTree } from "../core/log-tree.ts";
import { limits } from "../market/admit.ts";

/** A run of tasks with the same terms: one entry of the log. */
export interface TaskRun {
  /** Canonical JSON of what differs from the market's terms, or empty. */
  readonly terms: string;
  readonly hashes: GrowingLogTree;
  /** Those with a known answer, by their place in the run. */
  readonly controls: { readonly place: number; readonly answer: Json }[];
}

/** A task as it is stored, with what only the log needs of it. */
export interface Prepared {
  readonly externalId: string;
  readonly content: string;
  readonly hash: Bytes32;
  /** Canonical JSON of its own terms, or empty. */
  readonly terms: string;
  readonly control: Json | null;
}

interface SavedRun extends Pick<TaskRun, "terms" | "controls"> {
  readonly size: number;
  readonly peaks: readonly string[];
}

const savedPartsMax = 5_000;

/** Tasks as runs of equal terms, none longer than an entry may be: of each task a run keeps no more than its hash. */
export class TaskRuns {
  readonly #hash: Hash;
  readonly all: TaskRun[] = [];
  count = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** As `saved` gave it. */
  static restored(hash: Hash, text: string): TaskRuns {
    const runs = new TaskRuns(hash);
    for (const { terms, size, peaks, controls } of JSON.parse(text) as SavedRun[]) {
      const tree = { size, peaks: peaks.map((peak) => bytes32(fromHex(peak))) };
      runs.all.push({ terms, hashes: new GrowingLogTree(hash, tree), controls });
      runs.count += size;
    }
    return runs;
  }

  /** Null where it would take much to save them again and again: terms that change with each row, or many controls. */
  saved(): string | null {
    const parts = this.all.reduce((sum, { controls }) => sum + 1 + controls.length, 0);
    if (parts > savedPartsMax) return null;
    const runs = this.all.map(
      ({ terms, hashes, controls }): SavedRun => ({
        terms,
        size: hashes.size,
        peaks: hashes.peaks.map(toHex),
        controls,
      }),
    );
    return JSON.stringify(runs);
  }

  add({ hash, terms, control }: Prepared): void {
    this.count++;
    let run = this.all.at(-1);
    if (run?.terms !== terms || run.hashes.size >= limits.tasksPerBatch) {
      run = { terms, hashes: new GrowingLogTree(this.#hash), controls: [] };
      this.all.push(run);
    }
    if (control !== null) run.controls.push({ place: run.hashes.size, answer: control });
    // The tasks' hashes are the leaves, as receipts prove them.
    run.hashes.appendLeaf(hash);
  }
}
