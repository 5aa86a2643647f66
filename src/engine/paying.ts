import { bytes32, fromBase58 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { marketIdFromBytes } from "../core/market-id.ts";
import { payToStatement } from "../core/statements.ts";
import { readLaneOf, readPaying } from "../store/money/read-paying.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import type { Lanes } from "./lanes.ts";
import type { Pools } from "./pools.ts";

/** How far the number of a wish, a time by custom, may be from the server's clock: one set far ahead would be the last. */
const skewMsMax = 300_000;

/**
 * Where contributors are paid. The wish is signed by the contributor's own key, not by a session's, and stands in a log
 * for the attestors to check; it takes effect with the next commit, from which on older roots are dead.
 */
export function createPaying(context: EngineContext, lanes: Lanes, pools: Pools): Pick<Engine, "payTo"> {
  const { pool, clock, verify } = context;
  return {
    async payTo({ contributor, key }, { mint, wallet, number, signature }, once) {
      const { rail, poolNumber } = await pools.byMint(mint);
      const statement = payToStatement({ pool: bytes32(fromBase58(rail.pool)), number, wallet });
      if (!(await verify(key, statement, signature)))
        throw earnestError("SIGNATURE_MISMATCH", { what: "the paying address" });
      const skewMs = Math.abs(clock() - number);
      if (skewMs > skewMsMax) throw earnestError("REQUEST_TIME_MISMATCH", { skewMs, skewMsMax });
      const before = await readPaying(pool, contributor, poolNumber);
      if (before !== null && before.number >= number) {
        throw earnestError("MALFORMED_REQUEST", {
          where: "number",
          problem: "must be higher than that of the last wish",
        });
      }
      const place = await readLaneOf(pool, contributor, poolNumber);
      if (place === null) throw earnestError("PAYING_ADDRESS_STATE", {});
      const entry = { kind: "payTo", contributor, number, wallet, signature } as const;
      await lanes
        .get(marketIdFromBytes(place.market), place.lane)
        .runOnce({ type: "input", record: { entry, attachment: null } }, once);
    },
  };
}
