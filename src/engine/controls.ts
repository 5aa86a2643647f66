import type { Bytes32 } from "../core/bytes.ts";
import type { MarketId } from "../core/market-id.ts";
import { openableControls } from "../market/controls.ts";
import type { Command } from "../market/decide.ts";
import type { LaneState } from "../market/state.ts";
import type { Engine } from "./engine.ts";
import { claiming } from "./idempotency.ts";
import type { Lanes } from "./lanes.ts";
import type { RetiredControls } from "./types.ts";

interface Owned {
  owned(owner: Bytes32, market: MarketId): Promise<unknown>;
}

/** How many one batch opens, where the next one goes on. */
const controlsPerBatch = 1_000;

/** Whether nobody gets a control any more, so that there is no reason to hide the answers. */
export const isOver = ({ status }: LaneState): boolean => status === "closing" || status === "closed";

/** Shows answer and salt of controls that nobody is about to answer. */
export const retirements = (state: LaneState, max = controlsPerBatch): Command[] =>
  openableControls(state, max).map((control) => ({
    type: "input",
    record: { entry: { kind: "controlRetired", ...control }, attachment: null },
  }));

export function createControls(lanes: Lanes, markets: Owned): Pick<Engine, "retireControls"> {
  return {
    async retireControls(owner, market, once) {
      await markets.owned(owner, market);
      let done: RetiredControls = { retired: 0, left: 0 };
      await lanes.get(market).runAlong({
        ...claiming(once),
        commands: (_dbTx, state) => {
          const commands = retirements(state, Infinity);
          done = { retired: commands.length, left: hiddenControls(state) - commands.length };
          return Promise.resolve(commands);
        },
        after: async (dbTx) => await once?.note(dbTx, JSON.stringify(done)),
      });
      return done;
    },
  };
}

const hiddenControls = ({ controls }: LaneState): number =>
  [...controls.keys()].filter((task) => controls.get(task)?.openedSequence === null).length;
