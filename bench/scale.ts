import { resolve } from "node:path";
import pg from "pg";
import { spreadOf } from "./load/median.ts";
import { LoadProcess, residentMiB } from "./load/process.ts";
import { defineBench, roundOptions, roundsOf, type Say, sayMachine, type ValuesOf } from "./options.ts";
import { lookAtPlans, type Planned } from "./scale/plans.ts";
import { type EarnestSide, openEarnest } from "./turn/earnest-side.ts";
import { drive, durabilityOf, type Measured, type Round, runRound, summary } from "./turn/measure.ts";

const connections = 128;
const tasksPerRound = 60_000;
/** A past that is kept has money for so many more, which later runs take or fill. */
const keptTasks = 5_000_000;
const plan = { perRequest: 1, signing: "checkpoints", warmMs: 1_500, measureMs: 4_000 } as const;

const options = {
  ...roundOptions,
  rows: { type: "count", about: "submissions in the past (10000000)" },
  keep: { type: "text", about: "a folder that keeps the past, and is taken where a run before left it" },
  "write-plans": { type: "flag", about: "writes the file of plans anew" },
} as const;

/**
 * The turn in a market with a past of many submissions, beside the same in one without, a round of each in turn. Between the
 * two its server is stopped and started: the time from there to the first verdict is that of a restart.
 */
export const benchScale = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say) {
  const rows = values.rows ?? (values.short ? 300_000 : 10_000_000);
  const rounds = roundsOf(values);
  const syncs = sayMachine(say);
  const tasks = rounds * tasksPerRound;
  const sides: EarnestSide[] = [];
  const keep = values.keep === undefined ? null : resolve(values.keep);
  const open = async (later: number, folder: string | null = null): Promise<EarnestSide> => {
    const side = await openEarnest(connections, tasks, later, folder);
    sides.push(side);
    return side;
  };
  try {
    const empty = await open(0);
    const full = await open(Math.ceil(rows / 3) + (keep === null ? 0 : keptTasks), keep);
    const durability = await durabilityOf(full);
    say(JSON.stringify(durability));
    const begun = performance.now();
    const restartMs = await restartWithPast(full, rows, say);
    const stored = await rowsOf(full);
    say(`${stored.submissions} submissions stored (${stored.mebibytes} MiB) in ${seconds(performance.now() - begun)}`);
    say(`from the start of the server to its first verdict: ${Math.round(restartMs)} ms`);
    const planned = await withClient(full, (client) => lookAtPlans(client, rows, values["write-plans"]));
    say(describePlans(planned));
    if (planned.readWhole.length > 0) throw new Error("a statement has no index that serves it at this size");
    const found = { empty: [] as Round[], full: [] as Round[] };
    const most = { empty: 0, full: 0 };
    const watching = setInterval(() => {
      most.empty = Math.max(most.empty, residentMiB(empty.serverPid));
      most.full = Math.max(most.full, residentMiB(full.serverPid));
    }, 200);
    for (let i = 0; i < rounds; i++) {
      found.empty.push(await runRound(empty, plan));
      found.full.push(await runRound(full, plan));
      const [without, withPast] = [found.empty.at(-1), found.full.at(-1)].map((round) =>
        Math.round(round?.perSecond ?? 0),
      );
      say(`round ${i + 1}: ${without} a second without a past, ${withPast} with it`);
    }
    clearInterval(watching);
    const relative = spreadOf(found.full.map(({ perSecond }, i) => perSecond / (found.empty[i] as Round).perSecond));
    const [rssMiB, emptyRssMiB] = [Math.round(most.full), Math.round(most.empty)];
    say(`${(relative.median * 100).toFixed(0)} % of the empty figure, at most ${rssMiB} MiB; empty ${emptyRssMiB} MiB`);
    for (const [name, all] of Object.entries(found)) say(describePrice(name, summary(all)));
    return {
      // A smaller past has reasons of its own for other plans.
      ok: planned.changed.length === 0 || rows < planned.checkedInAt,
      relativeToEmpty: relative.median,
      relative,
      rssMiB,
      emptyRssMiB,
      restartMs: Math.round(restartMs),
      plans: planned,
      rows: stored.submissions,
      databaseMiB: stored.mebibytes,
      empty: summary(found.empty),
      full: summary(found.full),
      durability,
      fdatasyncPerSecond: syncs,
      connections,
      rounds,
    };
  } finally {
    for (const side of sides) await side.close();
  }
}

/** Seconds of load after a restart in which there has to be a verdict. */
const triesMax = 30;

/** Milliseconds from the start of the server to the first verdict that it gives. */
async function restartWithPast(side: EarnestSide, rows: number, say: Say): Promise<number> {
  const missing = rows - (await rowsOf(side)).submissions;
  const beganAtMs = await side.restart(async () => {
    if (missing <= 0) return;
    const program = new URL("./scale/fill.js", import.meta.url);
    const given = [side.dataFolder, side.order.market, `${missing}`];
    const filling = await LoadProcess.start<{ processorSeconds: number }>(program, given);
    say(`each takes ${((filling.said.processorSeconds * 1e6) / missing).toFixed(1)} µs to be decided and written here`);
    await filling.stop();
    // As autovacuum would have had the time to do.
    await ask(side, "vacuum analyze", []);
  });
  say(`the server listens ${Date.now() - beganAtMs} ms after its start, with the local chain started anew`);
  const first = "select min(decided_at_ms) as found from verdicts where decided_at_ms >= $1";
  for (let tries = 0; tries < triesMax; tries++) {
    // Without a look at the tables before it, which takes seconds where they are large.
    await drive({ ...side.order, perRequest: 1, signing: "checkpoints", warmMs: 0, measureMs: 1_000 });
    const decidedAtMs = await ask(side, first, [beganAtMs]);
    if (typeof decidedAtMs === "string") return Number(decidedAtMs) - beganAtMs;
  }
  throw new Error("the server gives no verdict after its restart");
}

const describePrice = (name: string, { microsecondsOf, walBytesPerCompletion }: Measured): string =>
  `${name}: ${microsecondsOf.server} µs of server and ${microsecondsOf.postgres} of PostgreSQL a completion, with ` +
  `${walBytesPerCompletion} bytes of WAL`;

const describePlans = ({ readWhole, changed, checkedInAt }: Planned): string =>
  `hot statements that read a large table from end to end: ${listed(readWhole)}; with another plan than the one checked in, ` +
  `which was made at ${checkedInAt} submissions: ${listed(changed)}`;

const listed = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

async function rowsOf(side: EarnestSide): Promise<{ readonly submissions: number; readonly mebibytes: number }> {
  const submissions = Number(await ask(side, side.questions.submissions, []));
  const bytes = Number(await ask(side, "select pg_database_size(current_database()) as found", []));
  return { submissions, mebibytes: Math.round(bytes / 2 ** 20) };
}

async function ask(side: EarnestSide, question: string, values: readonly unknown[]): Promise<string | undefined> {
  const { rows } = await withClient(side, (client) => client.query<{ found: string }>(question, [...values]));
  return rows[0]?.found;
}

async function withClient<T>(side: EarnestSide, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: side.databaseUrl });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
