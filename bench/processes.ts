import pg from "pg";
import { spreadOf } from "./load/median.ts";
import { defineBench, roundOptions, roundsOf, type Say, sayMachine, type ValuesOf } from "./options.ts";
import { openMarket } from "./settle/market.ts";
import { type EarnestSide, openEarnest } from "./turn/earnest-side.ts";
import { durabilityOf, type Round, runRound } from "./turn/measure.ts";
import type { Side } from "./turn/side.ts";

const connections = 128;
const loads = ["oneProcess", "sameLane", "oneProcessTwoLanes", "differentLanes"] as const;
type Load = (typeof loads)[number];
type Order = Side["order"];

/**
 * Two API processes over one database: half of the contributors at each, first all in one market, whose lane the two then take
 * in turns, then each half in a market of its own. Beside each the same through one process. After every round the tables hold
 * what was acknowledged and no more, and the totals agree; the database has counted its deadlocks.
 */
export const benchProcesses = defineBench(roundOptions, bench);

async function bench(values: ValuesOf<typeof roundOptions>, say: Say): Promise<object> {
  const rounds = roundsOf(values);
  const plan = { perRequest: 1, signing: "each", warmMs: 1_000, measureMs: values.short ? 2_000 : 4_000 } as const;
  const syncs = sayMachine(say);
  const tasks = (rounds + 1) * 60_000;
  const side = await openEarnest(connections, tasks);
  try {
    const durability = await durabilityOf(side);
    say(JSON.stringify(durability));
    const { url, market } = side.order;
    const second = await openMarket({ url, rpcUrl: side.rpcUrl, dataFolder: side.dataFolder }, { tasks, overlap: 3 });
    const another = await side.startAnother();
    const halves = [side.order.contributors.slice(0, connections / 2), side.order.contributors.slice(connections / 2)];
    const at = (place: number, where: string, what: string): Order => ({
      url: where,
      market: what,
      contributors: halves[place] as Order["contributors"],
    });
    const orders: Readonly<Record<Load, readonly Order[]>> = {
      oneProcess: [at(0, url, market), at(1, url, market)],
      sameLane: [at(0, url, market), at(1, another, market)],
      oneProcessTwoLanes: [at(0, url, market), at(1, url, second)],
      differentLanes: [at(0, url, market), at(1, another, second)],
    };
    // The other process reads the lanes for the first time, and compiles itself: none of what a round measures.
    for (const load of loads) await runRound(side, plan, orders[load]);
    const found: Record<Load, Round[]> = { oneProcess: [], sameLane: [], oneProcessTwoLanes: [], differentLanes: [] };
    for (let i = 0; i < rounds; i++) {
      for (const load of loads) {
        const round = await runRound(side, plan, orders[load]);
        found[load].push(round);
        say(
          `round ${i + 1}, ${load}: ${Math.round(round.perSecond)} a second, p99 ${round.driven.p99Ms.toFixed(1)} ms`,
        );
      }
    }
    const deadlocks = await deadlocksOf(side);
    say(`${deadlocks} deadlocks; nothing lost, nothing twice in ${rounds * loads.length} rounds`);
    if (deadlocks > 0) throw new Error(`the database counted ${deadlocks} deadlocks`);
    const summed = Object.fromEntries(loads.map((load) => [load, figuresOf(found[load])]));
    return { ...summed, deadlocks, lost: 0, durability, fdatasyncPerSecond: syncs, connections, rounds };
  } finally {
    await side.close();
  }
}

function figuresOf(rounds: readonly Round[]) {
  const spread = spreadOf(rounds.map(({ perSecond }) => perSecond));
  const p99Ms = spreadOf(rounds.map(({ driven }) => driven.p99Ms)).median;
  return { completionsPerSecond: Math.round(spread.median), spread, p99Ms };
}

async function deadlocksOf({ databaseUrl }: EarnestSide): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const question = "select deadlocks from pg_stat_database where datname = current_database()";
  const { rows } = await client.query<{ deadlocks: string }>(question);
  await client.end();
  return Number(rows[0]?.deadlocks);
}
