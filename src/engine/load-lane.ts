import { equalBytes } from "../core/bytes.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import { taggedHash, tags } from "../core/hash.ts";
import { logRoot } from "../core/log-tree.ts";
import { marketIdFromBytes } from "../core/market-id.ts";
import { decodeEntry, type LogRecord } from "../market/entries.ts";
import { Replay } from "../market/replay.ts";
import { decodeState } from "../market/snapshot.ts";
import { emptyLaneState, type LaneState } from "../market/state.ts";
import { type Checkpoint, readCheckpoint } from "../store/log/checkpoints.ts";
import { type StoredEntry, streamEntries } from "../store/log/read-entries.ts";
import type { Queryable } from "../store/pool.ts";
import { type EngineContext, hashOf } from "./context.ts";
import { openBodies } from "./places/bodies.ts";
import { open } from "./places/sealed.ts";

export const toRecord = (entry: StoredEntry): LogRecord => ({
  entry: decodeEntry(entry.encoded),
  attachment: entry.attachment,
});

interface LaneId {
  readonly market: Uint8Array;
  readonly lane: number;
}

/** Where a lane's log ends, by its row. */
interface Head {
  readonly sequence: number;
  readonly head: Uint8Array;
}

export interface Loaded {
  readonly state: LaneState;
  /** The sequence of the checkpoint it began with, or 0. */
  readonly checkpoint: number;
}

/**
 * The state at a lane's head: from the newest checkpoint that leads there, else from the first entry. Checkpoints only
 * shorten the way. A damaged one, one of another version, or one of a log that was lost since, is passed over.
 */
export async function loadLane(context: EngineContext, on: Queryable, id: LaneId, head: Head): Promise<Loaded> {
  for (let upTo = head.sequence; ; ) {
    const checkpoint = await readCheckpoint(on, id.market, id.lane, upTo);
    if (checkpoint === null) break;
    try {
      const state = await openCheckpoint(context, id, checkpoint);
      await catchUp(context, on, id, head, state);
      return { state, checkpoint: checkpoint.sequence };
    } catch (error) {
      if (!isEarnestError(error) || error.kind === "unavailable") throw error;
      context.log("a checkpoint cannot be used", { sequence: checkpoint.sequence, problem: error.message });
    }
    upTo = checkpoint.sequence - 1;
  }
  const state = emptyLaneState();
  await catchUp(context, on, id, head, state);
  return { state, checkpoint: 0 };
}

async function openCheckpoint(
  context: EngineContext,
  { market }: LaneId,
  { sequence, state, hash: expected }: Checkpoint,
): Promise<LaneState> {
  if (!equalBytes(taggedHash(hashOf(context), tags.state, state), expected)) {
    throw earnestError("INVARIANT_MISMATCH", { what: `checkpoint ${sequence} does not fit its hash` });
  }
  const encoded = await open(context, marketIdFromBytes(market), state);
  if (encoded === null) throw earnestError("INVARIANT_MISMATCH", { what: `the key of checkpoint ${sequence} is gone` });
  const opened = decodeState(encoded);
  if (opened.tree.size !== sequence) {
    throw earnestError("INVARIANT_MISMATCH", { what: `checkpoint ${sequence} is of sequence ${opened.tree.size}` });
  }
  return opened;
}

/** A long replay, as of a lane without a checkpoint, says so often how far it is. */
const sayMs = 5_000;

/**
 * Replays what other processes (or this one, before a crash) wrote, and checks that it leads to the head of the lane's
 * row.
 */
export async function catchUp(
  context: EngineContext,
  on: Queryable,
  { market, lane }: LaneId,
  head: Head,
  state: LaneState,
): Promise<void> {
  const hash = hashOf(context);
  const replay = new Replay(state, hash);
  let saidAtMs = context.clock();
  for await (const entries of streamEntries(on, market, lane, state.tree.size + 1, head.sequence)) {
    replay.feedStored(await openBodies(context, market, entries));
    if (context.clock() - saidAtMs < sayMs) continue;
    saidAtMs = context.clock();
    const where = { market: marketIdFromBytes(market), lane, sequence: state.tree.size, upTo: head.sequence };
    context.log("a log is being replayed", where);
  }
  replay.end();
  const fits =
    state.tree.size === head.sequence && (head.sequence === 0 || equalBytes(logRoot(hash, state.tree), head.head));
  if (!fits) {
    const what = "the log does not lead to the lane's head";
    throw earnestError("REPLAY_MISMATCH", { lane, sequence: head.sequence, what });
  }
}
