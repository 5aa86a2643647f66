import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAmount } from "../../src/core/amount.ts";

/** The compiled program: `npm test` has built it. */
const program = resolve("dist/main/earnest.js");
/** Of the token that a local network pays in. */
const decimals = 6;

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a person would, with a data folder of its own. */
function earnest(args: readonly string[], timeoutMs = 240_000): Promise<Run> {
  return new Promise((settle, fail) => {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.on("error", fail);
    child.on("close", (exitCode) => settle({ exitCode, stdout, stderr }));
  });
}

const lastObject = ({ stdout }: Run): Record<string, unknown> =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;

interface Accuracy {
  readonly tasks: number;
  readonly accuracy: number;
}

/** A program that stays up, and what it said so far. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stderr, child.stdout]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((settle) => child.on("close", settle));
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((settle, fail) => {
      const look = (): void => {
        if (pattern.test(output)) settle();
      };
      listeners.add(look);
      child.on("close", () => fail(new Error(`it ended without saying ${pattern}:\n${output}`)));
      look();
    });
  return { child, ended, said, output: () => output };
}

/** The console blocks of the README, without the commands. */
async function readmeBlocks(): Promise<string[]> {
  const text = await readFile("README.md", "utf8");
  return [...text.matchAll(/```console\n\$ [^\n]*\n([\s\S]*?)```/g)].map((match) => match[1] as string);
}

/** Lines with every number, id and path replaced, so that two runs of the same program look the same. */
const shape = (text: string): string[] =>
  text
    .split("\n")
    .map((line) =>
      line
        .replace(/[0-9a-f]{32}/g, "ID")
        .replace(/earnest_test_[\w-]+…?/g, "KEY")
        .replace(/\d+(\.\d+)?/g, "N")
        .trimEnd(),
    )
    .filter((line) => line !== "" && !line.startsWith("  /") && !line.startsWith("port N is taken"));

/** The first word of each line. */
const labels = (text: string): string[] => text.split("\n").flatMap((line) => line.match(/\S+/)?.[0] ?? []);

let folder = "";
beforeAll(async () => {
  // Not mkdtemp's mode 700: as root, PostgreSQL runs as another account.
  folder = join(tmpdir(), `earnest start ${process.pid}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dev = (...args: readonly string[]): Promise<Run> =>
  earnest(["dev", "--once", "--json", "--port", "0", "--data", join(folder, "data"), ...args]);

describe("npm start", () => {
  it("pays a recorded crowd, and three totals agree; a second start resumes", { timeout: 300_000 }, async () => {
    const first = await dev();
    expect(first, first.stderr).toMatchObject({ exitCode: 0 });
    const report = lastObject(first);
    expect(report).toMatchObject({
      ok: true,
      dataset: "rte",
      tasks: 800,
      contributors: 164,
      submissions: 8000,
      submitToPaidMs: { own: { p50: expect.any(Number) }, deciding: { p99: expect.any(Number) } },
    });
    expect(report["accuracy"]).toBeGreaterThanOrEqual(0.91);
    expect(report["paidAnswers"]).toBeGreaterThan(4_000);
    expect(report["openTasks"]).toBeGreaterThanOrEqual(20);
    expect(report["ledgerTotal"]).toMatch(/^\d+(\.\d{1,6})?$/);
    expect(report["machine"]).toMatchObject({
      settled: true,
      tasks: 34,
      answers: { machine: expect.any(Number), people: expect.any(Number) },
      measured: { interval: [expect.any(Number), expect.any(Number)] },
      people: { simulated: true },
    });
    const { all, read } = report["machine"] as { all: { together: Accuracy }; read: { machine: Accuracy } };
    expect(all.together.accuracy).toBeGreaterThan(0.8);
    expect(read.machine.tasks).toBeGreaterThanOrEqual(5);
    expect([report["chainTotal"], report["receiptsTotal"]]).toEqual([report["ledgerTotal"], report["ledgerTotal"]]);
    const again = await dev();
    const { seconds: _seconds, server: _server, rpc: _rpc, ...same } = lastObject(again);
    expect(report).toMatchObject(same);
    const { ok, totals } = await verifyExport(report);
    expect([ok, sumOf(totals)]).toEqual([true, parseAmount(report["receiptsTotal"] as string, decimals)]);
  });

  it("takes another recording, with labels of any kind", { timeout: 120_000 }, async () => {
    const recording = await mkdtemp(join(tmpdir(), "earnest recording "));
    const answers = ["ä", "b, c", "ä"].flatMap((label, worker) =>
      [0, 1].map((task) => `t${task},w${worker},"${label}"`),
    );
    await writeFile(join(recording, "answers.csv"), `task,contributor,label\n${answers.join("\n")}\n`);
    await writeFile(join(recording, "truth.csv"), "task,label\nt0,ä\n");
    const run = await dev("--dataset", recording);
    expect(run, run.stderr).toMatchObject({ exitCode: 0 });
    expect(lastObject(run)).toMatchObject({ ok: true, tasks: 2, submissions: 6 });
  });

  it("prints what the README shows, answers a question, and ends in order at Ctrl-C", {
    timeout: 120_000,
  }, async () => {
    const shown = await readmeBlocks();
    const running = start("dev", "--port", "0", "--data", join(folder, "data"));
    await running.said(/Earnest is at (\S+)/);
    expect(shape(running.output())).toEqual(shape(shown[0] as string));
    // Nobody else's address reaches it: Linux has all of 127.0.0.0/8, which stands for one here.
    const url = /Earnest is at (\S+)/.exec(running.output())?.[1] ?? "";
    await expect(fetch(`${url}/healthz`)).resolves.toMatchObject({ status: 200 });
    await expect(fetch(`${url.replace("localhost", "127.0.0.2")}/healthz`)).rejects.toThrow("fetch failed");
    const [short, long] = [join(folder, "a.txt"), join(folder, "b.txt")];
    await writeFile(short, "The old bridge is one lane.");
    await writeFile(long, "The old bridge has one lane, so lorries must go round by Weston.");
    const question = ["Which summary is better?", short, long, "--pay", "0.05", "--overlap", "3"];
    const asked = await earnest(["ask", ...question, "--data", join(folder, "data")], 60_000);
    expect(asked, asked.stderr).toMatchObject({ exitCode: 0 });
    // Who answers what is left to chance; what is shown of it is not.
    expect(labels(asked.stdout)).toEqual(labels(shown[1] as string));
    running.child.kill("SIGINT");
    running.child.kill("SIGINT");
    expect(await running.ended).toBe(0);
  });

  /** The markets pay in one token. */
  const sumOf = (totals: unknown): bigint =>
    (totals as { total: string }[]).reduce((sum, { total }) => sum + parseAmount(total, decimals), 0n);

  async function verifyExport(report: Record<string, unknown>): Promise<Record<string, unknown>> {
    const files = report["exports"] as string[];
    expect(files.every((file) => existsSync(file))).toBe(true);
    return lastObject(await earnest(["receipts", "verify", ...files, "--json", "--data", join(folder, "data")]));
  }
});

describe("a wrong command line", () => {
  it.each([
    [["dev", "--bogus"], 2, "--bogus"],
    [["dev", "--port", "x"], 2, "65535"],
    [["frobnicate"], 2, "frobnicate"],
    [["dev", "--once", "--dataset", "/nonexistent"], 1, "truth.csv"],
    [["dev", "--once", "--data", "/proc/earnest"], 1, "--data"],
  ])("%j says what and how to mend it", async (args, exitCode, said) => {
    const run = await earnest(args, 20_000);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(said);
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });
});
