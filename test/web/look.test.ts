import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerSchema } from "../../src/contract/answers.ts";
import type { Json } from "../../src/core/json.ts";
import { addressOfLook, lookOfHash } from "../../web/source/work/look.ts";

describe("a look at a task", () => {
  it("is the same on the other side of an address, whatever it says", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.dictionary(fc.string(), fc.string()),
        texts,
        (question, content, choices) => {
          const look = {
            question,
            content: content as Json,
            schema: { type: "choice", choices } as AnswerSchema,
            reward: "0.02",
          };
          const { hash } = new URL(addressOfLook("http://127.0.0.1:1", look));
          expect(lookOfHash(hash)).toEqual(JSON.parse(JSON.stringify(look)));
        },
      ),
    );
  });

  it("is none where the address is of something else", () => {
    const hashOf = (value: unknown): string => `#${Buffer.from(JSON.stringify(value)).toString("base64url")}`;
    const good = { question: "?", content: {}, schema: { type: "text" }, reward: "1" };
    expect(lookOfHash(hashOf(good))).not.toBeNull();
    for (const bad of [
      "",
      "#",
      "#not base64!",
      hashOf(null),
      hashOf([]),
      hashOf({ ...good, reward: "1 million" }),
      hashOf({ ...good, question: 1 }),
      hashOf({ ...good, schema: { type: "choice", choices: [{}] } }),
    ]) {
      expect(lookOfHash(bad)).toBeNull();
    }
  });
});
