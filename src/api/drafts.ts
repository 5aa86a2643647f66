import { equalBytes } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { MarketView } from "../engine/types.ts";
import type { Caller } from "./authenticate.ts";

/** What somebody is still describing is nobody else's business: a draft is shown to its owner alone. */
export const isShown = ({ status, owner }: MarketView, caller: Caller | null): boolean =>
  status !== "draft" || (caller !== null && equalBytes(caller.owner, owner));

/** @throws MARKET_NOT_FOUND where it is a draft of another */
export function shown(found: MarketView, caller: Caller | null): MarketView {
  if (!isShown(found, caller)) throw earnestError("MARKET_NOT_FOUND", { market: found.market });
  return found;
}
