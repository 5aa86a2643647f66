import { describe, expect, it, vi } from "vitest";
import { earnestError } from "../core/errors.ts";
import { Loop } from "./loop.ts";

const long = 3_600_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("a loop", () => {
  it("runs again and again, one run at a time", async () => {
    let running = 0;
    let runs = 0;
    const loop = new Loop("test", 1, vi.fn(), async () => {
      expect(++running).toBe(1);
      await pause(3);
      running--;
      runs++;
    });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(3), 20_000);
    await loop.stop();
    const stopped = runs;
    await pause(10);
    expect(runs).toBe(stopped);
  });

  it("goes on after a failure, which it logs", async () => {
    const log = vi.fn();
    let runs = 0;
    const loop = new Loop("test", 1, log, () => {
      runs++;
      return Promise.reject(runs === 1 ? new Error("once") : earnestError("API_KEY_NOT_FOUND", {}));
    });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(2), 20_000);
    await loop.stop();
    expect(log.mock.calls[0]).toEqual(["test failed", { error: "Error: once" }]);
    expect(log.mock.calls[1]).toEqual(["test failed", expect.objectContaining({ code: "API_KEY_NOT_FOUND" })]);
  });

  it("runs now where it is asked to, after a run that is under way, and says how that went", async () => {
    let running = 0;
    let runs = 0;
    const loop = new Loop("test", long, vi.fn(), async () => {
      expect(++running).toBe(1);
      await pause(2);
      running--;
      if (++runs === 3) throw new Error("the third");
    });
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => loop.runNow()));
    expect(all.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
    await loop.stop();
  });

  it("stops when its last run is over", async () => {
    let isDone = false;
    const loop = new Loop("test", 1, vi.fn(), async () => {
      await pause(20);
      isDone = true;
    });
    await pause(10);
    await loop.stop();
    expect(isDone).toBe(true);
  });
});
