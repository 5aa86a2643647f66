import fc from "fast-check";
import { expect, it } from "vitest";
import { joined } from "./joined.ts";

async function* each(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

it("joins texts into long pieces, and changes nothing of them", async () => {
  const text = fc.record({ length: fc.nat({ max: 90_000 }), letter: fc.constantFrom("a", "ü", "\n") });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 12 }), async (all) => {
      const texts = all.map(({ length, letter }) => letter.repeat(length));
      const pieces: string[] = [];
      for await (const piece of joined(each(texts))) pieces.push(piece);
      expect(pieces.join("")).toBe(texts.join(""));
      expect(pieces).not.toContain("");
      for (const piece of pieces.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(131_072);
    }),
  );
});
