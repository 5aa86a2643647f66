import { type Bytes32, equalBytes } from "../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import { type MarketId, marketId } from "../../core/market-id.ts";
import { formatSlot, parseSlot, type Slot } from "../../core/slot.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readCount } from "../values.ts";

type Ids = "listArchives" | "getArchive";

export function archiveHandlers({ engine, archives }: ApiContext): Handlers<Ids> {
  const checkOwner = async (owner: Bytes32, market: MarketId): Promise<void> => {
    if (!equalBytes((await engine.market(market)).owner, owner))
      throw earnestError("OWNER_MISMATCH", { what: `The market ${market}` });
  };
  /** What was not paid is nobody's but its contributor's. */
  const isPaid = async (market: MarketId, slot: Slot): Promise<boolean> => {
    try {
      return (await engine.submission(market, slot)).state === "accepted";
    } catch (error) {
      if (isEarnestError(error, "SLOT_NOT_FOUND")) return false;
      throw error;
    }
  };
  return {
    listArchives: async ({ params, query, caller }) => {
      const market = marketId(params.market);
      await checkOwner(caller.owner, market);
      const limit = readCount(query.limit, 100);
      const found = await archives.list(market, query.after === undefined ? null : parseSlot(query.after), limit);
      const paid = await Promise.all(found.map(async (each) => ((await isPaid(market, each.slot)) ? [each] : [])));
      const last = found.at(-1);
      return {
        items: paid.flat().map((each) => ({ ...each, slot: formatSlot(each.slot) })),
        next: last === undefined || found.length < limit ? null : formatSlot(last.slot),
      };
    },

    getArchive: async ({ params, caller, reply }) => {
      const market = marketId(params.market);
      const slot = parseSlot(params.slot);
      await checkOwner(caller.owner, market);
      const file = (await isPaid(market, slot)) ? await archives.open(market, slot, params.part) : null;
      if (file === null) throw earnestError("SLOT_NOT_FOUND", { slot: params.slot });
      return reply
        .type("application/octet-stream")
        .header("content-length", file.bytes)
        .header("content-disposition", `attachment; filename="${file.name}"`)
        .send(file.content);
    },
  };
}
