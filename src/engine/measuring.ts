import { earnestError } from "../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { formatSlot, type Slot } from "../core/slot.ts";
import { termsOfTask } from "../market/admit.ts";
import { type Measured, measuredText } from "../market/measured.ts";
import { noteNode, readNodeStanding } from "../store/nodes/standings.ts";
import { readVerdict } from "../store/tasks/read-verdicts.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { inTokens } from "./markets.ts";
import type { Pools } from "./pools.ts";
import type { createTasks } from "./tasks.ts";

type Measuring = Pick<Engine, "heldSlot" | "measure" | "nodeStanding" | "noteNode">;

/** For the network's own instruments, such as a gateway: what a slot is about, and what was measured of it. */
export function createMeasuring(
  context: EngineContext,
  {
    lanes,
    tasks,
    pools,
  }: { readonly lanes: Lanes; readonly tasks: ReturnType<typeof createTasks>; readonly pools: Pools },
): Measuring {
  return {
    async heldSlot(market: MarketId, { task, ordinal }: Slot) {
      const found = await lanes.get(market).read((state) => {
        const slot = state.tasks.get(task)?.slots[ordinal];
        const member = slot === undefined ? undefined : state.members.get(slot.contributor);
        return slot === undefined || member === undefined
          ? null
          : {
              key: member.key,
              state: slot.state,
              assignedAtMs: slot.expiresAtMs - termsOfTask(state, task).leaseMs,
            };
      });
      return found === null ? null : { ...found, content: (await tasks.task(market, task)).content };
    },

    nodeStanding: (key) => readNodeStanding(context.pool, key),

    noteNode: (key, shown) =>
      noteNode(context.pool, key, {
        ...(shown.kind === "fault" ? shown : { strikes: 0, strikesMax: 1, demotedUntilMs: 0 }),
        foundBy: shown.kind === "fault" ? shown.check : null,
        sharingUntilMs: shown.kind === "sharing" ? shown.untilMs : null,
        isGood: shown.kind === "good",
        notedAtMs: context.clock(),
      }),

    async measure(market: MarketId, slot: Slot, measured: Measured) {
      // Once it has a verdict its slot may have left the lane's state.
      const isOver = await readVerdict(context.pool, marketIdToBytes(market), firstLane, slot.task, slot.ordinal);
      if (isOver !== null) throw earnestError("SLOT_STATE", { slot: formatSlot(slot), state: isOver.state });
      const entry = { kind: "measured", ...slot, facts: measuredText(measured) } as const;
      const command = { type: "input", record: { entry, attachment: null } } as const;
      await inTokens(pools, market, lanes.get(market).run(command));
    },
  };
}
