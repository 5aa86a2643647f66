import { type Bytes32, toBase58 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { type MarketId, marketIdFromBytes, marketIdToBytes } from "../core/market-id.ts";
import { countMessagesTo, insertMessageTo, listMessagesTo } from "../store/markets/messages.ts";
import type { EngineContext } from "./context.ts";
import { claiming, type Once } from "./idempotency.ts";
import type { createIdentity } from "./identity.ts";
import type { Lanes } from "./lanes.ts";
import type { Session } from "./types.ts";

/** What a requester said to a contributor. */
export interface MessageView {
  readonly market: MarketId;
  readonly title: string;
  readonly text: string;
  /** It says why the contributor gets no more work there. */
  readonly blocks: boolean;
  readonly sentAtMs: number;
}

export interface Messages {
  /** Gives a contributor no more work in a market, or again; the log says so, and the contributor is told why. */
  block(
    owner: Bytes32,
    market: MarketId,
    contributor: Bytes32,
    wanted: { readonly isBlocked: boolean; readonly note: string },
    once?: Once,
  ): Promise<void>;
  /** Tells something to somebody who worked in a market. */
  tell(owner: Bytes32, market: MarketId, contributor: Bytes32, text: string): Promise<void>;
  /** What a contributor was told, the newest first. */
  listMessages(session: Pick<Session, "contributor">, limit: number): Promise<readonly MessageView[]>;
}

interface Parts {
  readonly lanes: Lanes;
  readonly identity: ReturnType<typeof createIdentity>;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
}

const dayMs = 86_400_000;
/** Of a market to one contributor. */
const perDayMax = 10;

export function createMessages({ pool, clock }: EngineContext, { lanes, identity, markets }: Parts): Messages {
  const worker = async (owner: Bytes32, market: MarketId, contributor: Bytes32): Promise<number> => {
    await markets.owned(owner, market);
    const { contributor: number } = await identity.contributorByKey(contributor);
    if (await lanes.get(market).read((state) => state.members.get(number) !== undefined)) return number;
    throw earnestError("CONTRIBUTOR_NOT_FOUND", { contributor: toBase58(contributor) });
  };
  const messageOf = (market: MarketId, text: string, blocks: boolean) => ({
    market: marketIdToBytes(market),
    text,
    blocks,
    sentAtMs: clock(),
  });

  return {
    async block(owner, market, contributor, { isBlocked, note }, once) {
      const number = await worker(owner, market, contributor);
      const entry = { kind: "blocked", contributor: number, isBlocked, note } as const;
      await lanes.get(market).runAlong({
        ...claiming(once),
        commands: () => Promise.resolve([{ type: "input", record: { entry, attachment: null } }]),
        after: async (dbTx) => {
          if (isBlocked) await insertMessageTo(dbTx, number, messageOf(market, note, true));
        },
      });
    },

    async tell(owner, market, contributor, text) {
      const number = await worker(owner, market, contributor);
      if ((await countMessagesTo(pool, marketIdToBytes(market), number, clock() - dayMs)) >= perDayMax) {
        throw earnestError("LIMIT_EXCEEDED", { what: "messages to a contributor in a day", max: perDayMax });
      }
      await insertMessageTo(pool, number, messageOf(market, text, false));
    },

    listMessages: async ({ contributor }, limit) =>
      (await listMessagesTo(pool, contributor, limit)).map((row) => ({
        ...row,
        market: marketIdFromBytes(row.market),
      })),
  };
}
