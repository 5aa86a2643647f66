import pg from "pg";
import { spreadOf } from "./load/median.ts";
import { residentMiB } from "./load/process.ts";
import { defineBench, type Say, sayMachine, shortOption, type ValuesOf } from "./options.ts";
import { type EarnestSide, openEarnest } from "./turn/earnest-side.ts";
import { durabilityOf, runRound } from "./turn/measure.ts";

const connections = 64;
const periodMs = 20_000;
/** Of what the server can do at the start: so much is asked for all along. */
const share = 0.4;
/** After so many periods the server is started again, every other time because it was killed. */
const periodsPerRestart = 3;
const checkMs = 1_000;
const overlap = 3;

interface Period {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMiB: number;
  /** What the database has grown by for each submission. */
  readonly bytesPerSubmission: number;
}

const options = { ...shortOption, minutes: { type: "count", about: "minutes (10)" } } as const;

/**
 * An even load for a time, with restarts: memory, disk and latency at the end beside those at the beginning. While it runs,
 * SQL looks every second whether the money adds up in what is committed at that moment; after each period, whether the tables
 * hold what was acknowledged and no more. It fails where anything of this has grown.
 */
export const benchSoak = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say) {
  const minutes = values.minutes ?? (values.short ? 2 : 10);
  const count = Math.max(3, Math.round((minutes * 60_000) / periodMs));
  const syncs = sayMachine(say);
  const side = await openEarnest(connections, 60_000, minutes * 400_000);
  const watch = new Invariants(side);
  try {
    const durability = await durabilityOf(side);
    const first = await runRound(side, { perRequest: 1, signing: "each", warmMs: 1_000, measureMs: 4_000 });
    const perSecond = Math.max(1, (first.driven.requests / 4) * share);
    say(`${JSON.stringify(durability)}; ${Math.round(perSecond)} submissions a second for ${minutes} minutes`);
    await watch.start();
    const periods: Period[] = [];
    const restarts = { ordered: 0, killed: 0 };
    for (let i = 0; i < count; i++) {
      if (i > 0 && i % periodsPerRestart === 0) {
        const isKilled = (i / periodsPerRestart) % 2 === 0;
        await side.restart(async () => undefined, isKilled ? "SIGKILL" : "SIGTERM");
        restarts[isKilled ? "killed" : "ordered"]++;
      }
      await side.addTasks(Math.ceil(((perSecond * periodMs) / 1_000 / overlap) * 1.1));
      periods.push(await runPeriod(side, perSecond));
      const { p50Ms, p99Ms, rssMiB, bytesPerSubmission } = periods.at(-1) as Period;
      say(
        `period ${i + 1} of ${count}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${Math.round(rssMiB)} MiB, ` +
          `${Math.round(bytesPerSubmission)} bytes a submission`,
      );
    }
    const checks = await watch.end();
    const [early, late] = [periods.slice(0, Math.ceil(count / 3)), periods.slice(-Math.ceil(count / 3))].map(summary);
    say(`${checks} looks at the books while it ran, all in order; ${JSON.stringify({ early, late })}`);
    const grown = grownBetween(early as Period, late as Period, (perSecond * periodMs) / 1_000);
    say(grown.length === 0 ? "memory, disk and latency are flat" : `not flat: ${grown.join(", ")}`);
    const figures = { ok: grown.length === 0, minutes, periods: count, perSecond, restarts, checks, early, late };
    return { ...figures, durability, fdatasyncPerSecond: syncs };
  } finally {
    await watch.end();
    await side.close();
  }
}

async function runPeriod(side: EarnestSide, perSecond: number): Promise<Period> {
  const before = await sizeOf(side);
  const round = await runRound(side, {
    perRequest: 1,
    signing: "each",
    warmMs: 1_000,
    measureMs: periodMs - 1_000,
    perSecond,
  });
  const after = await sizeOf(side);
  return {
    p50Ms: round.driven.p50Ms,
    p99Ms: round.driven.p99Ms,
    rssMiB: residentMiB(side.serverPid),
    bytesPerSubmission: (after - before) / round.driven.submissions,
  };
}

/** Files grow by so much at a time, all tables and indexes together. */
const fileStepBytes = 4 * 2 ** 20;

/** What the last third of the time has over the first, beyond so many times as much and a bit that is nothing yet. */
function grownBetween(early: Period, late: Period, submissions: number): string[] {
  const mayGrow: Readonly<Record<keyof Period, { readonly times: number; readonly plus: number }>> = {
    p50Ms: { times: 1.25, plus: 2 },
    p99Ms: { times: 1.5, plus: 10 },
    rssMiB: { times: 1.1, plus: 20 },
    bytesPerSubmission: { times: 1.1, plus: fileStepBytes / submissions },
  };
  const names = Object.keys(mayGrow) as (keyof Period)[];
  return names
    .filter((name) => late[name] > early[name] * mayGrow[name].times + mayGrow[name].plus)
    .map((name) => `${name} from ${early[name].toFixed(1)} to ${late[name].toFixed(1)}`);
}

function summary(periods: readonly Period[]): Period {
  const median = (of: (period: Period) => number): number => spreadOf(periods.map(of)).median;
  return {
    p50Ms: median(({ p50Ms }) => p50Ms),
    p99Ms: median(({ p99Ms }) => p99Ms),
    rssMiB: median(({ rssMiB }) => rssMiB),
    bytesPerSubmission: median(({ bytesPerSubmission }) => bytesPerSubmission),
  };
}

async function sizeOf({ databaseUrl }: EarnestSide): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ size: string }>("select pg_database_size(current_database()) as size");
  await client.end();
  return Number(rows[0]?.size);
}

/** What has to hold at every moment, in one statement and so in one snapshot: each column is true where it does. */
const question = `select
  (select coalesce(sum(reward), 0) from verdicts) = (select coalesce(sum(released + held), 0) from balances) as "balances are pay",
  (select coalesce(sum(reward), 0) from verdicts) = (select coalesce(sum(earned), 0) from lanes) as "the books have it",
  (select bool_and(deposited + received = free + assigned + held + appealable + appeal_budget + newcomer_budget + earned
     + bonus + fee + refunded + sent) from lanes) as "nothing is made or lost",
  (select bool_and(sequence = (select max(last) from entries e where e.market = l.market and e.lane = l.lane))
     from lanes l) as "the log ends where the lane does",
  not exists (select from verdicts group by market, lane, task, contributor having count(*) > 1) as "one answer a task"`;

/** Looks again and again while everything else goes on. */
class Invariants {
  readonly #side: EarnestSide;
  #client: pg.Client | null = null;
  #looking: Promise<void> | null = null;
  #isEnding = false;
  #checks = 0;

  constructor(side: EarnestSide) {
    this.#side = side;
  }

  async start(): Promise<void> {
    this.#client = new pg.Client({ connectionString: this.#side.databaseUrl });
    await this.#client.connect();
    this.#looking = this.#look(this.#client);
    // Whoever ends it is told.
    this.#looking.catch(() => undefined);
  }

  /** How often it looked. @throws where something did not hold */
  async end(): Promise<number> {
    this.#isEnding = true;
    const [looking, client] = [this.#looking, this.#client];
    this.#looking = this.#client = null;
    try {
      await looking;
    } finally {
      await client?.end();
    }
    return this.#checks;
  }

  async #look(client: pg.Client): Promise<void> {
    while (!this.#isEnding) {
      const { rows } = await client.query<Record<string, boolean | null>>(question);
      const broken = Object.entries(rows[0] ?? {}).filter(([, holds]) => holds !== true);
      if (broken.length > 0) throw new Error(`it does not hold that ${broken.map(([name]) => name).join(", ")}`);
      this.#checks++;
      await new Promise((resolve) => setTimeout(resolve, checkMs));
    }
  }
}
