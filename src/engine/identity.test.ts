import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { domain, TestContributor, testContext } from "../../test/support/engine.ts";
import { offlineRail } from "../../test/support/engine-world.ts";
import { bytes32, toBase58, toUtf8 } from "../core/bytes.ts";
import { signInText } from "../core/statements.ts";
import { randomFill, signerFromSeed } from "../main/crypto.ts";
import { type Facts, noFacts } from "../market/state.ts";
import { pruneChallenges } from "../store/identity/challenges.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { ApiKey, Page, SignIn } from "./types.ts";

const database = useTestDatabase();
const time = { now: 1_800_000_000_000 };
const clock = (): number => time.now;
const context = () => testContext(database().pool, offlineRail, { clock });
const dayMs = 86_400_000;
let engine: Engine;
/** Another process on the same database. */
let other: Engine;

beforeAll(async () => {
  [engine, other] = await Promise.all([createEngine(context()), createEngine(context())]);
});

afterAll(async () => {
  await Promise.all([engine.close(), other.close()]);
});

const wallet = signerFromSeed(new Uint8Array(32).fill(3));
const sessionKey = signerFromSeed(new Uint8Array(32).fill(4)).publicKey;

/** A sign-in of this wallet, with some of its text different. */
async function signInWith(
  changes: Partial<Parameters<typeof signInText>[0]> = {},
  request: Partial<SignIn> = {},
): Promise<SignIn> {
  const { nonce } = await engine.createChallenge();
  const message = signInText({
    domain,
    address: toBase58(wallet.publicKey),
    nonce,
    issuedAt: new Date(clock()).toISOString(),
    expirationTime: new Date(clock() + dayMs).toISOString(),
    sessionKey: toBase58(sessionKey),
    ...changes,
  });
  const signature = wallet.sign(toUtf8(message));
  const contributor = wallet.publicKey;
  return { message, signature, contributor, sessionKey, automated: false, facts: noFacts, ...request };
}

const refusal = { code: "CHALLENGE_MISMATCH" };

describe("signing in", () => {
  it("gives a session for a key that nobody knew before, with no account and no wallet", async () => {
    const grant = await engine.signIn(await signInWith());
    expect(grant).toMatchObject({ key: wallet.publicKey, sessionKey, expiresAtMs: clock() + dayMs });
    expect(grant.token).toMatch(/^earnest_session_[\w-]{43}$/);
    expect(await engine.authenticateSession(grant.token)).toMatchObject({ contributor: grant.contributor });
    const { rows } = await database().pool.query<{ all: string }>("select sessions::text as all from sessions");
    expect(rows.some(({ all }) => all.includes(grant.token))).toBe(false);
  });

  it("keeps the number of a key, however often it comes", async () => {
    const [first, second] = [await engine.signIn(await signInWith()), await other.signIn(await signInWith())];
    expect(second.contributor).toBe(first.contributor);
    expect(second.token).not.toBe(first.token);
    await engine.authenticateSession(first.token);
  });

  it("uses a challenge once, whoever comes first", async () => {
    const request = await signInWith();
    const results = await Promise.allSettled([engine, other, engine, other].map((each) => each.signIn(request)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(engine.signIn(request)).rejects.toMatchObject(refusal);
  });

  it("does not use up the challenge where the request was wrong", async () => {
    const request = await signInWith();
    await expect(engine.signIn({ ...request, signature: randomFill(64) })).rejects.toMatchObject({
      code: "SIGNATURE_MISMATCH",
    });
    await engine.signIn(request);
  });

  it("needs a challenge of ours that is not too old", async () => {
    await expect(engine.signIn(await signInWith({ nonce: "1111111111111111" }))).rejects.toMatchObject(refusal);
    const { nonce, expiresAtMs } = await engine.createChallenge();
    time.now = expiresAtMs + 1;
    await expect(engine.signIn(await signInWith({ nonce }))).rejects.toMatchObject(refusal);
  });

  it.each([
    ["of another domain", { domain: "elsewhere.test" }, {}],
    ["of another key", { address: toBase58(new Uint8Array(32).fill(9)) }, {}],
    ["of no key", { address: "nobody" }, {}],
    ["for another session", { sessionKey: toBase58(new Uint8Array(32).fill(9)) }, {}],
    ["that says who it is for, but not in the message", {}, { contributor: bytes32(new Uint8Array(32).fill(9)) }],
    ["that was never issued", { issuedAt: "yesterday" }, {}],
    ["of a message that is no sign-in", {}, { message: "I owe you money." }],
    ["with something added", {}, { message: "x" }],
  ])("refuses a message %s", async (_, changes, request) => {
    await expect(engine.signIn(await signInWith(changes, request))).rejects.toMatchObject(refusal);
  });

  it.each([
    ["issued long ago", -11 * 60_000, dayMs],
    ["issued in the future", 11 * 60_000, dayMs],
    ["expired already", 0, 0],
    ["valid for too long", 0, 31 * dayMs],
  ])("refuses a message %s", async (_, issuedMs, lifeMs) => {
    const changes = {
      issuedAt: new Date(clock() + issuedMs).toISOString(),
      expirationTime: new Date(clock() + lifeMs).toISOString(),
    };
    await expect(engine.signIn(await signInWith(changes))).rejects.toMatchObject(refusal);
  });

  it("refuses a message that another key signed", async () => {
    const request = await signInWith();
    const thief = signerFromSeed(randomFill(32));
    await expect(engine.signIn({ ...request, signature: thief.sign(toUtf8(request.message)) })).rejects.toMatchObject({
      code: "SIGNATURE_MISMATCH",
    });
  });

  it("takes the newest facts; what a key is stays as it was", async () => {
    const facts: Facts = { ...noFacts, languages: ["de"], birthYear: 1990 };
    const first = await engine.signIn(await signInWith({}, { automated: true }));
    const second = await engine.signIn(await signInWith({}, { automated: true, facts }));
    expect(await engine.contributor(second)).toMatchObject({ contributor: first.contributor, facts, automated: false });
  });

  it("numbers many new keys that come at once, each once", async () => {
    const people = await Promise.all(
      Array.from({ length: 40 }, (_, i) => TestContributor.signIn(i % 2 === 0 ? engine : other, undefined, clock)),
    );
    const numbers = people.map(({ session }) => session.contributor);
    expect(new Set(numbers).size).toBe(40);
    const { rows } = await database().pool.query<{ contributor: number; key: Uint8Array }>(
      "select contributor, key from contributors",
    );
    const listed = new Map(rows.map(({ contributor, key }) => [contributor, toBase58(key)]));
    for (const { session } of people) expect(listed.get(session.contributor)).toBe(toBase58(session.key));
  });
});

describe("many who sign in at once", () => {
  it("share a few commits, and each gets its own session", async () => {
    const written = vi.spyOn(database().pool, "query");
    const people = await Promise.all(
      Array.from({ length: 30 }, () => TestContributor.signIn(engine, undefined, clock)),
    );
    expect(written.mock.calls.length).toBeLessThanOrEqual(40);
    written.mockRestore();
    for (const { session } of people) {
      const { token, ...granted } = session as typeof session & { token: string };
      expect(await other.authenticateSession(token)).toEqual(granted);
    }
  });

  it("are refused one by one", async () => {
    const [used, good, again] = await Promise.all([signInWith(), signInWith(), signInWith()]);
    await engine.signIn(used);
    const wrong = [
      used,
      await signInWith({ nonce: "1111111111111111" }),
      await signInWith({ nonce: "a\0b" }),
      await signInWith({ nonce: "' or 1 = 1 --" }),
    ];
    const results = await Promise.allSettled([...wrong, good, again, good].map((each) => engine.signIn(each)));
    const states = results.map((each) =>
      each.status === "rejected" ? String((each.reason as { code: string }).code) : "signed in",
    );
    expect(states.slice(0, 4)).toEqual(wrong.map(() => refusal.code));
    // The same key twice is one contributor; the same challenge twice serves once.
    expect(states.slice(4).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([refusal.code, "signed in", "signed in"]);
    const granted = results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(new Set(granted.map(({ contributor }) => contributor)).size).toBe(1);
    expect(new Set(granted.map(({ token }) => token)).size).toBe(2);
  });
});

describe("challenges", () => {
  it("leave something behind only where they are used, until they have expired", async () => {
    const { nonce, expiresAtMs } = await engine.createChallenge();
    const count = async (): Promise<number> =>
      (await database().pool.query("select from challenges where nonce = $1", [nonce])).rowCount ?? 0;
    expect(await count()).toBe(0);
    await other.signIn(await signInWith({ nonce }));
    await pruneChallenges(database().pool, expiresAtMs);
    expect(await count()).toBe(1);
    await pruneChallenges(database().pool, expiresAtMs + 1);
    expect(await count()).toBe(0);
  });
});

describe("a session", () => {
  it("ends when it is ended: at once here, within half a minute elsewhere", async () => {
    const grant = await engine.signIn(await signInWith());
    await Promise.all([engine, other].map((each) => each.authenticateSession(grant.token)));
    await engine.endSession(grant, grant.token);
    await expect(engine.authenticateSession(grant.token)).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
    await other.authenticateSession(grant.token);
    time.now += 30_000;
    await expect(other.authenticateSession(grant.token)).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
  });

  it("ends at its time, also where it is cached", async () => {
    const grant = await engine.signIn(await signInWith({ expirationTime: new Date(clock() + 5_000).toISOString() }));
    await engine.authenticateSession(grant.token);
    time.now += 5_000;
    await expect(engine.authenticateSession(grant.token)).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
  });

  it.each(["", "earnest_session_", "earnest_session_AAAA", "x".repeat(5_000)])(
    "is not to be had by %j",
    async (token) => {
      await expect(engine.authenticateSession(token)).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
    },
  );
});

describe("an API key", () => {
  const owner = bytes32(new Uint8Array(32).fill(5));

  it("stands for its owner; only its hash is stored", async () => {
    const { key, secret } = await engine.createApiKey(owner, "test", "laptop");
    expect(secret).toMatch(/^earnest_test_[\w-]{43}$/);
    expect(await other.authenticateApiKey(secret)).toEqual(key);
    const { rows } = await database().pool.query<{ all: string }>("select api_keys::text as all from api_keys");
    expect(rows.some(({ all }) => all.includes(secret))).toBe(false);
    expect((await engine.createApiKey(owner, "live", "server")).secret).toMatch(/^earnest_live_/);
  });

  it("is listed to its owner", async () => {
    const stranger = bytes32(new Uint8Array(32).fill(6));
    const { key } = await engine.createApiKey(owner, "test", "listed");
    expect((await engine.listApiKeys(owner, null, 100)).items.map(({ id }) => id)).toContain(key.id);
    expect(await engine.listApiKeys(stranger, null, 100)).toEqual({ items: [], next: null });
  });

  it("is listed once in pages of any size, also where some were made in the same millisecond", async () => {
    const collector = bytes32(new Uint8Array(32).fill(8));
    const made: string[] = [];
    for (const name of ["a", "b", "c", "d", "e"]) {
      made.push((await engine.createApiKey(collector, "test", name)).key.id);
      if (name === "c") time.now += 1;
    }
    for (const limit of [1, 2, 5, 6]) {
      const listed: string[] = [];
      for (let after: string | null = null, isEnd = false; !isEnd; ) {
        const page: Page<ApiKey> = await engine.listApiKeys(collector, after, limit);
        listed.push(...page.items.map(({ id }) => id));
        after = page.next;
        isEnd = after === null;
      }
      expect(listed.toSorted()).toEqual(made.toSorted());
      expect(new Set(listed.slice(0, 2))).toEqual(new Set(made.slice(3)));
    }
    await expect(engine.listApiKeys(collector, "nowhere", 1)).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
  });

  it("works no more once it is revoked: at once here, within half a minute elsewhere", async () => {
    const { key, secret } = await engine.createApiKey(owner, "test", "lost");
    const kept = await engine.createApiKey(owner, "test", "kept");
    await Promise.all([engine, other].map((each) => each.authenticateApiKey(secret)));
    await engine.revokeApiKey(owner, key.id);
    await expect(engine.authenticateApiKey(secret)).rejects.toMatchObject({ code: "API_KEY_NOT_FOUND" });
    await other.authenticateApiKey(secret);
    time.now += 30_000;
    await expect(other.authenticateApiKey(secret)).rejects.toMatchObject({ code: "API_KEY_NOT_FOUND" });
    await engine.authenticateApiKey(kept.secret);
    const listed = (await engine.listApiKeys(owner, null, 100)).items.find(({ id }) => id === key.id);
    expect(listed?.revokedAtMs).toBe(time.now - 30_000);
  });

  it("is revoked by its owner alone, and stays revoked since then", async () => {
    const { key, secret } = await engine.createApiKey(owner, "test", "mine");
    await engine.revokeApiKey(bytes32(new Uint8Array(32).fill(7)), key.id);
    await engine.authenticateApiKey(secret);
    await engine.revokeApiKey(owner, key.id);
    const at = clock();
    time.now += 1_000;
    await engine.revokeApiKey(owner, key.id);
    expect((await engine.listApiKeys(owner, null, 100)).items.find(({ id }) => id === key.id)?.revokedAtMs).toBe(at);
  });

  it.each(["", "earnest_test_", "earnest_live_guess"])("is not to be had by %j", async (secret) => {
    await expect(engine.authenticateApiKey(secret)).rejects.toMatchObject({ code: "API_KEY_NOT_FOUND" });
  });
});
