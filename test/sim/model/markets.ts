import { bytes32, equalBytes, toHex } from "#src/core/bytes";
import { earnestError } from "#src/core/errors";
import { marketIdFromBytes } from "#src/core/market-id";
import type { FoundMarket } from "#src/store/markets/read-markets";
import type { Transaction } from "../database/database.ts";
import type { MarketRecord } from "../database/tables.ts";
import type { Models } from "./asking.ts";

/** Nothing is measured in a simulation. */
const rowOf = ({ escrow: _, ...row }: MarketRecord): FoundMarket => ({ ...row, rejected: null });

async function update(transaction: Transaction, market: Uint8Array, changes: Partial<MarketRecord>): Promise<void> {
  const { markets } = transaction.database.tables;
  await transaction.lock(markets, toHex(market));
  const row = transaction.get(markets, toHex(market));
  if (row !== undefined) transaction.put(markets, toHex(market), { ...row, ...changes });
}

export const insertMarket = {
  async insertMarket(on, row) {
    const isInserted = await on.ask(async (transaction) => {
      const { markets } = transaction.database.tables;
      const key = toHex(row.market);
      await transaction.lock(markets, key);
      if (row.standing) await transaction.lock({ name: "markets_standing" }, toHex(row.owner));
      const stands = (each: MarketRecord): boolean => each.standing && equalBytes(each.owner, row.owner);
      if (transaction.get(markets, key) !== undefined) return false;
      if (row.standing && transaction.all(markets).some(stands)) return false;
      transaction.put(markets, key, { ...row, escrow: null });
      return true;
    });
    if (!isInserted) {
      const action = "be created twice";
      throw earnestError("MARKET_STATE", { market: row.title, status: "standing already", action });
    }
  },
} satisfies Models<typeof import("#src/store/markets/insert-market")>;

export const readMarkets = {
  readMarket: (on, market) =>
    on.ask((transaction) => {
      const row = transaction.get(transaction.database.tables.markets, toHex(market));
      return row === undefined ? null : rowOf(row);
    }),
} satisfies Models<typeof import("#src/store/markets/read-markets")>;

export const endStanding = {
  endStanding: (on, market) => on.ask((transaction) => update(transaction, market, { standing: false })),
} satisfies Models<typeof import("#src/store/markets/end-standing")>;

export const escrows = {
  putEscrow: (on, market, { account, openedAt }) =>
    on.ask((transaction) => update(transaction, market, { escrow: { account, openedAt } })),
  readEscrows: (on) =>
    on.ask((transaction) =>
      transaction
        .all(transaction.database.tables.markets)
        .flatMap(({ market, escrow }) =>
          escrow === null
            ? []
            : [{ market: marketIdFromBytes(market), account: bytes32(escrow.account), openedAt: escrow.openedAt }],
        ),
    ),
} satisfies Models<typeof import("#src/store/markets/escrows")>;

/** A simulated network pays in one token. */
export const pools = {
  readPools: (on) => on.ask(() => []),
  readPoolOf: (on, market) =>
    on.ask((transaction) => transaction.get(transaction.database.tables.markets, toHex(market))?.pool ?? null),
} satisfies Models<typeof import("#src/store/markets/pools")>;
