import { type Bytes32, toUtf8 } from "../core/bytes.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { TokenToIssue } from "../rails/rail.ts";
import { type AskedPool, findAskedPool, insertPool, markPoolOpen, readPoolUse } from "../store/markets/pools.ts";
import { lockSponsor } from "../store/settlement/sponsored.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import { type Pools, tokenView } from "./pools.ts";
import { inTransaction } from "./transaction.ts";
import type { NewIssue, NewToken, TokenView } from "./types.ts";

const dayMs = 86_400_000;
/** Bytes, as wallets have them at most. */
const bytesMax = { name: 32, symbol: 10, uri: 200 } as const;

/**
 * How the network comes to further tokens, at its operator's cost. What was asked for stands in the database before
 * anything is spent on it, with all that it takes: whoever asks again, or another process, goes on where it broke off.
 */
export function createTokens(context: EngineContext, pools: Pools): Pick<Engine, "addToken"> {
  const { pool, clock, tokens, random } = context;

  const known = async (mint: string): Promise<TokenView | null> => {
    try {
      return tokenView((await pools.byMint(mint)).rail);
    } catch (error) {
      if (isEarnestError(error, "TOKEN_NOT_FOUND")) return null;
      throw error;
    }
  };

  /** @throws TOKEN_REFUSED */
  const enter = async (wanted: AskedPool): Promise<AskedPool> =>
    await inTransaction(pool, async (dbTx) => {
      await lockSponsor(dbTx);
      const { mint, owner, issued } = wanted;
      const symbol = issued?.symbol ?? null;
      const before = await findAskedPool(dbTx, { mint, owner, symbol });
      if (before !== null) return before;
      const { limits } = tokens;
      const use = await readPoolUse(dbTx, Math.floor(clock() / dayMs) * dayMs, owner);
      if (use.own >= limits.perDayMax) refuse("perDay", "you have added as many today as it pays for");
      if (use.today >= limits.allPerDayMax) refuse("dailyBudget", "what it pays for new tokens today is used up");
      if (use.total >= limits.poolsMax) refuse("pools", `it has ${use.total} tokens beside its own, and takes no more`);
      await insertPool(dbTx, use.highest + 1, wanted, clock());
      return wanted;
    });

  const open = async (mint: string): Promise<TokenView> => {
    await tokens.open(mint);
    await markPoolOpen(pool, mint, clock());
    return tokenView((await pools.byMint(mint)).rail);
  };

  const issue = async (owner: Bytes32, wanted: NewIssue): Promise<TokenView> => {
    requireIssuable(wanted);
    const terms = canonicalJson({ ...wanted, supply: `${wanted.supply}` });
    const seed = random(32);
    const { symbol } = wanted;
    const asked = await enter({ mint: await tokens.mintOf(seed), owner, issued: { symbol, terms, seed } });
    if (asked.issued === null || asked.issued.terms !== terms) {
      return refuse("differs", `you had it issue another one as ${symbol}, ${asked.mint}`);
    }
    await tokens.issue(asked.issued.seed, wanted);
    return await open(asked.mint);
  };

  return {
    async addToken(owner: Bytes32, wanted: NewToken) {
      if (!("mint" in wanted)) {
        if (!tokens.permits(null)) refuse("notPermitted", "its operator issues none");
        return await issue(owner, wanted.issue);
      }
      const { mint } = wanted;
      const found = await known(mint);
      if (found !== null) return found;
      if (!tokens.permits(mint)) refuse("notPermitted", "its operator does not permit it");
      await tokens.check(mint);
      await enter({ mint, owner, issued: null });
      return await open(mint);
    },
  };
}

function requireIssuable(wanted: TokenToIssue): void {
  for (const [field, most] of Object.entries(bytesMax) as [keyof typeof bytesMax, number][]) {
    if (toUtf8(wanted[field]).length <= most) continue;
    throw earnestError("MALFORMED_REQUEST", { where: `body.issue.${field}`, problem: `is longer than ${most} bytes` });
  }
  if (wanted.supply > 0n || wanted.authority !== null) return;
  const problem = "must be above zero, as nobody can ever make more";
  throw earnestError("MALFORMED_REQUEST", { where: "body.issue.supply", problem });
}

function refuse(reason: string, problem: string): never {
  throw earnestError("TOKEN_REFUSED", { reason, problem });
}
