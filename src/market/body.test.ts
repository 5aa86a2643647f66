import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toUtf8 } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import type { Answer } from "../verification/answers/answer.ts";
import type { AnswerSchema } from "../verification/answers/answer-schema.ts";
import { readBody } from "./body.ts";

const salt = "of sixteen or more";
const choices = ["yes", "no", 'a "b"', "a\\b", "\u007f", "é", "x".repeat(32), "x".repeat(33), " ", "\t"];
const choice: AnswerSchema = { type: "choice", choices };
const text: AnswerSchema = { type: "text", charactersMax: 100, normalise: [], distancePpm: 0 };

/** What becomes of a body: its answer, or why it is refused. */
function outcomeOf(schema: AnswerSchema, body: Uint8Array): Answer | { readonly refused: string } {
  try {
    return readBody(schema, body);
  } catch (error) {
    if (!isEarnestError(error)) throw error;
    return { refused: error.message };
  }
}

/** The same in a form that is no usual one, but the same JSON. */
const unusual = (body: Uint8Array): Uint8Array => concatBytes(toUtf8(" "), body);

describe("a body as programs write it", () => {
  it.each(choices)("answers %j as any JSON does", (answer) => {
    const body = toUtf8(JSON.stringify({ answer, salt }));
    expect(readBody(choice, body)).toBe(choices.indexOf(answer));
    expect(readBody(choice, unusual(body))).toBe(choices.indexOf(answer));
  });

  it.each([
    ["a salt that is too short", '{"answer":"yes","salt":"of fifteen char"}'],
    ["a salt that is too long", `{"answer":"yes","salt":"${"s".repeat(65)}"}`],
    ["a salt of the longest", `{"answer":"yes","salt":"${"s".repeat(64)}"}`],
    ["a salt that is longer in bytes than in characters", `{"answer":"yes","salt":"${"é".repeat(15)}"}`],
    ["a salt with an escape", `{"answer":"yes","salt":"of \\u0073ixteen and more"}`],
    ["a line within a text", '{"answer":"yes","salt":"of sixteen\nor more"}'],
    ["a salt that ends early", '{"answer":"yes","salt":"of sixteen or more'],
    ["nothing behind the salt", '{"answer":"yes","salt":"of sixteen or more"'],
    ["something behind it", '{"answer":"yes","salt":"of sixteen or more"} '],
    ["rubbish behind it", '{"answer":"yes","salt":"of sixteen or more"}}'],
    ["another field", '{"answer":"yes","salt":"of sixteen or more","seen":true}'],
    ["the same field twice", '{"answer":"yes","salt":"of sixteen or more","answer":"no"}'],
    ["no salt", '{"answer":"yes"}'],
    ["the salt first", '{"salt":"of sixteen or more","answer":"no"}'],
    ["an answer that is none", '{"answer":"perhaps","salt":"of sixteen or more"}'],
    ["an empty answer", '{"answer":"","salt":"of sixteen or more"}'],
    ["a number", '{"answer":1,"salt":"of sixteen or more"}'],
    ["a beginning alone", '{"answer":"'],
    ["nothing", ""],
  ])("comes to what JSON comes to with %s", (_, written) => {
    const body = toUtf8(written);
    expect(outcomeOf(choice, body)).toEqual(outcomeOf(choice, unusual(body)));
  });

  it("comes to what JSON comes to wherever a byte is another", () => {
    const body = toUtf8(JSON.stringify({ answer: "no", salt }));
    fc.assert(
      fc.property(
        fc.nat({ max: body.length - 1 }),
        fc.nat({ max: 255 }),
        fc.constantFrom(choice, text),
        (at, byte, schema) => {
          const altered = body.with(at, byte);
          expect(outcomeOf(schema, altered)).toEqual(outcomeOf(schema, unusual(altered)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
