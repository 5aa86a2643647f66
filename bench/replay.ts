import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSignatures } from "#src/cli/log/check-signatures";
import { LaneReading } from "#src/cli/log/lane-reading";
import { findLanes, readLogFile } from "#src/cli/log/log-file";
import { packPortion } from "#src/cli/log/portion";
import { replayFile } from "#src/cli/log/replay-threads";
import { type Parts, type Places, startProfile } from "./load/profile.ts";
import { defineBench, type Say, shortOption, type ValuesOf } from "./options.ts";
import type { LaneParts } from "./replay/build-lane.ts";
import { logSigner, type WrittenLog, writeLog } from "./replay/write-log.ts";
import { executionsPerSecond } from "./sandbox.ts";

/**
 * Replay of exported logs, as `earnest replay` does it: from the file to the root, with every rule. Wall time with one
 * thread and with two, median of rounds; apart from it signatures of requests, and small executions in the sandbox.
 * Beside it, processor time of an entry, the least of the rounds, which other work on the machine hardly changes: for
 * reading and hashing, bodies among it, and for the rules. Of one lane two threads take one of these each, of several
 * lanes both; a short log is left to one. So these times bound the pace: what two cores would do that had nothing else to
 * do stands beside what they did. `decide`, which made the logs, is told by the same measure. Below each log stands where
 * that time goes.
 */
export const benchReplay = defineBench(shortOption, bench);

async function bench(values: ValuesOf<typeof shortOption>, say: Say): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "earnest-replay-"));
  const path = join(folder, "market.log");
  try {
    say("                                                entries a second      microseconds of processor an entry");
    say("log                lanes    entries   1 thread  2 threads 2 free cores  reading      rules     decide");
    const cases: object[] = [];
    for (const { name, lanes } of logsOf(values.short ? 10 : 1)) {
      const found = await measure(writeLog(path, lanes));
      const { oneThread, twoThreads } = found.entriesPerSecond;
      const { reading, rules, decide } = found.microseconds;
      const rates = [oneThread, twoThreads, found.boundOfTwoCores].map((rate) => `${rate}`.padStart(11)).join("");
      const times = [reading, rules, decide].map((time) => time.toFixed(2).padStart(11)).join("");
      say(`${name.padEnd(19)}${`${found.lanes}`.padStart(5)}${`${found.entries}`.padStart(11)}${rates} ${times}`);
      const parts = Object.entries(found.parts).map(([part, time]) => `${part} ${time.toFixed(2)}`);
      say(`  ${parts.join(", ")}`);
      say(`  ${goalOf(found)}`);
      cases.push({ name, ...found });
    }
    const log = writeLog(path, [{ ...plain, entries: signedEntries, isSigned: true }]);
    const signaturesPerSecond = { oneThread: await checked(log, 1), twoThreads: await checked(log, 2) };
    const { oneThread, twoThreads } = signaturesPerSecond;
    say(`signatures a second: ${oneThread} with one thread, ${twoThreads} with two`);
    const executions = await executionsPerSecond();
    say(`executions a second: ${executions} with as many threads as processors`);
    const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1_024);
    say(`peak memory: ${peakMegabytes} MB, making the logs included`);
    return { cases, signaturesPerSecond, executionsPerSecond: executions, peakMegabytes, rounds };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const rounds = 3;
const signedEntries = 30_000;
const plain: LaneParts = { lane: 0, entries: 1_000_000, hasPolicy: false, isSigned: false };

function logsOf(divisor: number): readonly { readonly name: string; readonly lanes: readonly LaneParts[] }[] {
  const lanesOf = (count: number, entries: number, hasPolicy: boolean): LaneParts[] =>
    Array.from({ length: count }, (_, lane) => ({ ...plain, lane, entries: entries / divisor, hasPolicy }));
  return [
    { name: "consensus of 3", lanes: lanesOf(1, 1_000_000, false) },
    { name: "consensus of 3", lanes: lanesOf(8, 125_000, false) },
    { name: "learned models", lanes: lanesOf(1, 200_000, true) },
    { name: "learned models", lanes: lanesOf(4, 50_000, true) },
  ];
}

type Measured = Awaited<ReturnType<typeof measure>>;

async function measure(log: WrittenLog) {
  const { entries, lanes, bytes, decideMicroseconds: decide } = log;
  const reading = (await leastMicroseconds(() => readAlone(log))) / entries;
  const all = (await leastMicroseconds(() => replayed(log, 1))) / entries;
  const oneThread = await rateOf(entries, () => replayed(log, 1));
  const twoThreads = await rateOf(entries, () => replayed(log, 2));
  const entriesPerSecond = { oneThread, twoThreads };
  const microseconds = { reading, rules: all - reading, decide };
  const parts = scaled(await profiled(() => replayed(log, 1)), all);
  return {
    lanes,
    entries,
    bytes,
    entriesPerSecond,
    boundOfTwoCores: boundOf(lanes, microseconds),
    microseconds,
    parts,
  };
}

/** What replay is to reach over two cores, signatures and sandboxes apart. */
const entriesPerSecondMin = 200_000;

/** How far the pace is from there, and which work holds it up. */
function goalOf({ lanes, boundOfTwoCores, microseconds: { reading, rules }, parts }: Measured): string {
  const percent = Math.round((100 * boundOfTwoCores) / entriesPerSecondMin);
  const [largest] = Object.keys(parts);
  const alone = rules > reading ? "the rules, of which one core does all" : "the reading, of which one core does all";
  const limit = lanes === 1 ? alone : "both cores alike";
  return `two free cores: ${percent} % of ${entriesPerSecondMin} a second, bound by ${limit}; most goes into ${largest}`;
}

/** What an entry costs, by whose files the time is spent in. */
const replayPlaces: Places = [
  ["learning models", /\/dist\/(verification\/(pay|overlap|inference)\/|market\/(learned|model|lessons|groups)\.)/],
  ["hashes", /\/dist\/(core\/(hash|log-tree)|cli\/(crypto|sha256))|^node:internal\/crypto\//],
  ["reading the file", /\/dist\/cli\/|^node:(fs|buffer|internal\/(fs|streams|process))/],
  ["canonical bytes", /\/dist\/(core\/(codec|bytes)|market\/(entries|answer-codec|body))\./],
  ["what is admitted", /\/dist\/market\/(admit|covering|eligibility)\./],
  ["what follows", /\/dist\/(market\/(follow|label|ruling|right)\.|verification\/)/],
  ["what changes", /\/dist\/(market|ledger|core)\//],
];

async function profiled(work: () => Promise<void>): Promise<Parts> {
  const stop = await startProfile(replayPlaces);
  await work();
  return await stop();
}

/** The largest first; a profile costs time of its own, so that only its shares count. */
function scaled(parts: Parts, microseconds: number): Parts {
  const total = Object.values(parts).reduce((sum, each) => sum + each, 0);
  const sorted = Object.entries(parts).sort(([, a], [, b]) => b - a);
  return Object.fromEntries(sorted.map(([part, time]) => [part, (time * microseconds) / total]));
}

/** Entries a second of two cores that do nothing else: of one lane the longer part holds the other one up. */
const boundOf = (lanes: number, { reading, rules }: { readonly reading: number; readonly rules: number }): number =>
  Math.round(1_000_000 / (lanes === 1 ? Math.max(reading, rules) : (reading + rules) / 2));

async function replayed({ path }: WrittenLog, threads: number): Promise<void> {
  const options = { signer: logSigner.publicKey, threads, onRead: () => {} };
  const results = await replayFile(path, options);
  const differing = results.find(({ difference }) => difference !== null)?.difference;
  if (differing !== undefined && differing !== null) throw new Error(`entry ${differing.sequence}: ${differing.what}`);
}

/** What the one of two threads does that leaves the rules to the other. */
async function readAlone({ path }: WrittenLog): Promise<void> {
  for (const part of await findLanes(path)) {
    const reading = new LaneReading(logSigner.publicKey);
    for await (const { lines } of readLogFile(path, part)) packPortion(reading.take(lines));
    if (reading.difference !== null) throw new Error(reading.difference.what);
  }
}

/** Signatures a second. */
async function checked(log: WrittenLog, threads: number): Promise<number> {
  let count = 0;
  const rate = await rateOf(1_000_000, async () => {
    const result = await checkSignatures(log.path, { share: "all", threads, onRead: () => {} });
    if (result.wrong > 0) throw new Error(`${result.wrong} signatures are wrong`);
    count = result.checked;
  });
  return Math.round((rate * count) / 1_000_000);
}

/** How many of so many things a second. */
async function rateOf(count: number, work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return Math.round((count * 1_000) / (times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] as number));
}

async function leastMicroseconds(work: () => Promise<void>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return least;
}
