import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Gather } from "./gather.ts";

/** Doubles numbers, and waits with each answer until it is let go. */
function doubling(failsOn?: number) {
  const asked: number[][] = [];
  const gates: (() => void)[] = [];
  const gather = new Gather<number, number>(async (questions) => {
    asked.push([...questions]);
    await new Promise<void>((resolve) => gates.push(resolve));
    if (failsOn !== undefined && questions.includes(failsOn)) throw new Error(`${failsOn} has no answer`);
    return questions.map((each) => each * 2);
  });
  const letGo = async (): Promise<void> => {
    while (gates.length === 0) await Promise.resolve();
    gates.shift()?.();
  };
  return { gather, asked, letGo };
}

const messageOf = (error: unknown): string => (error as Error).message;

describe("questions", () => {
  it("of one moment are asked together, and those that come meanwhile are the next", async () => {
    const { gather, asked, letGo } = doubling();
    const first = [1, 2].map((each) => gather.get(each));
    await Promise.resolve();
    const later = [3, 4].map((each) => gather.get(each));
    await letGo();
    expect(await Promise.all(first)).toEqual([2, 4]);
    await letGo();
    expect(await Promise.all(later)).toEqual([6, 8]);
    const last = gather.get(5);
    await letGo();
    expect(await last).toBe(10);
    expect(asked).toEqual([[1, 2], [3, 4], [5]]);
  });

  it("fail together, and leave the next alone", async () => {
    const { gather, letGo } = doubling(2);
    const first = [1, 2].map((each) => gather.get(each).catch(messageOf));
    await letGo();
    expect(await Promise.all(first)).toEqual(["2 has no answer", "2 has no answer"]);
    const next = gather.get(3);
    await letGo();
    expect(await next).toBe(6);
  });

  it("all get their own answer, whenever they come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(50), fc.nat(4)), { maxLength: 40 }), async (plan) => {
        const gather = new Gather<number, number>(async (questions) => {
          for (let i = 0; i < (questions.length % 3) + 1; i++) await Promise.resolve();
          return questions.map((each) => each * 2);
        });
        const answers: Promise<number>[] = [];
        for (const [question, pauses] of plan) {
          answers.push(gather.get(question));
          for (let i = 0; i < pauses; i++) await Promise.resolve();
        }
        expect(await Promise.all(answers)).toEqual(plan.map(([question]) => question * 2));
      }),
    );
  });
});
