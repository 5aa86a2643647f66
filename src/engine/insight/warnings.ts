import { type Amount, formatAmount } from "../../core/amount.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import { type Concern, concernsOf, type Prospect, prospectOf } from "../../market/outlook.ts";
import type { LaneState } from "../../market/state.ts";
import { countDecided } from "../../store/insight/read-labels.ts";
import { Cache } from "../cache.ts";
import type { EngineContext } from "../context.ts";
import { firstLane, type Lanes } from "../lanes.ts";
import type { Pools } from "../pools.ts";
import type { Insight, Warning } from "./insight.ts";

/** Among so many of the newest tasks it is counted how many became certain enough. */
const settledMax = 1_000;
/** A forecast takes a tenth of a second, in which nothing else runs: a market's is made once in this time at most. */
const prospectMs = 60_000;

interface Known {
  readonly version: number;
  readonly prospect: Prospect | null;
  readonly madeAtMs: number;
}

/** What a market's owner should know while something can be done. Made for whoever asks, never in a batch. */
export function createWarnings({ pool, clock }: EngineContext, lanes: Lanes, pools: Pools): Pick<Insight, "warnings"> {
  const prospects = new Cache<Known>({ max: 1_000, ttlMs: Infinity, clock });

  /** How tasks will end, by the adopted model or by one that was adopted a moment ago. */
  const prospectIn = (market: MarketId, state: LaneState): Prospect | null => {
    const known = prospects.get(market);
    const { version } = state.model;
    const isRecent = known !== undefined && known.prospect !== null && clock() - known.madeAtMs < prospectMs;
    if (known?.version === version || isRecent) return known.prospect;
    return prospects.set(market, { version, prospect: prospectOf(state), madeAtMs: clock() }).prospect;
  };

  return {
    async warnings(market: MarketId): Promise<readonly Warning[]> {
      const observed = await countDecided(pool, marketIdToBytes(market), firstLane, settledMax);
      const concerns = await lanes.get(market).read((state) => concernsOf(state, prospectIn(market, state), observed));
      const { rail } = await pools.of(market);
      const show = (value: Amount): string => formatAmount(value, rail.decimals);
      return concerns.map((concern) => ({ ...concern, ...textOf(concern, show) }));
    },
  };
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))}%`;
const ofPpm = (ppm: number): string => percent(ppm / 1_000_000);

function textOf(concern: Concern, show: (value: Amount) => string): { readonly what: string; readonly next: string } {
  switch (concern.code) {
    case "TARGET_OUT_OF_REACH":
      return {
        what: `With those who work here, no price makes most tasks ${ofPpm(concern.targetPpm)} certain: at any price ${percent(concern.accuracy)} of labels would be right.`,
        next: "Pause this market, and open one with a lower target, a clearer guide, or a test that contributors have to pass.",
      };
    case "TARGET_SELDOM_REACHED":
      return {
        what: `Only ${percent(concern.reached)} of tasks become ${ofPpm(concern.targetPpm)} certain with at most ${concern.answersMax} answers, and none bought that is worth less than it costs.`,
        next: "Accept the labels as they are, or open a market with more answers to a task, a higher worth of a right label, or a clearer guide.",
      };
    case "CONTROLS_MISSING":
      return {
        what: "There are no control tasks: pay goes by how often contributors agree with each other, which those who answer alike can use.",
        next: "Add tasks whose right answer you know: one in ten is usual.",
      };
    case "CONTRIBUTORS_UNPROVEN":
      return {
        what: `None of ${concern.contributors} contributors has shown yet that they look at the tasks, so answers wait for their pay.`,
        next: "See that there are enough control tasks and that their answers are right; look at what contributors answered.",
      };
    case "ESCROW_SHORT":
      return {
        what: `The ${concern.tasks} tasks that nobody has begun will cost about ${show(concern.needed)} with fee, and ${show(concern.free)} is free.`,
        next: "Fund the market, or expect that some tasks stay undone.",
      };
  }
}
