import { marketId } from "../../core/market-id.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readCount, readKey } from "../values.ts";

type Ids = "blockContributor" | "tellContributor" | "listMessages";

export function messageHandlers({ engine }: ApiContext): Handlers<Ids> {
  return {
    blockContributor: async ({ params, body: { contributor, ...wanted }, caller, once }) => {
      await engine.block(caller.owner, marketId(params.market), readKey(contributor), wanted, once);
    },
    tellContributor: async ({ params, body: { contributor, text }, caller }) => {
      await engine.tell(caller.owner, marketId(params.market), readKey(contributor), text);
    },
    listMessages: async ({ caller, query }) => ({
      items: [...(await engine.listMessages(caller.session, readCount(query.limit, 20)))],
    }),
  };
}
