import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSignatures } from "#src/cli/log/check-signatures";
import { replayFile } from "#src/cli/log/replay-threads";
import type { LaneParts } from "./replay/build-lane.ts";
import { logSigner, type WrittenLog, writeLog } from "./replay/write-log.ts";

/**
 * Replay of exported logs, as `earnest replay` does it: from the file to the root, with every rule. Wall time, median of
 * rounds, with one thread and with two, and the processor time of an entry; signatures of requests apart. Logs come from `decide`, whose speed is told as well:
 * what replay gains must not be lost there.
 */
export async function benchReplay(args: readonly string[]): Promise<object> {
  const say = args.includes("--json") ? console.error : console.log;
  const folder = mkdtempSync(join(tmpdir(), "earnest-replay-"));
  try {
    say("log                     lanes    entries  decided/s   replayed/s: 1 thread  2 threads  CPU us");
    const cases: object[] = [];
    for (const { name, lanes } of logsOf(args.includes("--short") ? 10 : 1)) {
      const log = writeLog(join(folder, "market.log"), lanes);
      const cpuBefore = process.cpuUsage();
      const one = await replayed(log, 1);
      const { user, system } = process.cpuUsage(cpuBefore);
      const cpuMicroseconds = (user + system) / (rounds * log.entries);
      const two = await replayed(log, 2);
      const rates = [one, two].map((rate) => `${rate}`.padStart(10)).join(" ");
      const { entries, entriesDecidedPerSecond: decided } = log;
      say(
        `${name.padEnd(24)}${log.lanes}`.padEnd(29) +
          `${entries}`.padStart(10) +
          `${decided}`.padStart(11) +
          ` ${rates}`,
      );
      cases.push({
        name,
        ...log,
        path: undefined,
        entriesPerSecond: { oneThread: one, twoThreads: two },
        cpuMicroseconds,
      });
    }
    const log = writeLog(join(folder, "market.log"), [{ ...plain, entries: signedEntries, isSigned: true }]);
    const signaturesPerSecond = { oneThread: await checked(log, 1), twoThreads: await checked(log, 2) };
    say(
      `signatures a second     ${signaturesPerSecond.oneThread} with one thread, ${signaturesPerSecond.twoThreads} with two`,
    );
    const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1_024);
    say(`peak memory             ${peakMegabytes} MB, making the logs included`);
    return { cases, signaturesPerSecond, peakMegabytes, rounds };
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
    { name: "policy and models", lanes: lanesOf(1, 200_000, true) },
    { name: "policy and models", lanes: lanesOf(4, 50_000, true) },
  ];
}

/** Entries a second. */
async function replayed({ path, entries }: WrittenLog, threads: number): Promise<number> {
  const options = { signer: logSigner.publicKey, threads, onRead: () => {} };
  const ms = await medianMs(async () => {
    const differing = (await replayFile(path, options)).find(({ difference }) => difference !== null);
    if (differing !== undefined)
      throw new Error(`entry ${differing.difference?.sequence}: ${differing.difference?.what}`);
  });
  return Math.round((entries * 1_000) / ms);
}

/** Signatures a second. */
async function checked({ path }: WrittenLog, threads: number): Promise<number> {
  let count = 0;
  const ms = await medianMs(async () => {
    const result = await checkSignatures(path, { share: "all", threads, onRead: () => {} });
    if (result.wrong > 0) throw new Error(`${result.wrong} signatures are wrong`);
    count = result.checked;
  });
  return Math.round((count * 1_000) / ms);
}

async function medianMs(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] as number;
}
