import { bytes32, equalBytes, fromBase58, toBase58, toBase64, toUtf8 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { parseSignInText } from "../core/statements.ts";
import { parseUtcMs } from "../core/utc.ts";
import type { EntryOf } from "../market/entries.ts";
import type { Facts } from "../market/state.ts";
import { type ApiKeyPlace, insertApiKey, listApiKeys, readApiKey, revokeApiKey } from "../store/identity/api-keys.ts";
import { type ContributorRow, readContributor, readContributorByKey } from "../store/identity/contributors.ts";
import { readSession, revokeSession } from "../store/identity/sessions.ts";
import { type NewSession, signInAll } from "../store/identity/sign-in.ts";
import { Cache } from "./cache.ts";
import { ChallengeNonces, challengeMs } from "./challenge-nonces.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import { Gather } from "./gather.ts";
import { pageOf, readTimeCursor, timeCursor } from "./page.ts";
import type { ApiKey, Session, SignIn } from "./types.ts";

const placeOf = (cursor: string): ApiKeyPlace => {
  const { atMs, id } = readTimeCursor(cursor);
  return { createdAtMs: atMs, id };
};

const sessionMsMax = 30 * 24 * 3_600_000;
/** How long a revoked credential may still work on another process. */
const cacheMs = 30_000;

type Identity = Pick<
  Engine,
  | "createChallenge"
  | "signIn"
  | "authenticateSession"
  | "endSession"
  | "createApiKey"
  | "listApiKeys"
  | "revokeApiKey"
  | "authenticateApiKey"
> & {
  /** How a contributor enters a lane. */
  joinOf(contributor: number): Promise<EntryOf<"joined">>;
  contributorRow(contributor: number): Promise<ContributorRow>;
  contributorByKey(key: Uint8Array): Promise<ContributorRow>;
};

/** Who somebody is. Secrets are compared by their hashes, so timing tells nothing; only hashes are stored. */
export function createIdentity(context: EngineContext): Identity {
  const { pool, clock, random } = context;
  const sessions = new Cache<Session>({ max: 100_000, ttlMs: cacheMs, clock });
  const apiKeys = new Cache<ApiKey>({ max: 10_000, ttlMs: cacheMs, clock });
  const contributors = new Cache<ContributorRow>({ max: 100_000, ttlMs: cacheMs, clock });
  const nonces = new ChallengeNonces(hashOf(context), context.signer);
  // Whoever signs in while others do shares their commit: one for each would be all that a disk can do.
  const signIns = new Gather<NewSession, ContributorRow | null>((asked) => signInAll(pool, asked, clock()));
  const hashOfSecret = (secret: string): Uint8Array => hashOf(context)(toUtf8(secret));
  const secret = (prefix: string): string =>
    prefix + toBase64(random(32)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const contributorRow = async (contributor: number): Promise<ContributorRow> => {
    const known = contributors.get(`${contributor}`) ?? (await readContributor(pool, contributor));
    if (known === null) throw earnestError("CONTRIBUTOR_NOT_FOUND", { contributor: `${contributor}` });
    return contributors.set(`${contributor}`, known);
  };

  return {
    contributorRow,

    async contributorByKey(key) {
      const row = await readContributorByKey(pool, key);
      if (row === null) throw earnestError("CONTRIBUTOR_NOT_FOUND", { contributor: toBase58(key) });
      return row;
    },

    async joinOf(contributor) {
      const { key, owner, automated, facts } = await contributorRow(contributor);
      return { kind: "joined", contributor, key: bytes32(key), owner: bytes32(owner), automated, facts };
    },

    async createChallenge() {
      const expiresAtMs = clock() + challengeMs;
      return { nonce: nonces.make(random(8), expiresAtMs), expiresAtMs };
    },

    async signIn(request) {
      const { nonce, nonceExpiresAtMs, expiresAtMs } = await checkSignIn(context, nonces, request);
      const { message: text, signature, contributor: key, sessionKey, automated } = request;
      const token = secret("earnest_session_");
      const hash = hashOfSecret(token);
      const facts = factsText(request.facts);
      const keys = { key, sessionKey, hash, text, signature };
      const row = await signIns.get({ ...keys, nonce, nonceExpiresAtMs, automated, facts, expiresAtMs });
      if (row === null) refuse(nonceProblem);
      const { contributor } = row;
      contributors.set(`${contributor}`, row);
      const session = { contributor, key, sessionKey, expiresAtMs, authorisation: { text, signature } };
      sessions.set(token, session);
      return { ...session, token };
    },

    async authenticateSession(token) {
      const known = sessions.get(token);
      if (known !== undefined && known.expiresAtMs > clock()) return known;
      const row = await readSession(pool, hashOfSecret(token), clock());
      if (row === null) throw earnestError("SESSION_NOT_FOUND", { session: `${token.slice(0, 20)}…` });
      const { text, signature, ...session } = row;
      const authorisation = { text, signature };
      return sessions.set(token, {
        ...session,
        key: bytes32(row.key),
        sessionKey: bytes32(row.sessionKey),
        authorisation,
      });
    },

    async endSession(_session, token) {
      sessions.delete(token);
      await revokeSession(pool, hashOfSecret(token), clock());
    },

    async createApiKey(owner, mode, name) {
      const made = secret(`earnest_${mode}_`);
      const key: ApiKey = { id: toBase58(random(8)), owner, mode, name, createdAtMs: clock(), revokedAtMs: null };
      await insertApiKey(pool, hashOfSecret(made), key);
      return { key, secret: made };
    },

    async listApiKeys(owner, after, limit) {
      const rows = await listApiKeys(pool, owner, after === null ? null : placeOf(after), limit + 1);
      const keys = rows.map((row) => ({ ...row, owner: bytes32(row.owner) }));
      return pageOf(keys, limit, ({ createdAtMs, id }) => timeCursor({ atMs: createdAtMs, id }));
    },

    async revokeApiKey(owner, id) {
      await revokeApiKey(pool, owner, id, clock());
      // They are kept by their secrets, which nobody here knows; revoking is rare.
      apiKeys.clear();
    },

    async authenticateApiKey(given) {
      const known = apiKeys.get(given);
      if (known !== undefined) return known;
      const row = await readApiKey(pool, hashOfSecret(given));
      if (row === null) throw earnestError("API_KEY_NOT_FOUND", {});
      return apiKeys.set(given, { ...row, owner: bytes32(row.owner) });
    },
  };
}

const nonceProblem = "its nonce is unknown, used or expired";

/** When challenge and session end; refuses a message that is not exactly this sign-in, or not signed by its key. */
async function checkSignIn(
  context: EngineContext,
  nonces: ChallengeNonces,
  request: SignIn,
): Promise<Pick<NewSession, "nonce" | "nonceExpiresAtMs" | "expiresAtMs">> {
  const message = parseSignInText(request.message);
  if (message === null) refuse("it is not of the documented form");
  if (message.domain !== context.settings.domain)
    refuse(`it is for ${message.domain.slice(0, 80)}, not for ${context.settings.domain}`);
  if (!namesKey(message.address, request.contributor)) refuse("it names another key");
  if (!namesKey(message.sessionKey, request.sessionKey)) refuse("it names another session key");
  const nonceExpiresAtMs = nonces.expiryOf(message.nonce);
  if (nonceExpiresAtMs === null || nonceExpiresAtMs < context.clock()) refuse(nonceProblem);
  const issuedAtMs = parseUtcMs(message.issuedAt) ?? Number.NaN;
  const expiresAtMs = parseUtcMs(message.expirationTime) ?? Number.NaN;
  const now = context.clock();
  if (!(Math.abs(issuedAtMs - now) <= challengeMs)) refuse("it was not issued now");
  if (!(expiresAtMs > now && expiresAtMs <= now + sessionMsMax))
    refuse("it expires in the past, or later than in 30 days");
  if (!(await context.verify(request.contributor, toUtf8(request.message), request.signature))) {
    throw earnestError("SIGNATURE_MISMATCH", { what: "the sign-in message" });
  }
  return { nonce: message.nonce, nonceExpiresAtMs, expiresAtMs };
}

const namesKey = (text: string, key: Uint8Array): boolean => {
  try {
    return equalBytes(fromBase58(text), key);
  } catch {
    return false;
  }
};

function refuse(problem: string): never {
  throw earnestError("CHALLENGE_MISMATCH", { problem });
}

export const factsText = (facts: Facts): string => canonicalJson(facts as unknown as Json);
