import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAnswers } from "../../../test/support/any-answer.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import {
  type AnswerSchema,
  decodeAnswer,
  encodeAnswer,
  isSameAnswer,
  readAnswer,
  readAnswerSchema,
} from "../answers/answer-schema.ts";
import { agreeOn, guessesOf, matchShare } from "./agree-on.ts";
import type { Vote } from "./vote.ts";

const schemaOf = (json: Json): AnswerSchema => readAnswerSchema(new Field(json, "terms.answer"));

interface Case {
  readonly schema: AnswerSchema;
  readonly votes: readonly Vote[];
}

const million = 1_000_000;

describe.each(Object.entries(anyAnswers))("agreement on %s", (_, answers) => {
  const cases = (weight: fc.Arbitrary<number>): fc.Arbitrary<Case> =>
    answers.chain(({ schema: json, answers: sent }) => {
      const schema = schemaOf(json);
      return fc.array(weight, { minLength: sent.length, maxLength: sent.length }).map((weights) => ({
        schema,
        votes: sent.map((each, i) => ({ answer: readAnswer(schema, each), weight: weights[i] as number })),
      }));
    });
  const anyWeight = fc.oneof(fc.nat({ max: 5_000 }), fc.constantFrom(0, 847));

  it("is the same for any order of the votes", () => {
    const shuffled = cases(anyWeight).chain((each) =>
      fc.shuffledSubarray([...each.votes], { minLength: each.votes.length }).map((other) => ({ ...each, other })),
    );
    fc.assert(
      fc.property(shuffled, ({ schema, votes, other }) => {
        expect(agreeOn(schema, other)).toEqual(agreeOn(schema, votes));
      }),
      { numRuns: 60 },
    );
  });

  it("is an answer, with whole parts per million", () => {
    fc.assert(
      fc.property(cases(anyWeight), ({ schema, votes }) => {
        const { label, confidencePpm } = agreeOn(schema, votes);
        expect(decodeAnswer(schema, encodeAnswer(label))).toEqual(label);
        expect(Number.isInteger(confidencePpm) && confidencePpm >= 0 && confidencePpm <= million).toBe(true);
        for (const { answer } of votes) {
          const share = matchShare(schema, answer, label);
          expect(Number.isInteger(share) && share >= 0 && share <= million).toBe(true);
          expect(matchShare(schema, answer, answer)).toBe(million);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is what all say, the surer the more they are", () => {
    fc.assert(
      fc.property(cases(anyWeight), fc.integer({ min: 1, max: 9 }), ({ schema, votes }, count) => {
        const { answer } = votes[0] as Vote;
        const all = (number: number) => agreeOn(schema, Array<Vote>(number).fill({ answer, weight: 900 }));
        const [fewer, more] = [all(count), all(count + 1)];
        expect(isSameAnswer(fewer.label, answer)).toBe(true);
        expect(fewer.confidencePpm).toBeGreaterThan(guessesOf(schema) > 2 ? 0 : 700_000);
        expect(more.confidencePpm).toBeGreaterThan(fewer.confidencePpm);
      }),
      { numRuns: 40 },
    );
  });

  it("lets a vote that weighs much more than all others decide", () => {
    fc.assert(
      fc.property(cases(fc.nat({ max: 500 })), ({ schema, votes }) => {
        const { answer } = votes[0] as Vote;
        const { label, confidencePpm } = agreeOn(schema, [{ answer, weight: 20_000 }, ...votes.slice(1)]);
        expect(matchShare(schema, answer, label)).toBe(million);
        expect(confidencePpm).toBeGreaterThan(990_000);
      }),
      { numRuns: 40 },
    );
  });

  it("is defined without votes and without weight, and then sure of nothing", () => {
    fc.assert(
      fc.property(cases(fc.constant(0)), ({ schema, votes }) => {
        const none = agreeOn(schema, []);
        expect(decodeAnswer(schema, encodeAnswer(none.label))).toEqual(none.label);
        expect(none.confidencePpm).toBeLessThanOrEqual(500_000);
        expect(agreeOn(schema, votes).confidencePpm).toBeLessThanOrEqual(500_000);
      }),
      { numRuns: 20 },
    );
  });
});

describe("how many answers somebody guesses among", () => {
  it.each<readonly [Json, number]>([
    [{ type: "choice", choices: ["a", "b", "c"] }, 3],
    [{ type: "scale", min: 1, max: 5 }, 5],
    [{ type: "pair", ties: true }, 3],
    [{ type: "pair" }, 2],
    [{ type: "text", charactersMax: 9 }, 2],
  ])("of %j is %d", (json, guesses) => {
    expect(guessesOf(schemaOf(json))).toBe(guesses);
  });
});
