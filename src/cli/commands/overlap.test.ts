import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";

const example = join(import.meta.dirname, "../../../examples/rte");
const answers = join(example, "answers.csv");
const truth = join(example, "truth.csv");

const simulate = (...args: string[]) => runCli(["overlap", "simulate", answers, "--truth", truth, ...args]);

describe("overlap simulate", () => {
  it("says what a market would have cost and reached, beside the usual rules", async () => {
    const { json, exitCode } = await simulate("--target", "0.95", "--seed", "1", "--json");
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ ok: true, target: 0.95, worth: 100, seed: 1, tasks: 760, controlTasks: 40 });
    expect(json.accuracy).toBeGreaterThan(json.baselines.all.accuracy);
    expect(json.answersPerTask).toBeLessThan(5);
    for (const key of ["promisedError", "realisedError", "ece", "settled"]) expect(json[key]).toBeLessThan(1);
    for (const name of ["fixed3", "fixed5", "all", "toloka"]) {
      expect(Object.keys(json.baselines[name])).toEqual(["answersPerTask", "accuracy"]);
    }
    expect(json.baselines.fixed3.answersPerTask).toBe(3);
  });

  it("is the same for the same seed, and for any order of the rows", async () => {
    const folder = temporaryFolder();
    const rows = ["task,worker,label"];
    for (let i = 0; i < 300; i++) rows.push(`t${i % 60},w${Math.floor(i / 60)},${(i * 7) % 3 === 0 ? "b" : "a"}`);
    writeFileSync(
      join(folder, "truth.csv"),
      `task,label\n${Array.from({ length: 60 }, (_, i) => `t${i},a`).join("\n")}`,
    );
    const run = (lines: readonly string[]) =>
      runCli(["overlap", "simulate", "-", "--truth", "truth.csv", "--json"], { folder, input: lines.join("\n") });
    const [header = "", ...body] = rows;
    const one = await run(rows);
    const other = await run([header, ...body.toReversed()]);
    expect(other.json).toEqual(one.json);
  });

  it("is cheaper by preset, and says so to people with a plot", async () => {
    const { stdout } = await simulate("--preset", "cheap");
    expect(stdout).toMatch(/this market +\d\.\d\d +\d\d\.\d\d% +▪+/);
    expect(stdout).toMatch(/Toloka-style/);
    expect(stdout).toMatch(/tasks settled at 87\.00%/);
    expect(stdout).toContain("A label is worth 12 answers");
    expect((await simulate("--target", "0.99")).stderr).toMatch(/Seen early/);
    const cheap = (await simulate("--preset", "cheap", "--json")).json;
    const strict = (await simulate("--preset", "strict", "--json")).json;
    expect(cheap.answersPerTask).toBeLessThan(strict.answersPerTask);
    expect(cheap.accuracy).toBeLessThan(strict.accuracy + 0.01);
  });

  it("keeps to bounds that are given", async () => {
    const { json } = await simulate("--min", "2", "--max", "2", "--controls", "0", "--json");
    expect(json).toMatchObject({ answersPerTask: 2, controlTasks: 0, tasks: 800 });
  });

  it("says that nothing settled where nothing can", async () => {
    const { stdout } = await simulate("--target", "1");
    expect(stdout).toContain("No task settled at 100.00%");
  });

  it.each([
    ["no truth", ["overlap", "simulate", answers], "--truth"],
    ["a target that is no share", ["overlap", "simulate", answers, "--truth", truth, "--target", "95"], "share"],
    [
      "bounds the wrong way round",
      ["overlap", "simulate", answers, "--truth", truth, "--min", "5", "--max", "2"],
      "--min",
    ],
    [
      "a preset beside a target",
      ["overlap", "simulate", answers, "--truth", truth, "--preset", "cheap", "--target", "0.9"],
      "--preset",
    ],
    ["an unknown preset", ["overlap", "simulate", answers, "--truth", truth, "--preset", "best"], "cheap"],
    ["standard input twice", ["overlap", "simulate", "-", "--truth", "-"], "only once"],
    ["a missing file", ["overlap", "simulate", answers, "--truth", "no.csv"], "no.csv"],
    ["a seed that is none", ["overlap", "simulate", answers, "--truth", truth, "--seed", "-1"], "seed"],
  ])("refuses %s", async (_, args, said) => {
    const { exitCode, stdout, stderr } = await runCli([...args, "--json"]);
    expect(exitCode).toBeGreaterThan(0);
    expect(stdout + stderr).toContain(said);
  });

  it("says which row is bad, and where no truth is of a task that was answered", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "t.csv"), "task,label\nz,1\n");
    writeFileSync(join(folder, "good.csv"), "task,label\na,1\n");
    const run = (input: string, known: string) =>
      runCli(["overlap", "simulate", "-", "--truth", known, "--json"], { folder, input });
    expect((await run("task,worker,label\na,x,1\nb,y\n", "good.csv")).json.error.message).toContain("line 3");
    expect((await run("task,worker,label\na,x,1\n", "t.csv")).json.error).toMatchObject({ code: "MALFORMED_FILE" });
    expect((await run("task,worker,label\n", "good.csv")).json.error.message).toContain("no answers");
  });
});
