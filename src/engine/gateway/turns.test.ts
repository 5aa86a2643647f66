import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Asking, Turns } from "./turns.ts";

/** Lets what was promised happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function orderOf(asking: readonly Asking[], clock: () => number = () => 0): Promise<readonly number[]> {
  const turns = new Turns(1, clock);
  const leave = await turns.enter({ network: "first", merit: 0 });
  const begun: number[] = [];
  const all = asking.map(async (each, i) => {
    const end = await turns.enter(each);
    begun.push(i);
    end();
  });
  leave();
  await Promise.all(all);
  return begun;
}

describe("turns of sessions", () => {
  it("go to networks with few under way, then to merit, then to who came first", async () => {
    const turns = new Turns(2, () => 0);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const enter = async (name: string, network: string, merit: number): Promise<void> => {
      ends.set(name, await turns.enter({ network, merit }));
      begun.push(name);
    };
    await Promise.all([enter("a1", "a", 0), enter("b1", "b", 0)]);
    const waiting = [enter("a2", "a", 9), enter("c1", "c", 0), enter("d1", "d", 2), enter("d2", "d", 2)];
    await settled();
    expect([begun, turns.waiting]).toEqual([["a1", "b1"], 4]);
    ends.get("b1")?.();
    await settled();
    // A line in `a` is busy; of the others `d1` has shown more.
    expect(begun.at(-1)).toBe("d1");
    ends.get("a1")?.();
    await settled();
    expect(begun.at(-1)).toBe("a2");
    ends.get("d1")?.();
    ends.get("a2")?.();
    await Promise.all(waiting);
    expect(begun.slice(-2)).toEqual(["d2", "c1"]);
  });

  it("keep nobody waiting for ever", async () => {
    let now = 0;
    const turns = new Turns(1, () => now);
    const leave = await turns.enter({ network: "a", merit: 0 });
    const begun: string[] = [];
    const enter = async (name: string, merit: number): Promise<void> => {
      const end = await turns.enter({ network: name, merit });
      begun.push(name);
      end();
    };
    const poor = enter("poor", 0);
    now = 60_000;
    const rich = enter("rich", 9);
    leave();
    await Promise.all([poor, rich]);
    expect(begun).toEqual(["poor", "rich"]);
  });

  it("come to everybody once, never more at a time than there may be", async () => {
    const asking = fc.record({ network: fc.constantFrom("a", "b", "c"), merit: fc.integer({ min: 0, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(asking, { maxLength: 20 }), fc.integer({ min: 1, max: 4 }), async (all, max) => {
        expect([...(await orderOf(all))].sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
        const turns = new Turns(max, () => 0);
        let underWay = 0;
        let most = 0;
        await Promise.all(
          all.map(async (each) => {
            const end = await turns.enter(each);
            most = Math.max(most, ++underWay);
            await settled();
            underWay--;
            end();
            end();
          }),
        );
        expect([most <= max, underWay, turns.waiting]).toEqual([true, 0, 0]);
      }),
      { numRuns: 30 },
    );
  });
});
