import { spreadOf } from "./load/median.ts";
import type { Parts } from "./load/profile.ts";
import { defineBench, OptionError, roundOptions, type Say, sayMachine, type ValuesOf } from "./options.ts";
import { commitsInSequence, postgresPerSecond } from "./turn/bare-postgres.ts";
import { type EarnestSide, openEarnest } from "./turn/earnest-side.ts";
import { fastifyPerSecond, signaturesPerSecond } from "./turn/limits.ts";
import { durabilityOf, type Measured, profileRound, type Round, runRound, summary } from "./turn/measure.ts";
import { openNaive } from "./turn/naive-side.ts";
import type { Side } from "./turn/side.ts";
import { type Waits, watchWaits } from "./turn/waits.ts";

const connections = 128;
const requestBytes = 250;

interface Sizes {
  readonly rounds: number;
  /** Before those that count: a server that was just started compiles itself for its first ten thousands of requests. */
  readonly warmRounds: number;
  readonly measureMs: number;
  /** Of those that a whole run has. */
  readonly taskShare: number;
}

const whole: Sizes = { rounds: 5, warmRounds: 1, measureMs: 5_000, taskShare: 1 };
const short: Sizes = { rounds: 1, warmRounds: 0, measureMs: 3_000, taskShare: 0.2 };
const warmMs = 1_500;

/** How many submissions a request of each load brings, and what they are signed by. */
const loads = {
  naive: { perRequest: 1, signing: "each" },
  single: { perRequest: 1, signing: "checkpoints" },
  signed: { perRequest: 1, signing: "each" },
  batched20: { perRequest: 20, signing: "checkpoints" },
} as const;
type Load = keyof typeof loads;
const tasks: Readonly<Record<Load, number>> = { naive: 60_000, single: 300_000, signed: 250_000, batched20: 600_000 };

/** Loads whose rounds stand between each other. Each has a server and a database of its own, which no other has filled. */
const groups: readonly (readonly Load[])[] = [["naive", "single"], ["signed"], ["batched20"]];

const options = {
  ...roundOptions,
  seconds: { type: "count", about: "seconds of a round (5)" },
  only: { type: "text", default: Object.keys(loads).join(), about: "loads" },
} as const;

/**
 * A turn (a submission and its contributor's next assignment in one request) over HTTP, PostgreSQL durable, three answers
 * a task with consensus, paid as they are judged. A completion is a submission that was accepted and paid within the
 * window, by the tables; those still held do not count. The naive service does the same work, its rounds between ours, so
 * that a machine that others use is as slow for both. `single` goes by a session's token with a signature every 60
 * submissions, `signed` by a signature on each.
 */
export const benchTurn = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const base = values.short ? short : whole;
  const sizes: Sizes = {
    ...base,
    ...(values.seconds !== undefined && { measureMs: values.seconds * 1_000 }),
    ...(values.rounds !== undefined && { rounds: values.rounds }),
  };
  const unknown = values.only.split(",").filter((name) => !Object.hasOwn(loads, name));
  if (unknown.length > 0) throw new OptionError(`--only is of ${options.only.default}, not "${unknown.join()}"`);
  const wanted = (Object.keys(loads) as Load[]).filter((load) => values.only.split(",").includes(load));
  const syncs = sayMachine(say);
  const limits = {
    fastifyPerSecond: await fastifyPerSecond(connections, requestBytes),
    signaturesPerSecond: signaturesPerSecond(),
  };
  say(`bare Fastify/s ${limits.fastifyPerSecond}, signatures/s ${limits.signaturesPerSecond}`);
  const { found, calm, durability, profiles, waits, bare, sequence } = await measureAll(wanted, sizes, say);
  const ratioToNaive = ratioOf(found.single, found.naive);
  const measured = Object.fromEntries(wanted.map((load) => [load, summary(found[load])])) as Partial<
    Record<Load, Measured>
  >;
  say(
    "                a second      least       most   p50 ms   p99 ms    held   WAL  a commit   µs of load  server  PostgreSQL",
  );
  for (const load of wanted) say(row(load, measured[load] as Measured));
  for (const load of wanted) sayCalm(load, calm[load] as Calm, say);
  const processorRatioToNaive = priceRatioOf(measured);
  if (ratioToNaive !== null) say(`${ratioToNaive.toFixed(1)} times the naive service`);
  if (processorRatioToNaive !== null)
    say(
      `a completion of naive takes server and PostgreSQL ${processorRatioToNaive.toFixed(1)} times the processor time`,
    );
  sayBounds(measured, { ...limits, postgresPerSecond: bare }, say);
  if (measured.naive !== undefined && sequence !== null) sayNaiveBound(measured.naive, { sequence, syncs }, say);
  for (const [name, shares] of Object.entries(waits)) sayWaits(name, shares, say);
  for (const [load, parts] of Object.entries(profiles)) sayProfile(load, parts, say);
  const withCalm = (load: Load) => measured[load] && { ...measured[load], atHalf: calm[load] };
  return {
    single: withCalm("single"),
    signed: withCalm("signed"),
    batched20: withCalm("batched20"),
    naive: withCalm("naive"),
    ratioToNaive,
    processorRatioToNaive,
    walBytesPerCompletion: measured.single?.walBytesPerCompletion,
    fdatasyncPerSecond: syncs,
    limits: { ...limits, postgresPerSecond: bare, commitsInSequencePerSecond: sequence },
    profiles,
    waits,
    durability,
    connections,
    ...sizes,
  };
}

/** After the rounds that count, since whoever is watched is slower. */
async function watchAll(wanted: readonly Load[], sides: Readonly<Partial<Record<Load, Side>>>, { measureMs }: Sizes) {
  const profiles: Partial<Record<Load, Parts>> = {};
  const waits: Partial<Record<Load, Waits>> = {};
  for (const load of wanted) {
    const side = sides[load] as Side;
    const plan = { ...loads[load], warmMs, measureMs };
    const end = await watchWaits(side.databaseUrl);
    if (isEarnest(side)) profiles[load] = await profileRound(side, plan);
    else await runRound(side, plan);
    waits[load] = await end();
  }
  return { profiles, waits };
}

const isEarnest = (side: Side): side is EarnestSide => "profile" in side;

function sayWaits(name: string, shares: Waits, say: Say): void {
  const all = Object.entries(shares).map(([what, share]) => `${(share * 100).toFixed(0)} % ${what}`);
  say(`backends of ${name}: ${all.join(", ")}`);
}

function sayProfile(load: string, parts: Parts, say: Say): void {
  const sum = Object.values(parts).reduce((total, spent) => total + spent, 0);
  say(`where the server's ${sum.toFixed(0)} µs for a completion of ${load} go, while it is watched:`);
  for (const [part, spent] of Object.entries(parts)) say(`${`${spent}`.padStart(8)} µs  ${part}`);
}

/** Answers to requests that come at half the pace at which the server was full. */
interface Calm {
  readonly submissionsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

type By<T> = Partial<Record<Load, T>>;

interface All {
  readonly found: Record<Load, Round[]>;
  readonly calm: By<Calm>;
  readonly profiles: By<Parts>;
  readonly waits: By<Waits>;
  durability: object;
  /** What PostgreSQL does alone, next to a server of ours; and in sequence, next to the naive one. */
  bare: number | null;
  sequence: number | null;
}

async function measureAll(wanted: readonly Load[], sizes: Sizes, say: Say): Promise<All> {
  const found: Record<Load, Round[]> = { naive: [], single: [], signed: [], batched20: [] };
  const all: All = { found, calm: {}, profiles: {}, waits: {}, durability: {}, bare: null, sequence: null };
  for (const group of groups) {
    const among = group.filter((load) => wanted.includes(load));
    if (among.length > 0) await measureGroup(among, sizes, all, say);
  }
  return all;
}

async function measureGroup(group: readonly Load[], sizes: Sizes, all: All, say: Say): Promise<void> {
  const sides: By<Side> = {};
  try {
    for (const load of group) {
      const count = tasks[load] * sizes.taskShare;
      const side = await (load === "naive" ? openNaive(connections, count) : openEarnest(connections, count));
      sides[load] = side;
      all.durability = await durabilityOf(side);
      say(`${side.name}: ${JSON.stringify(all.durability)}`);
      if (load === "naive") all.sequence = await commitsInSequence(side.databaseUrl);
      else all.bare ??= await postgresPerSecond(side.databaseUrl);
    }
    for (let i = -sizes.warmRounds; i < sizes.rounds; i++) {
      for (const load of group) {
        const plan = { ...loads[load], warmMs, measureMs: sizes.measureMs };
        const round = await runRound(sides[load] as Side, plan);
        if (i >= 0) all.found[load].push(round);
        say(`${i < 0 ? "to warm up" : `round ${i + 1}`}, ${load}: ${Math.round(round.perSecond)} a second`);
      }
    }
    for (const load of group) all.calm[load] = await calmOf(load, sides[load] as Side, all.found[load], sizes);
    const watched = await watchAll(group, sides, sizes);
    Object.assign(all.profiles, watched.profiles);
    Object.assign(all.waits, watched.waits);
  } finally {
    for (const side of Object.values(sides)) await side.close();
  }
}

async function calmOf(load: Load, side: Side, rounds: readonly Round[], { measureMs }: Sizes): Promise<Calm> {
  const { perRequest } = loads[load];
  const full = spreadOf(rounds.map(({ driven }) => (driven.submissionsMeasured * 1_000) / measureMs)).median;
  const plan = { ...loads[load], warmMs, measureMs, perSecond: full / 2 / perRequest };
  const { driven } = await runRound(side, plan);
  const submissionsPerSecond = Math.round((driven.submissionsMeasured * 1_000) / measureMs);
  return { submissionsPerSecond, p50Ms: driven.p50Ms, p99Ms: driven.p99Ms };
}

const sayCalm = (load: Load, { submissionsPerSecond, p50Ms, p99Ms }: Calm, say: Say): void =>
  say(
    `${load} asked for half of that (${submissionsPerSecond} a second) answers in ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)}`,
  );

/** Of rounds that stood side by side. */
function ratioOf(ours: readonly Round[], theirs: readonly Round[]): number | null {
  if (ours.length === 0 || theirs.length === 0) return null;
  return spreadOf(ours.map(({ perSecond }, i) => perSecond / (theirs[i] as Round).perSecond)).median;
}

/** What a completion of the naive service takes of the processors, and one of ours: hangs least on who else uses them. */
function priceRatioOf({ single, naive }: Partial<Record<Load, Measured>>): number | null {
  if (single === undefined || naive === undefined) return null;
  const price = ({ microsecondsOf: { server, postgres } }: Measured): number => server + postgres;
  return price(naive) / price(single);
}

interface Limits {
  readonly fastifyPerSecond: number;
  readonly signaturesPerSecond: number;
  /** Null where only the naive service ran. */
  readonly postgresPerSecond: number | null;
}

/** How far each of our loads is from what bounds it on this machine, at this time. */
function sayBounds(found: Partial<Record<Load, Measured>>, limits: Limits, say: Say): void {
  for (const load of ["single", "signed", "batched20"] as const) {
    const measured = found[load];
    if (measured === undefined) continue;
    const { completionsPerSecond, processorBoundPerSecond, withoutServerPerSecond } = measured;
    const share = (limit: number): string => `${((completionsPerSecond * 100) / limit).toFixed(0)} %`;
    const requests = limits.fastifyPerSecond * loads[load].perRequest;
    const signatures =
      loads[load].signing === "each"
        ? `, ${share(limits.signaturesPerSecond)} of the checks of signatures that one thread can do`
        : "";
    say(
      `${load} is at ${share(requests)} of bare Fastify${signatures}, and ${share(processorBoundPerSecond)} of what the ` +
        "processors allow at its price, were nothing else running on them",
    );
    const alone =
      limits.postgresPerSecond === null ? "" : `, PostgreSQL alone writes the rows of ${limits.postgresPerSecond}`;
    say(`  load and PostgreSQL take so much that a server for nothing could do ${withoutServerPerSecond}${alone}`);
  }
}

/** Its requests wait in one line for the row of their market, each until the one before is on the disk. */
function sayNaiveBound(
  { completionsPerSecond, processorBoundPerSecond }: Measured,
  { sequence, syncs }: { readonly sequence: number; readonly syncs: number },
  say: Say,
): void {
  const share = (limit: number): string => `${((completionsPerSecond * 100) / limit).toFixed(0)} % of the ${limit}`;
  say(
    `naive is at ${share(sequence)} a second that PostgreSQL commits one after the other where each changes one and the ` +
      `same row, as its requests do (${syncs} fdatasync/s), and ${share(processorBoundPerSecond)} that the processors ` +
      "allow at its price, were nothing else running on them",
  );
}

function row(name: string, figures: Measured): string {
  const { spread, p50Ms, p99Ms, heldShare, walBytesPerCompletion, submissionsPerCommit, microsecondsOf } = figures;
  const columns = [spread.median, spread.least, spread.most].map((rate) => `${Math.round(rate)}`.padStart(11)).join("");
  const times = [p50Ms, p99Ms].map((ms) => ms.toFixed(1).padStart(9)).join("");
  const held = `${(heldShare * 100).toFixed(2)} %`.padStart(8);
  const { load, server, postgres } = microsecondsOf;
  const shares = `${`${load}`.padStart(12)}${`${server}`.padStart(8)}${`${postgres}`.padStart(12)}`;
  const commit = submissionsPerCommit.toFixed(1).padStart(10);
  return `${name.padEnd(13)}${columns}${times}${held}${`${walBytesPerCompletion}`.padStart(6)}${commit} ${shares}`;
}
