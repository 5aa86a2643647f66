import type { LaneRow } from "#src/store/lanes/lock-lane";
import type { LaneHead } from "#src/store/lanes/read-lanes";
import type { BatchWrite } from "#src/store/lanes/write-batch";
import { SimulatedConnection, type SimulatedPool } from "../database/pool.ts";
import { substitute } from "../link/seam.ts";
import { laneKey } from "../model/keys.ts";
import { everyNth, type Mutation } from "./mutation.ts";

const writeBatch = "store/lanes/write-batch#writeBatch";
type Write = (on: unknown, batch: BatchWrite) => Promise<boolean>;

export const lostFsync: Mutation = {
  name: "lost-fsync",
  what: "A commit is answered before it is durable.",
  plant: ({ database }) => {
    database.faults.isFlushLate = true;
  },
};

export const batchTwice: Mutation = {
  name: "batch-twice",
  what: "A batch whose answer was late is written once more, behind itself.",
  plant: () => {
    const isNow = everyNth(15);
    substitute(writeBatch, async (original, [on, batch]) => {
      const write = original as unknown as Write;
      const { before, after, ...rest } = batch as BatchWrite;
      const isWritten = await write(on, batch as BatchWrite);
      if (!isWritten || !isNow()) return isWritten;
      const again = { sequence: 2 * after.sequence - before.sequence };
      return await write(on, { ...rest, before: after, after: { ...after, ...again } });
    });
  },
};

export const reorderedEntry: Mutation = {
  name: "reordered-entry",
  what: "Two entries of a batch change places on their way into the database.",
  plant: () => {
    const isNow = everyNth(10);
    substitute(writeBatch, (original, [on, batch]) => {
      const write = original as unknown as Write;
      const { entries, ...rest } = batch as BatchWrite;
      const [last, before, ...others] = entries.toReversed();
      if (last === undefined || before === undefined || !isNow()) return write(on, batch as BatchWrite);
      return write(on, { ...rest, entries: [...others.toReversed(), last, before] });
    });
  },
};

/** A process's own memory of where its lanes end: noted when it writes, and not forgotten when that fails. */
export const staleCache: Mutation = {
  name: "stale-cache",
  what: "A process goes on believing in a batch whose commit failed.",
  plant: () => {
    const heads = new WeakMap<SimulatedPool, Map<string, Pick<LaneRow, "sequence" | "head">>>();
    const headsOf = (on: unknown) => {
      const pool = on instanceof SimulatedConnection ? on.pool : (on as SimulatedPool);
      const known = heads.get(pool) ?? new Map<string, Pick<LaneRow, "sequence" | "head">>();
      heads.set(pool, known);
      return known;
    };
    const newer = <Row extends Pick<LaneRow, "sequence" | "head">>(
      on: unknown,
      market: Uint8Array,
      lane: number,
      row: Row,
    ) => {
      const known = headsOf(on).get(laneKey(market, lane));
      return known !== undefined && known.sequence > row.sequence ? { ...row, ...known } : row;
    };
    substitute(writeBatch, async (original, [on, batch]) => {
      const { market, lane, after } = batch as BatchWrite;
      const isWritten = await (original as unknown as Write)(on, batch as BatchWrite);
      if (isWritten) headsOf(on).set(laneKey(market, lane), { sequence: after.sequence, head: after.head });
      return isWritten;
    });
    substitute("store/lanes/lock-lane#lockLane", async (original, [on, market, lane]) => {
      const lock = original as unknown as (...asked: unknown[]) => Promise<LaneRow | null>;
      const row = await lock(on, market, lane);
      return row === null ? null : newer(on, market as Uint8Array, lane as number, row);
    });
    substitute("store/lanes/read-lanes#readLanes", async (original, [on, market]) => {
      const rows = await (original as unknown as (...asked: unknown[]) => Promise<LaneHead[]>)(on, market);
      return rows.map((row) => newer(on, market as Uint8Array, row.lane, row));
    });
  },
};

type InTransaction = (pool: unknown, work: unknown) => Promise<unknown>;

export const ambiguousCommit: Mutation = {
  name: "ambiguous-commit",
  what: "A commit whose answer was lost is taken for one that failed, and its work is done again.",
  plant: () => {
    substitute("engine/transaction#inTransaction", async (original, [pool, work]) => {
      const run = original as unknown as InTransaction;
      try {
        return await run(pool, work);
      } catch (error) {
        if ((error as { readonly code?: unknown }).code !== "DATABASE_UNAVAILABLE") throw error;
        return await run(pool, work);
      }
    });
  },
};

export const leaseForever: Mutation = {
  name: "lease-forever",
  what: "Nobody finds the lanes in which something falls due, so that leases never expire by themselves.",
  plant: () => substitute("store/lanes/find-due-lanes#findDueLanes", () => Promise.resolve([])),
};
