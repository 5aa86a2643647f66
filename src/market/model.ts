import { type Bytes32, concatBytes } from "../core/bytes.ts";
import { bytes, encode, list, optional, struct, u32, varint } from "../core/codec.ts";
import { type Hash, taggedHash, tags } from "../core/hash.ts";
import { voteWeight } from "../verification/agreement/weight.ts";
import type { Consequence } from "./entries.ts";
import { encodeGroups, groupsNow } from "./groups.ts";
import { encodeLearned, type Learned, learn } from "./learned.ts";
import { type LaneState, type Member, specOf, type TrackRecord } from "./state.ts";

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

/** When no more answers come, the last ones must not be left out. */
export const isModelBehind = (state: LaneState): boolean =>
  specOf(state).policy !== null && state.answers > state.model.answers;

const modelCodec = struct({
  records: list(struct({ contributor: u32, right: varint, checked: varint })),
  learned: optional(bytes),
});

export const nextModel = (state: LaneState, hash: Hash): Consequence => ({
  kind: "modelAdopted",
  version: state.model.version + 1,
  cut: state.tree.size,
  hash: modelHash(hash, recordsOf(state), learnedNow(state), groupsNow(state)),
});

/** Covers what the model says of each contributor, in ascending order. */
export const modelHash = (
  hash: Hash,
  records: readonly (readonly [number, TrackRecord])[],
  learned: Learned | null,
  groups: ReadonlyMap<number, number> = new Map(),
): Bytes32 =>
  taggedHash(
    hash,
    tags.model,
    concatBytes(
      encode(modelCodec, {
        records: records.map(([contributor, record]) => ({ contributor, ...record })),
        learned: learned === null ? null : encodeLearned(learned),
      }),
      encodeGroups(groups),
    ),
  );

/** By the state and its answers: what is hashed when a model follows is what is adopted in the next moment. */
const learnedLast = new WeakMap<LaneState, { readonly size: number; readonly learned: Learned | null }>();

export function learnedNow(state: LaneState): Learned | null {
  const { policy } = specOf(state);
  if (policy === null || state.controls.size === 0) return null;
  const last = learnedLast.get(state);
  if (last?.size === state.tree.size) return last.learned;
  const learned = learn(state, policy);
  learnedLast.set(state, { size: state.tree.size, learned });
  return learned;
}
