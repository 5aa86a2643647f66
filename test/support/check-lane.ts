import { expect } from "vitest";
import { Replay } from "../../src/market/replay.ts";
import { decodeState, encodeState } from "../../src/market/snapshot.ts";
import { emptyLaneState } from "../../src/market/state.ts";
import type { TestLane } from "./market.ts";
import { sha256 } from "./market-hash.ts";
import { checkState } from "./market-invariants.ts";

/** What a test of a lane ends with: books that add up, a checkpoint that opens, a log that replays. */
export function checkLane({ state, log }: TestLane): void {
  checkState(state);
  expect(encodeState(decodeState(encodeState(state)))).toEqual(encodeState(state));
  const replay = new Replay(emptyLaneState(), sha256);
  replay.feed(log);
  replay.end();
  expect(encodeState(replay.state)).toEqual(encodeState(state));
}
