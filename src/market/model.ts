import type { Bytes32 } from "../core/bytes.ts";
import { encode, list, struct, u32 } from "../core/codec.ts";
import { type Hash, taggedHash, tags } from "../core/hash.ts";
import { voteWeight } from "../verification/weight.ts";
import type { Consequence } from "./entries.ts";
import { type LaneState, type Member, specOf } from "./state.ts";

/** A new model is adopted when answers grew by a tenth, and by at least this many. */
const answersMin = 50;

/** The weight of a vote by somebody no model knows yet. */
export const newcomerWeight = (choices: number): number => voteWeight(0, 0, choices);

/** Each member's weight from what the log up to now shows: control tasks, and agreement with settled labels. */
export function memberWeights(state: LaneState): [number, number][] {
  const choices = specOf(state).terms.answer.choices.length;
  return [...state.members.keys()]
    .sort((a, b) => a - b)
    .map((contributor) => {
      const member = state.members.get(contributor) as Member;
      const right = member.controlsRight + member.agreed;
      return [contributor, voteWeight(right, member.controlsAnswered + member.judged, choices)];
    });
}

export function modelDue(state: LaneState): boolean {
  const grown = state.answers - state.model.answers;
  return grown >= answersMin && grown * 10 >= state.model.answers;
}

const modelCodec = list(struct({ contributor: u32, weight: u32 }));

export function nextModel(state: LaneState, hash: Hash): Consequence {
  return {
    kind: "modelAdopted",
    version: state.model.version + 1,
    cut: state.tree.size,
    hash: modelHash(hash, memberWeights(state)),
  };
}

export const modelHash = (hash: Hash, weights: readonly (readonly [number, number])[]): Bytes32 =>
  taggedHash(
    hash,
    tags.model,
    encode(
      modelCodec,
      weights.map(([contributor, weight]) => ({ contributor, weight })),
    ),
  );
