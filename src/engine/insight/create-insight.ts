import type { Bytes32 } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { MarketRow } from "../../store/markets/insert-market.ts";
import type { EngineContext } from "../context.ts";
import type { createIdentity } from "../identity.ts";
import type { Lanes } from "../lanes.ts";
import type { Pools } from "../pools.ts";
import { createContributors } from "./contributors.ts";
import { createEarnings } from "./earnings.ts";
import type { Insight } from "./insight.ts";
import { createItems } from "./items.ts";
import { createOpenWork } from "./open-work.ts";
import { createOwnRecord } from "./own-record.ts";
import { createReport } from "./report.ts";
import { HeldCounts } from "./tally.ts";
import { createTimelines } from "./timeline.ts";
import { createWarnings } from "./warnings.ts";

export interface InsightParts {
  readonly lanes: Lanes;
  readonly pools: Pools;
  readonly identity: ReturnType<typeof createIdentity>;
  readonly markets: {
    row(market: MarketId): Promise<MarketRow>;
    owned(owner: Bytes32, market: MarketId): Promise<MarketRow>;
  };
}

/** Everything that is only looked at: nothing here writes to a log. */
export function createInsight(context: EngineContext, { lanes, pools, identity, markets }: InsightParts): Insight {
  const held = new HeldCounts(context.clock);
  const warnings = createWarnings(context, lanes, pools);
  return {
    ...createContributors(context, { lanes, markets, held }),
    ...createOwnRecord(context, lanes, held),
    ...createOpenWork(context, { lanes, pools, identity }),
    ...createEarnings(context, pools),
    ...createItems(context, { lanes, markets }),
    ...createTimelines(context, { lanes, markets }),
    ...warnings,
    ...createReport(context, { lanes, markets, warnings }),
  };
}
