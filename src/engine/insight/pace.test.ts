import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amount, amountMax } from "../../core/amount.ts";
import { paceOf, perHour } from "./pace.ts";

const at = (seconds: number, reward: bigint) => ({ timeMs: 1_000 * seconds, reward: amount(reward) });

describe("a contributor's pace", () => {
  it("is what was earned by the time between answers", () => {
    expect(paceOf([at(0, 5n), at(60, 10n), at(120, 20n)])).toEqual({
      answers: 2,
      activeSeconds: 120,
      earned: 30n,
      perHour: 900n,
    });
  });

  it("leaves out pauses, with the answers that end them", () => {
    const morning = [at(0, 5n), at(100, 10n)];
    const evening = [at(30_000, 70n), at(30_100, 10n)];
    expect(paceOf([...morning, ...evening])).toMatchObject({ answers: 2, activeSeconds: 200, earned: 20n });
    expect(paceOf([at(0, 1n), at(600, 1n)])).toBeNull();
    expect(paceOf([at(0, 1n), at(599, 1n)])).toMatchObject({ answers: 1, activeSeconds: 599 });
  });

  it("counts answers sent together: their time is before them", () => {
    expect(paceOf([at(0, 1n), at(90, 10n), at(90, 10n), at(90, 10n)])).toMatchObject({
      answers: 3,
      activeSeconds: 90,
      earned: 30n,
      perHour: 1_200n,
    });
  });

  it("does not say an hourly rate of less than a minute", () => {
    expect(paceOf([at(0, 1n), at(59, 10n)])).toMatchObject({ activeSeconds: 59, perHour: null });
  });

  it("is nothing without two answers", () => {
    expect(paceOf([])).toBeNull();
    expect(paceOf([at(5, 1n)])).toBeNull();
  });

  it("is the same in any order, and never more than was earned", () => {
    const answers = fc.array(fc.tuple(fc.nat(100_000), fc.nat(1_000)), { maxLength: 40 });
    fc.assert(
      fc.property(answers, (given) => {
        const all = given.map(([seconds, reward]) => at(seconds, BigInt(reward)));
        const pace = paceOf(all);
        const reversed = paceOf([...all].reverse());
        expect(reversed?.activeSeconds).toBe(pace?.activeSeconds);
        if (pace === null || pace.perHour === null) return;
        expect(Number(pace.perHour) * pace.activeSeconds).toBeLessThanOrEqual(Number(pace.earned) * 3_600);
      }),
    );
  });

  it("rounds down", () => {
    expect(perHour(amount(10n), 7_000)).toBe(5_142n);
    expect(perHour(amount(1n), 0)).toBe(3_600_000n);
    expect(perHour(amount(amountMax), 1)).toBe(amountMax);
  });
});
