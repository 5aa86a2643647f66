import type { Item, ItemDetail, ItemSlot } from "../../contract/items.ts";
import { marketId } from "../../core/market-id.ts";
import type { ItemDetailView, ItemSlotView, ItemView } from "../../engine/insight/items.ts";
import type { ApiContext } from "../context.ts";
import { explanationView } from "../explanation-view.ts";
import type { Handlers } from "../handler.ts";
import { fromPpm, type Money, readCount, writeKey } from "../values.ts";

type Ids = "listItems" | "getItem" | "getTimeline";

export function itemHandlers({ engine, moneys }: ApiContext): Handlers<Ids> {
  return {
    listItems: async ({ params, query, caller }) => {
      const page = await engine.items(caller.owner, marketId(params.market), {
        isDisputed: query.only === "disputed",
        after: query.after ?? null,
        limit: readCount(query.limit, 100),
      });
      return { items: page.items.map(itemView), next: page.next };
    },

    getItem: async ({ params, caller }) =>
      itemDetailView(
        await moneys.of(marketId(params.market)),
        await engine.item(caller.owner, marketId(params.market), Number(params.task)),
      ),

    getTimeline: async ({ params, caller }) => {
      const market = marketId(params.market);
      const view = await engine.timeline(caller.owner, market);
      const money = await moneys.of(market);
      return {
        stepMs: view.stepMs,
        points: view.points.map((point) => ({ ...point, earned: money.write(point.earned) })),
        verdictMs: view.verdictMs,
        calibration: [...view.calibration],
      };
    },
  };
}

const itemView = ({ task, id, control, answers, label, confidencePpm, decided }: ItemView): Item => ({
  task,
  id,
  control,
  answers,
  label,
  confidence: confidencePpm === null ? null : fromPpm(confidencePpm),
  decided,
});

const itemDetailView = (money: Money, view: ItemDetailView): ItemDetail => ({
  ...itemView(view),
  content: view.content,
  known: view.known,
  slots: view.slots.map((slot) => itemSlotView(money, slot)),
});

const itemSlotView = (money: Money, view: ItemSlotView): ItemSlot => ({
  slot: `${view.slot.task}.${view.slot.ordinal}`,
  contributor: writeKey(view.contributor),
  automated: view.automated,
  state: view.state as ItemSlot["state"],
  reason: view.reason,
  reward: money.write(view.reward),
  answer: view.answer,
  decidedAtMs: view.decidedAtMs,
  weight: { ...view.weight },
  explanation: view.explanation === null ? null : explanationView(money, view.explanation),
});
