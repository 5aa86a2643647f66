import type { ChoiceSchema } from "../answers/choice.ts";
import { type PairSchema, sidesOf } from "../answers/pair.ts";
import { type Agreement, million, type Vote } from "./vote.ts";
import { agree } from "./weighted.ts";

/** One of so many: the present rule of a market, see `agree`. */
function agreeOnOneOf(votes: readonly Vote<number>[], choices: number): Agreement<number> {
  const { choice, confidencePpm } = agree(
    votes.map(({ answer, weight }) => ({ choice: answer, weight })),
    choices,
  );
  return { label: choice, confidencePpm };
}

export const agreeOnChoice = ({ choices }: ChoiceSchema, votes: readonly Vote<number>[]): Agreement<number> =>
  agreeOnOneOf(votes, choices.length);

export const agreeOnPair = (schema: PairSchema, votes: readonly Vote<number>[]): Agreement<number> =>
  agreeOnOneOf(votes, sidesOf(schema).length);

export const matchChoice = (answer: number, label: number): number => (answer === label ? million : 0);
