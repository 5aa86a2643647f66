import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { processesIn } from "#src/store/embedded/processes";
import { type Spread, spreadOf } from "../load/median.ts";
import { mainThreadSeconds, processorSeconds } from "../load/process.ts";
import { type Parts, partsEach } from "../load/profile.ts";
import type { Driven, DriveOrder, Signing } from "./drive.ts";
import type { EarnestSide } from "./earnest-side.ts";
import type { Questions, Side } from "./side.ts";

export interface Plan {
  readonly perRequest: number;
  readonly signing: Signing;
  readonly perSecond?: number;
  readonly retryMs?: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

export interface Measured {
  readonly completionsPerSecond: number;
  readonly spread: Spread;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all submissions so far, those that still wait for a verdict. */
  readonly heldShare: number;
  readonly walBytesPerCompletion: number;
  /** Submissions that one commit made durable. */
  readonly submissionsPerCommit: number;
  /** Microseconds of processor time of each process for a completion: the load, the server, PostgreSQL. */
  readonly microsecondsOf: { readonly load: number; readonly server: number; readonly postgres: number };
  /** What the processors of the machine could do at that price, were nothing else running on them. */
  readonly processorBoundPerSecond: number;
  /** And were the server's part free as well. */
  readonly withoutServerPerSecond: number;
}

export interface Round {
  readonly driven: Driven;
  readonly perSecond: number;
  readonly heldShare: number;
  readonly walBytes: number;
  readonly perCommit: number;
  readonly server: number;
  readonly postgres: number;
}

const program = fileURLToPath(new URL("./drive.js", import.meta.url));

/** A round of one load on one side. What the tables hold afterwards has to be what was acknowledged, and the totals agree. */
export async function runRound(
  side: Side,
  plan: Plan,
  orders: readonly Side["order"][] = [side.order],
): Promise<Round> {
  const client = new pg.Client({ connectionString: side.databaseUrl });
  await client.connect();
  try {
    // The counts look at whole tables: what they take is none of the load's.
    const before = await count(client, side);
    const spentBefore = await spent(client, side);
    const driven = merged(await Promise.all(orders.map((order) => drive({ ...order, ...plan }))));
    const spentAfter = await spent(client, side);
    const after = await count(client, side);
    const all = after.submissions - before.submissions;
    if (all !== driven.submissions)
      throw new Error(`${driven.submissions} submissions were acknowledged, ${all} are there`);
    const { rows } = await client.query<{ found: boolean }>(side.questions.agrees);
    if (rows[0]?.found !== true) throw new Error("the totals of the tables differ");
    const completions = await ask(client, side.questions.completions, [driven.fromMs, driven.toMs]);
    return {
      driven,
      perSecond: (completions * 1_000) / (driven.toMs - driven.fromMs),
      heldShare: (await ask(client, side.questions.held)) / after.submissions,
      walBytes: (spentAfter.walBytes - spentBefore.walBytes) / all,
      perCommit: all / (after.commits - before.commits),
      server: (spentAfter.server - spentBefore.server) / all,
      postgres: (spentAfter.postgres - spentBefore.postgres) / all,
    };
  } finally {
    await client.end();
  }
}

/** Microseconds of the server's processor time for a completion, by part of the program, the largest first. */
export async function profileRound(side: EarnestSide, plan: Plan): Promise<Parts> {
  const end = await side.profile();
  const before = { all: processorSeconds(side.serverPid), main: mainThreadSeconds(side.serverPid) };
  const { driven } = await runRound(side, plan);
  const main = mainThreadSeconds(side.serverPid) - before.main;
  const all = processorSeconds(side.serverPid) - before.all;
  return partsEach(await end(), { all, main }, driven.submissions);
}

/** Several loads at a time as one: the slowest has the word on times. */
function merged(all: readonly Driven[]): Driven {
  const sum = (of: (each: Driven) => number): number => all.reduce((total, each) => total + of(each), 0);
  const most = (of: (each: Driven) => number): number => Math.max(...all.map(of));
  return {
    fromMs: most(({ fromMs }) => fromMs),
    toMs: Math.min(...all.map(({ toMs }) => toMs)),
    requests: sum(({ requests }) => requests),
    turnedAway: sum(({ turnedAway }) => turnedAway),
    calmAfterMs: most(({ calmAfterMs }) => calmAfterMs),
    submissions: sum(({ submissions }) => submissions),
    submissionsMeasured: sum(({ submissionsMeasured }) => submissionsMeasured),
    p50Ms: most(({ p50Ms }) => p50Ms),
    p99Ms: most(({ p99Ms }) => p99Ms),
    processorSeconds: sum(({ processorSeconds: each }) => each),
  };
}

async function count(client: pg.Client, side: Side) {
  const found = async (name: keyof Questions): Promise<number> => await ask(client, side.questions[name]);
  return { submissions: await found("submissions"), commits: await found("commits") };
}

async function spent(client: pg.Client, side: Side) {
  return {
    walBytes: await ask(client, "select pg_current_wal_insert_lsn() - '0/0' as found"),
    server: processorSeconds(side.serverPid),
    postgres: processesIn(side.databaseFolder).reduce((sum, pid) => sum + processorSeconds(pid), 0),
  };
}

/** A load in a process of its own, of which nobody looks what it did. */
export async function drive(order: DriveOrder): Promise<Driven> {
  const child: ChildProcess = fork(program);
  child.send(order);
  const [driven] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => {
      throw new Error("the load ended early");
    }),
  ])) as [Driven];
  child.disconnect();
  return driven;
}

async function ask(client: pg.Client, question: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await client.query<{ found: string }>(question, [...values]);
  return Number(rows[0]?.found);
}

export function summary(rounds: readonly Round[]): Measured {
  const median = (of: (round: Round) => number): number => spreadOf(rounds.map(of)).median;
  const spread = spreadOf(rounds.map(({ perSecond }) => perSecond));
  const microsecondsOf = {
    load: Math.round(median(({ driven }) => (driven.processorSeconds * 1e6) / driven.submissions)),
    server: Math.round(median(({ server }) => server * 1e6)),
    postgres: Math.round(median(({ postgres }) => postgres * 1e6)),
  };
  const { load, server, postgres } = microsecondsOf;
  return {
    completionsPerSecond: Math.round(spread.median),
    spread,
    p50Ms: median(({ driven }) => driven.p50Ms),
    p99Ms: median(({ driven }) => driven.p99Ms),
    heldShare: (rounds.at(-1) as Round).heldShare,
    walBytesPerCompletion: Math.round(median(({ walBytes }) => walBytes)),
    submissionsPerCommit: median(({ perCommit }) => perCommit),
    microsecondsOf,
    processorBoundPerSecond: Math.round((cpus().length * 1e6) / (load + server + postgres)),
    withoutServerPerSecond: Math.round((cpus().length * 1e6) / (load + postgres)),
  };
}

/** What keeps the database from losing anything. */
export async function durabilityOf({ databaseUrl }: Side): Promise<object> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const names = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"];
  const { rows } = await client.query("select name, setting from pg_settings where name = any($1)", [names]);
  await client.end();
  return Object.fromEntries((rows as { name: string; setting: string }[]).map(({ name, setting }) => [name, setting]));
}
