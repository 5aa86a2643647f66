import type { Bytes32 } from "../core/bytes.ts";
import { encode, list, struct, u32, varint } from "../core/codec.ts";
import { type Hash, taggedHash, tags } from "../core/hash.ts";
import { voteWeight } from "../verification/weight.ts";
import type { Consequence } from "./entries.ts";
import type { LaneState, Member, TrackRecord } from "./state.ts";

/** A new model is adopted when answers grew by a tenth, and by at least this many. */
const answersMin = 50;

/** The record of a member, as the log up to now shows it: control tasks, and agreement with settled labels. */
export const recordOf = (member: Member): TrackRecord => ({
  right: member.controlsRight + member.agreed,
  checked: member.controlsAnswered + member.judged,
});

/** What a vote weighs depends on the number of choices it was made among; the record behind it does not. */
export const weightOf = ({ adopted }: Member, choices: number): number =>
  voteWeight(adopted.right, adopted.checked, choices);

const recordsOf = (state: LaneState): [number, TrackRecord][] =>
  [...state.members.keys()]
    .sort((a, b) => a - b)
    .map((contributor) => [contributor, recordOf(state.members.get(contributor) as Member)]);

export function modelDue(state: LaneState): boolean {
  const grown = state.answers - state.model.answers;
  return grown >= answersMin && grown * 10 >= state.model.answers;
}

const modelCodec = list(struct({ contributor: u32, right: varint, checked: varint }));

export const nextModel = (state: LaneState, hash: Hash): Consequence => ({
  kind: "modelAdopted",
  version: state.model.version + 1,
  cut: state.tree.size,
  hash: modelHash(hash, recordsOf(state)),
});

/** Covers what the model says of each contributor, in ascending order. */
export const modelHash = (hash: Hash, records: readonly (readonly [number, TrackRecord])[]): Bytes32 =>
  taggedHash(
    hash,
    tags.model,
    encode(
      modelCodec,
      records.map(([contributor, record]) => ({ contributor, ...record })),
    ),
  );
