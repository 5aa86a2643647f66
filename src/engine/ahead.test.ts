import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ahead, beginnings } from "./ahead.ts";

async function all<Made>(source: AsyncIterable<Made>): Promise<Made[]> {
  const made: Made[] = [];
  for await (const each of source) made.push(each);
  return made;
}

describe("portions", () => {
  it("hold every number once", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 20 }), (from, count, portion) => {
        const end = from + count;
        const numbers = [...beginnings(from, end, portion)].flatMap((at) =>
          Array.from({ length: Math.min(portion, end - at) }, (_, i) => at + i),
        );
        expect(numbers).toEqual(Array.from({ length: count }, (_, i) => from + i));
      }),
    );
  });
});

describe("what is made ahead", () => {
  it("comes in order, whichever is done first, and two at most are under way", async () => {
    let [underWay, most] = [0, 0];
    const make = async (delayTurns: number): Promise<number> => {
      most = Math.max(most, ++underWay);
      for (let turn = 0; turn < delayTurns; turn++) await Promise.resolve();
      underWay--;
      return delayTurns;
    };
    const items = [9, 1, 5, 0, 7];
    expect(await all(ahead(items, make))).toEqual(items);
    expect(most).toBe(2);
    expect(await all(ahead([], make))).toEqual([]);
  });

  it("fails where its turn comes, after what was made before", async () => {
    const made: number[] = [];
    const run = async (): Promise<void> => {
      for await (const each of ahead([1, 2, 3], async (item) => {
        if (item === 2) throw new Error("two");
        return item;
      }))
        made.push(each);
    };
    await expect(run()).rejects.toThrow("two");
    expect(made).toEqual([1]);
  });

  it("fails in silence where nobody takes it any more", async () => {
    const failing = ahead([1, 2], async (item) => {
      if (item === 2) throw new Error("nobody hears of it");
      return item;
    });
    expect((await failing.next()).value).toBe(1);
    expect((await failing.return(undefined)).done).toBe(true);
    // An unhandled rejection would end the process of the tests by now.
    await new Promise((later) => setImmediate(later));
  });
});
