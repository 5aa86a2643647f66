import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lastJson, runProgram } from "../support/run-program.ts";
import { readOptions } from "./options.ts";
import { Random } from "./random.ts";
import type { CrashReport } from "./run.ts";

const program = fileURLToPath(new URL("../../dist/test/crash/crash.js", import.meta.url));

/** The test as a program of its own, which starts servers. */
async function run(...args: readonly string[]) {
  const ran = await runProgram(program, args);
  return { ...ran, report: lastJson(ran) as CrashReport };
}

describe("killed at any instant", () => {
  // More than the program gives itself: where it hangs, it says what it waits for and cleans up.
  it("20 times: nothing acknowledged is lost, nothing is paid twice", { timeout: 840_000 }, async () => {
    const { code, report, stderr } = await run("--kills", "20", "--json");
    expect(report.failures, stderr).toEqual([]);
    expect(report, stderr).toMatchObject({
      kills: 20,
      kinds: { api: 10, postgres: 10 },
      lost: 0,
      paidTwice: 0,
      ok: true,
    });
    expect(report.acknowledged).toBeGreaterThan(300);
    expect(report.checkpointed).toBeGreaterThan(50);
    expect(report.chainTotal).toBe(report.ledgerTotal);
    expect(Number(report.chainTotal)).toBeGreaterThan(0);
    expect(report.commits).toBeGreaterThan(1);
    expect(code).toBe(0);
  });
});

describe("the command line", () => {
  it("says what is wrong with it", async () => {
    const { code, stderr } = await run("--kills", "many");
    expect(code).toBe(2);
    expect(stderr).toContain("--kills must be a whole number");
  });

  it("takes its options", () => {
    expect(readOptions(["--kills", "7", "--seed", "3", "--processes", "2", "--json"])).toEqual({
      kills: 7,
      seed: 3,
      processes: 2,
      json: true,
      keep: false,
    });
    expect(() => readOptions(["--processes", "3"])).toThrow("--processes must be");
    expect(() => readOptions(["--nonsense"])).toThrow();
  });
});

describe("a seed", () => {
  it("gives the same numbers again, and forks that differ", () => {
    const [one, two] = [new Random(9), new Random(9)];
    expect(Array.from({ length: 5 }, () => one.between(1, 1000))).toEqual(
      Array.from({ length: 5 }, () => two.between(1, 1000)),
    );
    expect(one.fork().next()).not.toBe(one.fork().next());
  });
});
