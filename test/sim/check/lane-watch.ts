import { equalBytes, toHex } from "#src/core/bytes";
import { logLeaf, logRoot } from "#src/core/log-tree";
import { openKeys } from "#src/market/due";
import { decodeEntry, type Entry } from "#src/market/entries";
import { Replay } from "#src/market/replay";
import { emptyLaneState, type LaneState } from "#src/market/state";
import { checkState, OutcomeTracker } from "../../support/market-invariants.ts";
import type { Database, Transaction } from "../database/database.ts";
import type { LaneRecord } from "../database/tables.ts";
import { placeKey } from "../model/keys.ts";
import { sha256 } from "../world/crypto.ts";
import type { Trace } from "../world/trace.ts";

interface Watched {
  state: LaneState;
  readonly tracker: OutcomeTracker;
  readonly entries: { readonly entry: Entry; readonly encoded: Uint8Array }[];
  model: number;
}

/**
 * Replays every lane beside the database, batch by batch, in the moment in which a batch becomes visible: what was
 * written has to be what the rules give, hash to the head, and leave a state in which everything adds up.
 */
export class LaneWatch {
  readonly lanes = new Map<string, Watched>();
  readonly #database: Database;
  readonly #trace: Trace;

  constructor(database: Database, trace: Trace) {
    this.#database = database;
    this.#trace = trace;
  }

  see(writes: Transaction["writes"]): void {
    const changed = writes.get(this.#database.tables.lanes) as ReadonlyMap<string, LaneRecord | null> | undefined;
    for (const [key, row] of changed ?? []) {
      if (row === null) continue;
      try {
        this.#follow(key, row);
      } catch (error) {
        this.#trace.fail("watch", `lane ${key}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  #follow(key: string, row: LaneRecord): void {
    const watched = this.lanes.get(key) ?? {
      state: emptyLaneState(),
      tracker: new OutcomeTracker(),
      entries: [],
      model: 0,
    };
    this.lanes.set(key, watched);
    const from = watched.entries.length + 1;
    if (row.sequence < from - 1) throw new Error(`it ends at ${row.sequence} and was at ${from - 1}`);
    if (row.sequence === from - 1) return;
    const added = this.#entriesOf(row, from);
    const replay = new Replay(watched.state, sha256);
    replay.feed(added.map(({ entry, attachment }) => ({ entry, attachment })));
    replay.end();
    watched.entries.push(...added);
    const { state } = watched;
    if (!equalBytes(logRoot(sha256, state.tree), row.head)) throw new Error("its entries do not hash to its head");
    if (toHex(sha256(booksBytes(row.books))) !== toHex(sha256(booksBytes(state.books)))) {
      throw new Error("its row has other books than its log");
    }
    checkState(state);
    checkDue(state, row);
    watched.tracker.see(
      added.map((each) => ({ ...each, completed: [logLeaf(sha256, each.encoded)] })),
      state,
    );
    for (const { entry, sequence } of added) this.#checkModel(watched, entry, sequence);
  }

  #entriesOf({ market, lane, sequence }: LaneRecord, from: number) {
    const { entries } = this.#database.tables;
    return Array.from({ length: sequence - from + 1 }, (_, i) => {
      const stored = entries.rows.get(placeKey(market, lane, from + i));
      if (stored === undefined) throw new Error(`entry ${from + i} is missing`);
      return { ...stored, entry: decodeEntry(stored.encoded) };
    });
  }

  /** Each model follows the one before, and is learned from all that stands before it. */
  #checkModel(watched: Watched, entry: Entry, sequence: number): void {
    if (entry.kind !== "modelAdopted") return;
    if (entry.version !== watched.model + 1) throw new Error(`model ${entry.version} follows ${watched.model}`);
    if (entry.cut !== sequence - 1) throw new Error(`the model of entry ${sequence} is of ${entry.cut} entries`);
    watched.model = entry.version;
  }
}

const booksBytes = (books: LaneRecord["books"]): Uint8Array =>
  new TextEncoder().encode(
    Object.entries(books)
      .map(([name, value]) => `${name} ${value}`)
      .sort()
      .join(),
  );

/** What can still fall due in a lane has to be found by whoever looks for it: a process lets go of all else. */
function checkDue(state: LaneState, { dueAtMs }: LaneRecord): void {
  const seconds = [...state.due.keys()].filter((second) => openKeys(state, state.due.get(second)).length > 0);
  if (seconds.length === 0) return;
  const first = (Math.min(...seconds) + 1) * 1_000;
  if (dueAtMs === null || dueAtMs > first) throw new Error(`${first} falls due, and its row says ${dueAtMs}`);
}
