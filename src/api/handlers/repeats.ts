import type { RetiredControls } from "../../contract/qualifying.ts";
import type { AddedTasks } from "../../contract/tasks.ts";
import { marketId } from "../../core/market-id.ts";
import { parseSlot } from "../../core/slot.ts";
import type { ApiContext } from "../context.ts";
import type { Repeats } from "../handler.ts";
import { challengeView, marketView, submissionView } from "../views.ts";
import { scoreView } from "./qualifying.ts";
import { withdrawalView } from "./withdrawals.ts";

/**
 * What operations answer whose work is in the database while the process that did it died before it could keep the
 * answer: the state of now, without doing anything again.
 */
export function repeats({ engine, moneys }: ApiContext): Repeats {
  const market = async (id: string) => {
    const found = await engine.market(marketId(id));
    return marketView(moneys.by(found.token), found);
  };
  const ofMarket = ({ params }: { readonly params: { readonly market: string } }) => market(params.market);
  const ofSlot = async ({ params }: { readonly params: { readonly market: string; readonly slot: string } }) =>
    submissionView(
      await moneys.of(marketId(params.market)),
      await engine.submission(marketId(params.market), parseSlot(params.slot)),
    );
  const nothing = () => Promise.resolve(undefined);
  return {
    createMarket: (_call, note) => market(note),
    fundMarket: ofMarket,
    openMarket: ofMarket,
    pauseMarket: ofMarket,
    resumeMarket: ofMarket,
    closeMarket: ofMarket,
    addTasks: (_call, note) => Promise.resolve(JSON.parse(note) as AddedTasks),
    appeal: ofSlot,
    challengeTask: async ({ params, body }) =>
      challengeView(
        await moneys.of(marketId(params.market)),
        await engine.challengeOf(marketId(params.market), body.task),
      ),
    review: ofSlot,
    payBonus: nothing,
    qualify: nothing,
    setReserve: nothing,
    payTo: nothing,
    planWithdrawal: async ({ caller }, note) => {
      const found = await engine.withdrawal(caller.session, note);
      return withdrawalView(await moneys.in(found.mint), found);
    },
    takeTest: async ({ params, caller }) =>
      scoreView(await engine.score(caller.session, marketId(params.market), params.name)),
    retireControls: (_call, note) => Promise.resolve(JSON.parse(note) as RetiredControls),
  };
}
