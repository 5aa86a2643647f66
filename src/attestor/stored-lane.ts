import type { Bytes32 } from "../core/bytes.ts";
import { bytes, type Codec, decode, encode, fixed, list, struct, varint } from "../core/codec.ts";
import { forgetDue } from "../market/due.ts";
import { decodeState, encodeState } from "../market/snapshot.ts";
import type { LaneState } from "../market/state.ts";
import { forgetSightings } from "../market/witnessed.ts";
import type { LaneRoot } from "./known-roots.ts";

/** A lane at one of its cuts, and what its roots were at the cuts before. */
export interface StoredLane {
  readonly state: LaneState;
  readonly roots: readonly LaneRoot[];
}

const laneCodec: Codec<{ readonly roots: LaneRoot[]; readonly state: Uint8Array }> = struct({
  roots: list(struct({ size: varint, root: fixed<Bytes32>(32) })),
  state: bytes,
});

export function encodeLane({ state, roots }: StoredLane): Uint8Array {
  forgetSightings(state, state.timeMs);
  forgetDue(state);
  return encode(laneCodec, { roots: [...roots], state: encodeState(state) });
}

/** Null where the bytes are damaged. */
export function decodeLane(encoded: Uint8Array): StoredLane | null {
  try {
    const { roots, state } = decode(laneCodec, encoded, "a stored lane");
    return { roots, state: decodeState(state) };
  } catch {
    return null;
  }
}
