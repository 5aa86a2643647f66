import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portionsOf } from "./portions.ts";

/** Hands out its parts one value at a time, and lets the event loop go on between two of them. */
async function* sourceOf<T>(parts: readonly (readonly T[])[], end: () => void = () => undefined): AsyncGenerator<T> {
  try {
    for (const part of parts) {
      await turn();
      await turn();
      yield* part;
    }
  } finally {
    end();
  }
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of source) found.push(each);
  return found;
}

describe("portions of a source", () => {
  it("are what comes together, in order and whole, none empty and none too long", async () => {
    const parts = fc.array(fc.array(fc.nat(), { maxLength: 80 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(parts, async (given) => {
        const portions = await all(portionsOf(sourceOf(given)));
        expect(portions.flat()).toEqual(given.flat());
        for (const { length } of portions) expect(length >= 1 && length <= 32).toBe(true);
      }),
      { numRuns: 50 },
    );
    expect(await all(portionsOf(sourceOf([[1, 2, 3], [4], [], [5, 6]])))).toEqual([[1, 2, 3], [4], [5, 6]]);
  });

  it("fail where their source does, after what came before", async () => {
    const failing = async function* (): AsyncGenerator<number> {
      yield 1;
      yield 2;
      throw new Error("gone");
    };
    const found: (readonly number[])[] = [];
    const reading = (async () => {
      for await (const portion of portionsOf(failing())) found.push(portion);
    })();
    await expect(reading).rejects.toThrow("gone");
    expect(found.flat().length).toBeLessThanOrEqual(2);
  });

  it("end their source when nobody wants more", async () => {
    let ended = 0;
    for await (const portion of portionsOf(sourceOf([[1], [2], [3]], () => void ended++))) {
      expect(portion).toEqual([1]);
      break;
    }
    while (ended === 0) await turn();
    expect(ended).toBe(1);
  });
});
