import { formatAmount } from "../../core/amount.ts";
import { isEarnestError } from "../../core/errors.ts";
import type { Engine } from "../engine.ts";
import type { GatewayMarkets, GatewayVerdict, Standings } from "./gateway.ts";
import type { OpenMarket } from "./invitations.ts";

/** Open markets of any kind that one look goes through, the best paid first. */
const pagesMax = 10;
const marketsPerPage = 200;

/** The standings of nodes that an engine keeps. */
export const gatewayStandings = (engine: Engine): Standings => ({
  of: (key) => engine.nodeStanding(key),
  note: (key, shown) => engine.noteNode(key, shown),
});

/** The markets of an engine, as a gateway uses them. */
export const gatewayMarkets = (engine: Engine, decimals: number): GatewayMarkets => ({
  async open() {
    const open: OpenMarket[] = [];
    let after: string | null = null;
    for (let page = 0; page < pagesMax; page++) {
      const { items, next } = await engine.openWork(null, after, marketsPerPage);
      for (const { market, spec, tasksLeft } of items) {
        if (spec.kind !== "bandwidth") continue;
        open.push({ market, title: spec.title, tasks: tasksLeft, requirements: spec.terms.eligibility });
      }
      if (next === null) break;
      after = next;
    }
    return open;
  },
  slot: (market, slot) => engine.heldSlot(market, slot),
  async measure(market, slot, measured) {
    const verdict = async (): Promise<GatewayVerdict> => {
      const { state, reason, reward } = await engine.submission(market, slot);
      return { state, reason, reward: formatAmount(reward, decimals) };
    };
    try {
      await engine.measure(market, slot, measured);
    } catch (error) {
      // It was measured before, or has its verdict without: then that is what there is to say.
      if (!isEarnestError(error, "SLOT_STATE") && !isEarnestError(error, "SLOT_NOT_FOUND")) throw error;
      const found = await verdict();
      return found.state === "assigned" ? null : found;
    }
    return await verdict();
  },
});
