import { bytes32, fromBase58 } from "../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import { parseSignInText } from "../../core/statements.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readBytes, readCount, writeKey } from "../values.ts";
import { apiKeyView, meView, verdictView } from "../views.ts";

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

export function identityHandlers({ engine, money }: ApiContext): Handlers<Ids> {
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
      return {
        token: grant.token,
        contributor: grant.contributor,
        key: writeKey(grant.key),
        sessionKey: writeKey(grant.sessionKey),
        expiresAtMs: grant.expiresAtMs,
      };
    },

    endSession: async ({ caller }) => {
      await engine.endSession(caller.session, caller.token);
    },
    getMe: async ({ caller }) => meView(money, await engine.contributor(caller.session)),

    payTo: async ({ body: { wallet, number, signature }, caller, once }) => {
      const wish = { wallet: bytes32(fromBase58(wallet)), number, signature: readBytes(signature, 64, "signature") };
      await engine.payTo(caller.session, wish, once);
    },

    listVerdicts: async ({ caller, query }) => {
      const page = await engine.listVerdicts(caller.session, query.after ?? null, readCount(query.limit, 100));
      return { items: page.items.map((each) => verdictView(money, each)), next: page.next };
    },

    listApiKeys: async ({ caller }) => ({ items: (await engine.listApiKeys(caller.owner)).map(apiKeyView) }),
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
