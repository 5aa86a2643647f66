import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ReadDelay } from "./read-delay.ts";

const busyFor = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until; );
};

describe("the delay with which requests are read", () => {
  it("is the time that the process was busy with those before", async () => {
    const delay = new ReadDelay();
    void delay.ms;
    await nextTurn();
    busyFor(40);
    await nextTurn();
    expect(delay.ms).toBeGreaterThanOrEqual(40);
  });

  it("is the same for all that are read in one turn, and begins anew behind them", async () => {
    const delay = new ReadDelay();
    void delay.ms;
    await nextTurn();
    busyFor(40);
    await nextTurn();
    const first = delay.ms;
    const askedAtMs = performance.now();
    busyFor(5);
    expect(delay.ms).toBe(first);
    await nextTurn();
    await nextTurn();
    expect(delay.ms).toBeLessThanOrEqual(performance.now() - askedAtMs);
  });

  it("is none where the process had nothing to do meanwhile", async () => {
    const delay = new ReadDelay();
    void delay.ms;
    await nextTurn();
    busyFor(20);
    const afterPause = async (): Promise<number> => {
      await sleep(50);
      return delay.ms;
    };
    await expect.poll(afterPause).toBe(0);
  });
});
