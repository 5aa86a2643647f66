import { bytes32, fromBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { marketIdFromBytes } from "../../core/market-id.ts";
import { differenceText } from "../../market/settlement/differences.ts";
import { PoolFold } from "../../market/settlement/pool-fold.ts";
import { type CutRow, readCutsAfter, readSharesAfter } from "../../store/settlement/read-cuts.ts";
import type { EngineContext } from "../context.ts";

/**
 * What all lanes owe by their newest cuts, kept in memory and fed from the database: whoever made a cut, this process or
 * another one, it is read from the same place.
 */
export class CutFold {
  readonly #context: EngineContext;
  readonly fold: PoolFold;
  #epoch = 0;

  constructor(context: EngineContext) {
    this.#context = context;
    this.fold = new PoolFold({
      operator: bytes32(fromBase58(context.settings.operator)),
      tokenAccountOf: (wallet) => context.rail.tokenAccountOf(wallet),
    });
  }

  /** @throws INVARIANT_MISMATCH where the cuts do not add up; then this fold is good for nothing. */
  async catchUp(): Promise<void> {
    const cuts = await readCutsAfter(this.#context.pool, this.#epoch);
    for (const cut of cuts) await this.#take(cut);
    this.#epoch = cuts.reduce((newest, { epoch }) => Math.max(newest, epoch), this.#epoch);
  }

  async #take(cut: CutRow): Promise<void> {
    const shares = await readSharesAfter(this.#context.pool, cut.market, cut.lane, this.#epoch);
    const problem = this.fold.take({
      ...cut,
      market: marketIdFromBytes(cut.market),
      root: bytes32(cut.root),
      specHash: bytes32(cut.specHash),
      members: shares.map(({ key, paying, ...share }) => ({
        ...share,
        key: bytes32(key),
        paying: paying === null ? null : { ...paying, wallet: bytes32(paying.wallet) },
      })),
    });
    if (problem !== null) throw earnestError("INVARIANT_MISMATCH", { what: `the cuts: ${differenceText(problem)}` });
  }
}
