import { earnestError, isEarnestError } from "../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import type { Rail } from "../rails/rail.ts";
import type { SponsorPolicy } from "../rails/solana/escrow/sponsorship.ts";
import { type PoolRow, readPoolOf, readPools } from "../store/markets/pools.ts";
import { Cache } from "./cache.ts";
import type { EngineContext } from "./context.ts";
import type { TokenView } from "./types.ts";

/** What the engine is given, for one pool: its rail is that pool's. */
export interface PoolContext extends EngineContext {
  /** By which the database knows it. */
  readonly poolNumber: number;
  /** Whose token accounts the operator pays for. */
  readonly sponsor: SponsorPolicy;
}

const homeNumber = 0;

export const tokenView = ({ mint, names, decimals, canFreeze, pool, vault }: Rail): TokenView => ({
  mint,
  name: names?.name ?? null,
  symbol: names?.symbol ?? null,
  decimals,
  canFreeze,
  pool,
  vault,
});

/**
 * The pools of the network, one a token. The first is the home pool, that of markets whose specification names no token.
 * What others opened is found in the database, and on chain once a process.
 */
export class Pools {
  readonly home: PoolContext;
  readonly #open = new Map<number, Promise<PoolContext>>();
  /** The number of a market's pool, which never changes. */
  readonly #numbers: Cache<number>;

  constructor(context: EngineContext) {
    this.home = { ...context, poolNumber: homeNumber, sponsor: context.settings.sponsor };
    this.#numbers = new Cache({ max: 100_000, ttlMs: Number.POSITIVE_INFINITY, clock: context.clock });
  }

  /** The home pool first. What cannot be opened now is left out, and said. */
  async all(): Promise<readonly PoolContext[]> {
    const rows = await readPools(this.home.pool);
    const opened = await Promise.allSettled(rows.map((row) => this.#at(row)));
    const found = [this.home];
    for (const [i, each] of opened.entries()) {
      if (each.status === "fulfilled") found.push(each.value);
      else this.home.log("a pool cannot be opened now", { mint: rows[i]?.mint, problem: String(each.reason) });
    }
    return found;
  }

  /** Of a token: the home token's where none is named. @throws TOKEN_NOT_FOUND */
  async byMint(mint?: string): Promise<PoolContext> {
    if (mint === undefined || mint === this.home.rail.mint) return this.home;
    const row = (await readPools(this.home.pool)).find((each) => each.mint === mint);
    if (row === undefined) throw earnestError("TOKEN_NOT_FOUND", { mint });
    return await this.#at(row);
  }

  /** The pool that a market's money is in. @throws MARKET_NOT_FOUND */
  async of(market: MarketId): Promise<PoolContext> {
    const known = this.#numbers.get(market);
    if (known !== undefined) return await this.byNumber(known);
    const number = await readPoolOf(this.home.pool, marketIdToBytes(market));
    if (number === null) throw earnestError("MARKET_NOT_FOUND", { market });
    return await this.byNumber(this.#numbers.set(market, number));
  }

  async byNumber(number: number): Promise<PoolContext> {
    if (number === homeNumber) return this.home;
    const open = this.#open.get(number);
    if (open !== undefined) return await open;
    const row = (await readPools(this.home.pool)).find((each) => each.number === number);
    if (row === undefined) throw earnestError("INVARIANT_MISMATCH", { what: `there is no pool ${number}` });
    return await this.#at(row);
  }

  #at({ number, mint }: PoolRow): Promise<PoolContext> {
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    const opening = this.#openAt(number, mint);
    this.#open.set(number, opening);
    opening.catch(() => this.#open.delete(number));
    return opening;
  }

  async #openAt(poolNumber: number, mint: string): Promise<PoolContext> {
    const { rail, sponsor } = await this.home.tokens.open(mint);
    return { ...this.home, rail, poolNumber, sponsor };
  }
}

/** Whose failure is that of one pool alone: the others go on. */
export async function eachPool(
  pools: readonly PoolContext[],
  work: (pool: PoolContext) => Promise<void>,
): Promise<void> {
  const atOnce = 4;
  const failures: unknown[] = [];
  const left = [...pools];
  const some = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { rail, log } = next;
      await work(next).catch((error: unknown) => {
        failures.push(error);
        log("a pool could not be settled", {
          mint: rail.mint,
          problem: isEarnestError(error) ? error.message : String(error),
        });
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, some));
  if (failures.length > 0) throw failures[0];
}
