import { bytes32, fromBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { marketIdFromBytes } from "../../core/market-id.ts";
import { differenceText } from "../../market/settlement/differences.ts";
import { PoolFold } from "../../market/settlement/pool-fold.ts";
import type { Connection } from "../../store/pool.ts";
import { type CutRow, readCutsFrom, readSharesAfter } from "../../store/settlement/read-cuts.ts";
import type { PoolContext } from "../pools.ts";
import { inSnapshot } from "../transaction.ts";

/**
 * What all lanes owe by their newest cuts, kept in memory and fed from the database: whoever made a cut, this process or
 * another one, it is read from the same place.
 */
export class CutFold {
  readonly #context: PoolContext;
  readonly fold: PoolFold;
  /** The newest epoch that was seen: others may still be cutting lanes in it. */
  #epoch = 0;
  /** The epoch that each lane was folded at. */
  readonly #folded = new Map<string, number>();

  constructor(context: PoolContext) {
    this.#context = context;
    this.fold = new PoolFold({
      operator: bytes32(fromBase58(context.settings.operator)),
      tokenAccountOf: (wallet) => context.rail.tokenAccountOf(wallet),
    });
  }

  /** @throws INVARIANT_MISMATCH where the cuts do not add up; then this fold is good for nothing. */
  async catchUp(): Promise<void> {
    // Another process may be cutting meanwhile: a lane's shares have to be those of its cut.
    await inSnapshot(this.#context.pool, async (dbTx) => {
      const cuts = await readCutsFrom(dbTx, this.#epoch, this.#context.poolNumber);
      for (const cut of cuts) await this.#take(dbTx, cut);
      this.#epoch = cuts.reduce((newest, { epoch }) => Math.max(newest, epoch), this.#epoch);
    });
  }

  async #take(dbTx: Connection, cut: CutRow): Promise<void> {
    const market = marketIdFromBytes(cut.market);
    const name = `${market}/${cut.lane}`;
    const folded = this.#folded.get(name) ?? 0;
    if (folded === cut.epoch) return;
    const shares = await readSharesAfter(dbTx, cut.market, cut.lane, folded);
    const problem = this.fold.take({
      ...cut,
      market,
      root: bytes32(cut.root),
      specHash: bytes32(cut.specHash),
      members: shares.map(({ key, paying, ...share }) => ({
        ...share,
        key: bytes32(key),
        paying: paying === null ? null : { ...paying, wallet: bytes32(paying.wallet) },
      })),
    });
    if (problem !== null) throw earnestError("INVARIANT_MISMATCH", { what: `the cuts: ${differenceText(problem)}` });
    this.#folded.set(name, cut.epoch);
  }
}
