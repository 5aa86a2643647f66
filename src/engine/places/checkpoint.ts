import { taggedHash, tags } from "../../core/hash.ts";
import { marketIdToBytes } from "../../core/market-id.ts";
import { forgetDue } from "../../market/due.ts";
import { encodeState } from "../../market/snapshot.ts";
import type { LaneState } from "../../market/state.ts";
import { forgetSightings, holdsPlaces } from "../../market/witnessed.ts";
import { insertCheckpoint } from "../../store/log/checkpoints.ts";
import { type EngineContext, hashOf } from "../context.ts";
import { inTransaction } from "../transaction.ts";
import { seal } from "./sealed.ts";

/** Stores a committed state, under today's key where it says where somebody was. It is encoded before this returns. */
export async function writeCheckpoint(context: EngineContext, state: LaneState): Promise<void> {
  const { pool, clock } = context;
  forgetSightings(state, clock());
  forgetDue(state);
  const { market, lane } = state;
  const sequence = state.tree.size;
  const isExact = holdsPlaces(state);
  const encoded = encodeState(state);
  const stored = isExact ? await seal(context, market, encoded, new Uint8Array()) : encoded;
  const checkpoint = { sequence, hash: taggedHash(hashOf(context), tags.state, stored), state: stored };
  await inTransaction(pool, (dbTx) => insertCheckpoint(dbTx, marketIdToBytes(market), lane, checkpoint));
}
