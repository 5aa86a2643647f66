import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lastJson, type Ran, runProgram } from "../support/run-program.ts";
import { knownSeeds } from "./mutations/known-seeds.ts";
import { readOptions } from "./options.ts";
import type { SimReport } from "./sim.ts";

const program = fileURLToPath(new URL("../../dist/test/sim/sim.js", import.meta.url));

/** As people run it, in a time of its own. */
const run = (...args: readonly string[]): Promise<Ran> => runProgram(program, args);

const reportOf = (ran: Ran): SimReport => lastJson(ran) as SimReport;

describe("a simulated network", () => {
  it("holds what it promises in a few lives, and every planted fault is found", { timeout: 300_000 }, async () => {
    const ran = await run("--seeds", "8", "--json");
    const report = reportOf(ran);
    expect(report.failures, ran.stderr).toEqual([]);
    const planted = Object.keys(knownSeeds).length;
    expect(report, ran.stderr).toMatchObject({
      seeds: 8,
      mutationsPlanted: planted,
      mutationsCaught: planted,
      ok: true,
    });
    expect(planted).toBe(12);
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(report.commits).toBeGreaterThan(10);
    expect(ran.code).toBe(0);
  });

  it("lives the same life again from its seed, and says how a fault is met again", { timeout: 120_000 }, async () => {
    const [once, again] = await Promise.all(
      [1, 2].map(() => run("--seed", "1", "--mutation", "reordered-entry", "--trace")),
    );
    expect(once?.stderr.split("\n").slice(0, -2)).toEqual(again?.stderr.split("\n").slice(0, -2));
    expect(once?.stderr).toContain("replay:  npm run sim -- --seed 1 --trace --mutation reordered-entry");
    expect(once?.code).toBe(1);
  });
});

describe("the command line", () => {
  it("takes its options, and says what is wrong with them", () => {
    const whole = { json: false, mutations: true, mutation: null, trace: false };
    expect(readOptions(["--seeds", "7", "--first", "3"])).toEqual({ ...whole, first: 3, seeds: 7, processes: 2 });
    const alone = { ...whole, mutations: false };
    expect(readOptions(["--seed", "9"])).toEqual({ ...alone, first: 9, seeds: 1, processes: 1 });
    const spoilt = { ...alone, mutation: "lost-cut" };
    expect(readOptions(["--seeds", "7", "--mutation", "lost-cut"])).toEqual({
      ...spoilt,
      first: 1,
      seeds: 7,
      processes: 2,
    });
    expect(() => readOptions(["--seeds", "many"])).toThrow("--seeds must be a whole number");
    expect(() => readOptions(["--seed", "1", "--seeds", "2"])).toThrow("one of them");
  });
});
