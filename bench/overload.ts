import { availableParallelism } from "node:os";
import { type Spread, spreadOf } from "./load/median.ts";
import { defineBench, roundOptions, roundsOf, type Say, sayMachine, type ValuesOf } from "./options.ts";
import { openEarnest } from "./turn/earnest-side.ts";
import { durabilityOf, type Plan, type Round, runRound } from "./turn/measure.ts";
import type { Side } from "./turn/side.ts";

/** Connections, each of a contributor of its own: enough that most of them wait between their requests. */
const connections = 512;
/** The load of each step, as a share of what the server can do; the last one tells how soon it is itself again. */
const steps = { one: 1, two: 2, four: 4, after: 0.5 } as const;
type Step = keyof typeof steps;

/** The first answers of an overload teach the server how much it can take; they are measured too. */
const plan = { perRequest: 1, signing: "each", warmMs: 0 } as const satisfies Partial<Plan>;

export interface Figures {
  readonly offeredPerSecond: number;
  readonly acceptedPerSecond: number;
  readonly turnedAwayShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p99: Spread;
  /** Of all that the machine's processors could do: what those who ask took, so that it was missing to the server. */
  readonly loadShare: number;
}

/**
 * A server that is asked for once, twice and four times what it can do, at an even pace that does not slacken when it turns
 * requests away: what becomes of those it takes. What it can do is measured first in each round, by clients that wait for
 * their answers. A client's time begins when it sends.
 */
export const benchOverload = defineBench(roundOptions, bench);

async function bench(values: ValuesOf<typeof roundOptions>, say: Say): Promise<object> {
  const rounds = roundsOf(values);
  const measureMs = values.short ? 2_000 : 4_000;
  const syncs = sayMachine(say);
  const side = await openEarnest(connections, rounds * (values.short ? 60_000 : 80_000));
  try {
    const durability = await durabilityOf(side);
    say(JSON.stringify(durability));
    const found: Record<Step, Round[]> = { one: [], two: [], four: [], after: [] };
    const capacities: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const capacity = await capacityOf(side, measureMs);
      capacities.push(capacity);
      say(`round ${i + 1}: ${Math.round(capacity)} a second can be done`);
      for (const step of Object.keys(steps) as Step[]) {
        const round = await runRound(side, { ...plan, measureMs, perSecond: capacity * steps[step] });
        found[step].push(round);
        say(`  ${`${steps[step]}`.padEnd(3)} × ${describe(summary([round], measureMs))}`);
      }
    }
    const figures = Object.fromEntries(
      Object.entries(found).map(([step, each]) => [step, summary(each, measureMs)]),
    ) as Record<Step, Figures>;
    for (const [step, each] of Object.entries(figures)) say(`${step.padEnd(5)} ${describe(each)}`);
    const recoveryMs = spreadOf(found.after.map(({ driven }) => driven.calmAfterMs));
    say(
      `after the overload a tenth of a second with nothing turned away begins after ${Math.round(recoveryMs.median)} ms ` +
        `(${Math.round(recoveryMs.least)} to ${Math.round(recoveryMs.most)})`,
    );
    const capacityPerSecond = Math.round(spreadOf(capacities).median);
    const common = { capacityPerSecond, recoveryMs, durability, fdatasyncPerSecond: syncs, connections, rounds };
    return { ...figures, ...common };
  } finally {
    await side.close();
  }
}

/** Whoever is turned away while that is measured comes back soon: one that stays away for a second leaves room unused. */
const retryMs = 20;

/** What few connections get done that wait for nothing but their answers. */
async function capacityOf(side: Side, measureMs: number): Promise<number> {
  const few = { ...side, order: { ...side.order, contributors: side.order.contributors.slice(0, 64) } };
  const { driven } = await runRound(few, { perRequest: 1, signing: "each", retryMs, warmMs: 2_000, measureMs });
  return (driven.requests * 1_000) / measureMs;
}

function summary(rounds: readonly Round[], measureMs: number): Figures {
  const rate = (of: (round: Round) => number): number =>
    Math.round((spreadOf(rounds.map(of)).median * 1_000) / measureMs);
  const p99 = spreadOf(rounds.map(({ driven }) => driven.p99Ms));
  return {
    offeredPerSecond: rate(({ driven }) => driven.requests + driven.turnedAway),
    acceptedPerSecond: rate(({ driven }) => driven.requests),
    turnedAwayShare: spreadOf(
      rounds.map(({ driven: { turnedAway, requests } }) => turnedAway / (turnedAway + requests)),
    ).median,
    p50Ms: spreadOf(rounds.map(({ driven }) => driven.p50Ms)).median,
    p99Ms: p99.median,
    p99,
    loadShare: spreadOf(
      rounds.map(({ driven }) => (driven.processorSeconds * 1_000) / (measureMs * availableParallelism())),
    ).median,
  };
}

const describe = ({ offeredPerSecond, acceptedPerSecond, turnedAwayShare, p50Ms, p99Ms, loadShare }: Figures): string =>
  `${offeredPerSecond} a second asked for, ${acceptedPerSecond} done, ${(turnedAwayShare * 100).toFixed(1)} % turned away; ` +
  `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms; ` +
  `the load took ${Math.round(loadShare * 100)} % of the processors`;
