import type { FirstWish } from "../../contract/sessions.ts";
import type { Offer } from "../../contract/work.ts";
import { bytes32, fromBase58 } from "../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import { marketId } from "../../core/market-id.ts";
import { parseSignInText } from "../../core/statements.ts";
import type { Session } from "../../engine/types.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readBytes, readCount, writeKey } from "../values.ts";
import { apiKeyView, meView, offerView, verdictView } from "../views.ts";
import { wishedTask } from "../wish.ts";

type Ids =
  | "createChallenge"
  | "createSession"
  | "endSession"
  | "getMe"
  | "payTo"
  | "listVerdicts"
  | "listApiKeys"
  | "createApiKey"
  | "revokeApiKey";

export function identityHandlers({ engine, moneys }: ApiContext): Handlers<Ids> {
  /** Null where they are refused: the session is begun all the same. */
  const firstOffers = async (session: Session, { market: ref, ...wish }: FirstWish): Promise<Offer[] | null> => {
    try {
      const market = marketId(ref);
      const task = await wishedTask(engine, market, wish);
      const offers = await engine.assign(session, market, { task, count: wish.count });
      const money = await moneys.of(market);
      return offers.map((each) => offerView(money, each));
    } catch (error) {
      if (isEarnestError(error)) return null;
      throw error;
    }
  };

  return {
    createChallenge: async () => {
      const { nonce, expiresAtMs } = await engine.createChallenge();
      return { nonce, expiresAtMs };
    },

    createSession: async ({ body }) => {
      const { contributor, sessionKey } = keysOf(body.message);
      const grant = await engine.signIn({
        message: body.message,
        signature: readBytes(body.signature, 64, "signature"),
        contributor,
        sessionKey,
        automated: body.automated,
        facts: body.facts,
      });
      const offers = body.first === undefined ? null : await firstOffers(grant, body.first);
      return {
        token: grant.token,
        contributor: grant.contributor,
        key: writeKey(grant.key),
        sessionKey: writeKey(grant.sessionKey),
        expiresAtMs: grant.expiresAtMs,
        ...(offers !== null && { offers }),
      };
    },

    endSession: async ({ caller }) => {
      await engine.endSession(caller.session, caller.token);
    },
    getMe: async ({ caller }) => {
      const view = await engine.contributor(caller.session);
      return meView(view, await Promise.all(view.balances.map(({ mint }) => moneys.in(mint))));
    },

    payTo: async ({ body: { mint, wallet, number, signature }, caller, once }) => {
      const signed = { number, signature: readBytes(signature, 64, "signature") };
      await engine.payTo(caller.session, { mint, wallet: bytes32(fromBase58(wallet)), ...signed }, once);
    },

    listVerdicts: async ({ caller, query }) => {
      const page = await engine.listVerdicts(caller.session, query.after ?? null, readCount(query.limit, 100));
      const items = page.items.map(async (each) => verdictView(await moneys.in(each.mint), each));
      return { items: await Promise.all(items), next: page.next };
    },

    listApiKeys: async ({ caller, query }) => {
      const page = await engine.listApiKeys(caller.owner, query.after ?? null, readCount(query.limit, 100));
      return { items: page.items.map(apiKeyView), next: page.next };
    },
    createApiKey: async ({ caller, body }) => {
      const { key, secret } = await engine.createApiKey(caller.owner, body.mode, body.name);
      return { ...apiKeyView(key), secret };
    },
    revokeApiKey: async ({ caller, params }) => {
      await engine.revokeApiKey(caller.owner, params.id);
    },
  };
}

/** The keys that a sign-in text names: the contributor's and the session's. */
function keysOf(message: string) {
  const parsed = parseSignInText(message);
  const problem = "it is not of the documented form";
  if (parsed === null) throw earnestError("CHALLENGE_MISMATCH", { problem });
  try {
    return {
      contributor: bytes32(fromBase58(parsed.address)),
      sessionKey: bytes32(fromBase58(parsed.sessionKey)),
    };
  } catch (error) {
    throw isEarnestError(error) ? earnestError("CHALLENGE_MISMATCH", { problem: "it names no key" }) : error;
  }
}
