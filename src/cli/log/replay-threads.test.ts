import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { commands, specWith, TestLane } from "../../../test/support/market.ts";
import { logLinesOf, newSigner } from "../../../test/support/receipts.ts";
import { checkSignatures } from "./check-signatures.ts";
import { damagedLinesMax, findLanes, readLogFile } from "./log-file.ts";
import type { LaneResult } from "./replay-lane.ts";
import { ReplayThread, replayFile } from "./replay-threads.ts";

/** Threads run what Node can run: the compiled program, which `npm test` builds first. */
const program = new URL("../../../dist/cli/log/replay-thread.js", import.meta.url);
const nowhere = new URL("./nowhere.js", import.meta.url);
const signer = newSigner();

function laneOf(lane: number, tasks: number): TestLane {
  const test = new TestLane();
  test.do(commands.created(specWith(), lane));
  test.do(commands.funded(1_000_000n));
  test.do(commands.input("opened", {}));
  test.do(commands.batch(0, tasks));
  test.join(1, 2, 3);
  for (let task = 0; task < tasks; task++) {
    for (const each of [1, 2, 3]) test.answer(each, task, task % 5 === each ? "no" : "yes");
    if (task % 7 === 0) test.wait(1_000);
  }
  return test;
}

const linesOf = (lane: TestLane, isPublic = false): string[] => logLinesOf(lane, signer, { isPublic });

function fileOf(lines: readonly string[]): string {
  const path = join(temporaryFolder(), "market.log");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

const replayed = (path: string, threads: number, url = program): Promise<readonly LaneResult[]> =>
  replayFile(path, { signer: null, threads, onRead: () => {}, program: url, bytesPerThread: 1 });

const one = laneOf(0, 60);
const several = [0, 1, 2, 3, 4].map((lane) => laneOf(lane, 6 + 5 * lane));

describe.skipIf(!existsSync(program))("replay in threads", () => {
  it("gives the same of one lane, whole and public, as one thread", async () => {
    for (const isPublic of [false, true]) {
      const path = fileOf(linesOf(one, isPublic));
      const alone = await replayed(path, 1);
      expect(alone).toMatchObject([{ lane: 0, entries: one.log.length, settled: 60, difference: null }]);
      expect(await replayed(path, 2)).toEqual(alone);
    }
  });

  it("starts no thread for a log that one has replayed before another has begun", async () => {
    const path = fileOf(several.flatMap((lane) => linesOf(lane)));
    const start = vi.spyOn(ReplayThread, "start");
    onTestFinished(() => start.mockRestore());
    const options = { signer: null, threads: 2, onRead: () => {}, program };
    const usual = await replayFile(path, options);
    expect(start).not.toHaveBeenCalled();
    expect(await replayFile(path, { ...options, bytesPerThread: statSync(path).size - 1 })).toEqual(usual);
    expect(start).toHaveBeenCalledTimes(1);
  });

  it("gives the same of several lanes, in their order", async () => {
    const path = fileOf(several.flatMap((lane, at) => linesOf(lane, at % 2 === 1)));
    const alone = await replayed(path, 1);
    expect(alone.map(({ lane, difference }) => [lane, difference])).toEqual(several.map((_, at) => [at, null]));
    for (const threads of [2, 3, 16]) expect(await replayed(path, threads)).toEqual(alone);
  });

  it("finds a body that is not the one of its entry, which no root covers", async () => {
    const lines = linesOf(one);
    const at = lines.findLastIndex((line) => line.includes('"attachment":"'));
    const other = Buffer.from('{"answer":"no","salt":"another body altogether"}').toString("base64");
    const path = fileOf(lines.with(at, (lines[at] ?? "").replace(/"attachment":"[^"]*"/, `"attachment":"${other}"`)));
    const [alone] = await replayed(path, 1);
    expect(alone?.difference).toMatchObject({ sequence: at, what: expect.stringContaining("does not fit its hash") });
    expect(await replayed(path, 2)).toEqual([alone]);
  });

  it("names the same entry, wherever a log differs", async () => {
    const lines = linesOf(one);
    const other = linesOf(several[4] as TestLane);
    for (const at of [1, 5, 40, 200, lines.length - 3]) {
      const swapped = lines.with(at, (lines[at] ?? "").replace(/"encoded":"[^"]*"/, '"encoded":"/w=="'));
      const path = fileOf(swapped);
      const [alone] = await replayed(path, 1);
      expect(alone?.difference?.sequence).toBe(at);
      expect(await replayed(path, 2)).toEqual([alone]);
      const both = fileOf([...swapped, ...other]);
      expect(await replayed(both, 2)).toEqual([alone, ...(await replayed(fileOf(other), 1))]);
    }
  });

  it("names the lane that differs, and gives the roots of all others", async () => {
    const lines = several.map((lane) => linesOf(lane));
    const cut = lines.with(3, (lines[3] ?? []).toSpliced(20, 1));
    const results = await replayed(fileOf(cut.flat()), 2);
    expect(results.map(({ root }) => root !== null)).toEqual([true, true, true, false, true]);
    expect(results[3]?.difference).toEqual({ lane: 3, sequence: 20, what: "entry 21 stands in its place" });
  });

  it("says of a damaged line in any lane what one thread says", async () => {
    const lines = several.flatMap((lane) => linesOf(lane));
    const path = fileOf(lines.with(-30, "{"));
    for (const threads of [1, 2]) {
      const differences = (await replayed(path, threads)).map(({ difference }) => difference);
      const sequence = linesOf(several.at(-1) as TestLane).length - 30;
      const what = `line ${lines.length - 29} is damaged`;
      expect(differences).toEqual([...several.slice(1).map(() => null), { lane: several.length - 1, sequence, what }]);
    }
  });

  it("stops where nobody wants it any more", async () => {
    const stop = (): never => {
      throw new Error("stopped");
    };
    const path = fileOf(several.flatMap((lane) => linesOf(lane)));
    await expect(
      replayFile(path, { signer: null, threads: 2, onRead: stop, program, bytesPerThread: 1 }),
    ).rejects.toThrow("stopped");
  });

  it("stops as well where only other threads are still reading", async () => {
    const path = fileOf([...several, one].flatMap((lane) => linesOf(lane)));
    let read = 0;
    const stopSoon = (bytes: number): void => {
      read += bytes;
      if (read > 1_000) throw new Error("stopped");
    };
    await expect(
      replayFile(path, { signer: null, threads: 4, onRead: stopSoon, program, bytesPerThread: 1 }),
    ).rejects.toThrow("stopped");
  });

  it("checks signatures as one thread does", async () => {
    const path = fileOf([one, ...several].flatMap((lane) => linesOf(lane)));
    const options = { share: "all", onRead: () => {}, program } as const;
    const alone = await checkSignatures(path, { ...options, threads: 1 });
    // Nobody signs in these lives.
    const all = alone.requests + alone.authorisations;
    expect(alone).toMatchObject({ checked: all, wrong: all, first: { lane: 0 } });
    expect(alone.requests).toBeGreaterThan(256);
    expect(await checkSignatures(path, { ...options, threads: 3 })).toEqual(alone);
  });
});

describe("a thread that dies", () => {
  /** Says that it is ready, and ends at the first thing it is asked. */
  const dying = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from "node:worker_threads";
      parentPort.on("message", () => process.exit(1));
      parentPort.postMessage({ type: "ready" });
    `)}`,
  );

  it("leaves its work to the others", async () => {
    const path = fileOf(linesOf(one));
    expect(await replayed(path, 2, dying)).toEqual(await replayed(path, 1));
    const many = fileOf(several.flatMap((lane) => linesOf(lane)));
    expect(await replayed(many, 4, dying)).toEqual(await replayed(many, 1));
    const options = { share: "all", onRead: () => {} } as const;
    const both = fileOf([one, ...several].flatMap((lane) => linesOf(lane)));
    const alone = await checkSignatures(both, { ...options, threads: 1 });
    expect(await checkSignatures(both, { ...options, threads: 3, program: dying })).toEqual(alone);
  });
});

describe("a thread that cannot start", () => {
  it("is done without", async () => {
    expect(await ReplayThread.start(nowhere)).toBeNull();
    const path = fileOf(linesOf(one));
    expect(await replayed(path, 2, nowhere)).toEqual(await replayed(path, 1));
    const many = fileOf(several.flatMap((lane) => linesOf(lane)));
    expect(await replayed(many, 4, nowhere)).toEqual(await replayed(many, 1));
  });
});

describe("the lanes of a file", () => {
  it("are found by their headers, whatever stands between", async () => {
    const [first, second] = several.map((lane) => linesOf(lane)) as [string[], string[]];
    const spaced = second.with(0, (second[0] ?? "").replace("{", '{ "more": 1, '));
    const path = fileOf(["", ...first, "", "  ", ...spaced, ""]);
    const parts = await findLanes(path);
    expect(parts.map(({ lane, firstLine }) => [lane, firstLine])).toEqual([
      [0, 1],
      [1, first.length + 4],
    ]);
    expect((await replayed(path, 1)).map(({ difference }) => difference)).toEqual([null, null]);
  });

  it("may be written in any JSON", async () => {
    const lines = linesOf(one).map((line, i) => (i % 3 === 0 ? JSON.stringify(JSON.parse(line), null, 0) : line));
    const loose = lines.map((line) => line.replaceAll('":', '" : ').replace("{", "{ "));
    const reordered = loose.map((line) => {
      const { attachment, ...rest } = JSON.parse(line) as { attachment?: string };
      return JSON.stringify(attachment === undefined ? rest : { attachment, ...rest });
    });
    const expected = await replayed(fileOf(linesOf(one)), 1);
    expect(await replayed(fileOf(loose), 1)).toEqual(expected);
    expect(await replayed(fileOf(reordered), 1)).toEqual(expected);
  });

  it("end where nothing but damage comes, which is not read to its end", async () => {
    const [first, second] = several.map((lane) => linesOf(lane)) as [string[], string[]];
    const junk = Array.from({ length: 50_000 }, () => '{"no":"line of a log"}');
    const path = fileOf([...first.slice(0, 5), ...junk, ...second]);
    let read = 0;
    for await (const { lines } of readLogFile(path)) read += lines.length;
    expect(read).toBe(5 + damagedLinesMax);
    expect((await findLanes(path)).map(({ lane }) => lane)).toEqual([0]);
    for (const threads of [1, 2]) {
      const [result, ...others] = await replayed(path, threads);
      expect(others).toEqual([]);
      expect(result).toMatchObject({ entries: 4, difference: { lane: 0, sequence: 5, what: "line 6 is damaged" } });
    }
  });

  it("are all found behind as much damage as is borne", async () => {
    const [first, second] = several.map((lane) => linesOf(lane)) as [string[], string[]];
    const junk = Array.from({ length: damagedLinesMax - 1 }, () => '{"no":"line of a log"}');
    const path = fileOf([...first, ...junk, ...second]);
    const what = `line ${first.length + 1} is damaged`;
    expect((await replayed(path, 1)).map(({ lane, difference }) => [lane, difference?.what])).toEqual([
      [0, what],
      [1, undefined],
    ]);
  });

  it("are none in a file that is no log", async () => {
    expect(await findLanes(fileOf(["hello", ...linesOf(several[0] as TestLane)]))).toEqual([]);
    expect(await findLanes(fileOf([]))).toEqual([]);
    await expect(replayed(fileOf([]), 2)).rejects.toMatchObject({ context: { problem: "it is empty" } });
    await expect(replayed(join(temporaryFolder(), "none"), 2)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
