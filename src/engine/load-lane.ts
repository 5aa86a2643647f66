import { equalBytes } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { logRoot } from "../core/log-tree.ts";
import { decodeEntry, type LogRecord } from "../market/entries.ts";
import { Replay } from "../market/replay.ts";
import { decodeState, stateHash } from "../market/snapshot.ts";
import { emptyLaneState, type LaneState } from "../market/state.ts";
import { readNewestCheckpoint } from "../store/log/checkpoints.ts";
import { type StoredEntry, streamEntries } from "../store/log/read-entries.ts";
import type { Queryable } from "../store/pool.ts";

export const toRecord = (entry: StoredEntry): LogRecord => ({
  entry: decodeEntry(entry.encoded),
  attachment: entry.attachment,
});

/** The newest checkpoint, or nothing yet; `catchUp` brings it to the head. */
export async function loadCheckpoint(on: Queryable, market: Uint8Array, lane: number, hash: Hash): Promise<LaneState> {
  const checkpoint = await readNewestCheckpoint(on, market, lane);
  if (checkpoint === null) return emptyLaneState();
  const state = decodeState(checkpoint.state);
  if (!equalBytes(stateHash(hash, state), checkpoint.hash)) {
    throw earnestError("INVARIANT_MISMATCH", { what: `checkpoint ${checkpoint.sequence} of lane ${lane} is damaged` });
  }
  return state;
}

/**
 * Replays what other processes (or this one, before a crash) wrote, and checks that it leads to the head of the lane's
 * row.
 */
export async function catchUp(
  on: Queryable,
  market: Uint8Array,
  lane: number,
  head: { readonly sequence: number; readonly head: Uint8Array },
  state: LaneState,
  hash: Hash,
): Promise<void> {
  const replay = new Replay(state, hash);
  for await (const entries of streamEntries(on, market, lane, state.tree.size + 1, head.sequence)) {
    replay.feed(entries.map(toRecord));
  }
  replay.end();
  const fits =
    state.tree.size === head.sequence && (head.sequence === 0 || equalBytes(logRoot(hash, state.tree), head.head));
  if (!fits)
    throw earnestError("REPLAY_MISMATCH", {
      lane,
      sequence: head.sequence,
      what: "the log does not lead to the lane's head",
    });
}
