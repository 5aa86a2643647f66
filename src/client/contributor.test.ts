import { afterEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "../api/testing.ts";
import { fakeEngine, submissionViewOf, testMarket, testSession } from "../api/testing-engine.ts";
import { earnestError } from "../core/errors.ts";
import { bodyHashOf, parseSignInText, submissionsStatement } from "../core/statements.ts";
import type { Engine } from "../engine/engine.ts";
import type { SignIn, SubmitRequest } from "../engine/types.ts";
import { verifyEd25519 } from "../main/crypto.ts";
import { Contributor, type ContributorOptions } from "./contributor.ts";
import { generateSigner, signerFromSeed } from "./keys.ts";
import { sha256 } from "./sha256.ts";

/** The contributor's half of the protocol, against an engine that fails in every way it can. */

const apis: TestApi[] = [];
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

interface Scene {
  readonly contributor: Contributor;
  readonly signIns: SignIn[];
  readonly submits: SubmitRequest[];
  readonly wishes: unknown[];
  readonly sessions: Set<string>;
  /** Paths that were asked for since the last look. */
  readonly calls: () => string[];
}

/** Sessions are numbered; `submit` fails with each of `failures` first. */
async function scene(
  failures: readonly Error[] = [],
  changes: Partial<Engine> = {},
  options: Partial<ContributorOptions> = {},
): Promise<Scene> {
  const waiting = [...failures];
  const signIns: SignIn[] = [];
  const submits: SubmitRequest[] = [];
  const wishes: unknown[] = [];
  const sessions = new Set<string>();
  const engine = fakeEngine({
    signIn: async (request) => {
      signIns.push(request);
      const token = `earnest_session_${signIns.length}`;
      sessions.add(token);
      return { ...testSession, key: request.contributor, sessionKey: request.sessionKey, token };
    },
    authenticateSession: async (token) => {
      if (!sessions.has(token)) throw earnestError("SESSION_NOT_FOUND", { session: token });
      return testSession;
    },
    assign: async (_session, _market, wish) => {
      wishes.push(wish);
      const task = wish.task ?? 0;
      const reward = submissionViewOf(0).reward;
      const view = await fakeEngine().task(testMarket, task);
      return [{ slot: { task, ordinal: wishes.length }, expiresAtMs: 9, code: null, reward, task: view }];
    },
    submit: async (request) => {
      submits.push(request);
      const failure = waiting.shift();
      if (failure !== undefined) throw failure;
      return await fakeEngine().submit(request);
    },
    ...changes,
  });
  const api = await startTestApi(engine);
  apis.push(api);
  const signer = await signerFromSeed(new Uint8Array(32).fill(5));
  const paths: string[] = [];
  const noting: typeof fetch = (input, init) => {
    paths.push(new URL(String(input)).pathname);
    return fetch(input, init);
  };
  const contributor = new Contributor({ server: api.url, signer, fetch: noting, ...options });
  return { contributor, signIns, submits, wishes, sessions, calls: () => paths.splice(0) };
}

const answer = { slot: "1.0", body: { answer: "a" } };
const slotGone = (state: string) => earnestError("SLOT_STATE", { slot: "1.0", state });

describe("signing in", () => {
  it("names the wallet, the session key and the network's domain, and is signed by the wallet", async () => {
    const { contributor, signIns } = await scene([], {}, { automated: true, facts: { country: "DE" } });
    const session = await contributor.signIn();
    const [request] = signIns as [SignIn];
    const message = parseSignInText(request.message);
    expect(message).toMatchObject({ domain: "earnest.test", address: contributor.address, nonce: "nonce" });
    expect(request.sessionKey).toEqual(session.signer.publicKey);
    expect(verifyEd25519(request.contributor, new TextEncoder().encode(request.message), request.signature)).toBe(true);
    expect(request).toMatchObject({ automated: true, facts: { country: "DE", languages: [] } });
  });

  it("takes the first slots with it, where work is all that is wished for", async () => {
    const { contributor, signIns, wishes, calls } = await scene();
    const [first] = await contributor.assign(testMarket, { task: 3 });
    expect(first).toMatchObject({ slot: "3.1" });
    expect(calls()).toEqual(["/v1/network", "/v1/challenges", "/v1/sessions"]);
    expect([signIns.length, wishes]).toEqual([1, [{ task: 3, count: 1 }]]);
    // From then on slots are asked for by themselves.
    await contributor.assign(testMarket);
    expect([calls(), signIns.length]).toEqual([[`/v1/markets/${testMarket}/assignments`], 1]);
  });

  it("stands where the first slots are refused, and says why they are", async () => {
    const assign = () => Promise.reject(earnestError("WORK_NOT_FOUND", {}));
    const { contributor, signIns, calls } = await scene([], { assign });
    await expect(contributor.assign(testMarket)).rejects.toMatchObject({ code: "WORK_NOT_FOUND" });
    expect(calls().at(-1)).toBe(`/v1/markets/${testMarket}/assignments`);
    await contributor.me();
    expect(signIns).toHaveLength(1);
  });

  it("is tried again by the next call where it failed with the first slots", async () => {
    let attempts = 0;
    const signIn: Engine["signIn"] = async (request) => {
      if (attempts++ === 0) throw earnestError("CHALLENGE_MISMATCH", { problem: "it is old" });
      return { ...testSession, key: request.contributor, sessionKey: request.sessionKey, token: "earnest_session_1" };
    };
    const { contributor } = await scene([], { signIn, authenticateSession: async () => testSession });
    await expect(contributor.assign(testMarket)).rejects.toMatchObject({ code: "CHALLENGE_MISMATCH" });
    expect(await contributor.assign(testMarket)).toHaveLength(1);
  });

  it("keeps to itself where the slots have an idempotency key of their own", async () => {
    const { contributor, calls } = await scene();
    await contributor.assign(testMarket, { task: 3 }, { idempotencyKey: "once" });
    expect(calls().at(-1)).toBe(`/v1/markets/${testMarket}/assignments`);
  });

  it("happens once for many calls at a time", async () => {
    const { contributor, signIns } = await scene();
    await Promise.all([contributor.me(), contributor.me(), contributor.assign(testMarket)]);
    expect(signIns).toHaveLength(1);
  });

  it("happens again when the session has ended, once for all who notice", async () => {
    const { contributor, signIns, sessions } = await scene();
    await contributor.me();
    sessions.clear();
    await Promise.all([contributor.me(), contributor.me(), contributor.submit(testMarket, answer)]);
    expect(signIns).toHaveLength(2);
  });

  it("is tried anew after it failed", async () => {
    let attempts = 0;
    const { contributor } = await scene([], {
      signIn: async (request) => {
        if (++attempts === 1) throw earnestError("CHALLENGE_MISMATCH", { problem: "no" });
        return { ...testSession, key: request.contributor, sessionKey: request.sessionKey, token: "earnest_session_1" };
      },
      authenticateSession: async () => testSession,
    });
    await expect(contributor.me()).rejects.toMatchObject({ code: "CHALLENGE_MISMATCH" });
    expect((await contributor.me()).contributor).toBe(7);
  });

  it("ends with signing out", async () => {
    const { contributor, signIns } = await scene();
    await contributor.signIn();
    await contributor.signOut();
    await contributor.me();
    expect(signIns).toHaveLength(2);
  });
});

describe("submitting", () => {
  it("signs the statement that the log will show, with the session's key", async () => {
    const { contributor, submits, signIns } = await scene();
    await contributor.turn(testMarket, [answer, { slot: "2.3", body: { answer: "b", note: "ü" } }], 2);
    const [request] = submits as [SubmitRequest];
    const { timeMs, signature } = request.signed as NonNullable<SubmitRequest["signed"]>;
    const hashed = request.submissions.map(({ slot, body }) => ({ ...slot, body: bodyHashOf(sha256, body) }));
    const statement = submissionsStatement(testMarket, timeMs, hashed);
    expect(verifyEd25519((signIns[0] as SignIn).sessionKey, statement, signature)).toBe(true);
    expect(request.next).toBe(2);
    expect(Math.abs(timeMs - Date.now())).toBeLessThan(5_000);
  });

  it("is repeated as it was while the server cannot be reached", async () => {
    const away = earnestError("DATABASE_UNAVAILABLE", { retryAfterSeconds: 0 });
    const { contributor, submits } = await scene([away]);
    await contributor.submit(testMarket, answer);
    expect(submits).toHaveLength(2);
    expect(submits[1]).toMatchObject({ signed: submits[0]?.signed, submissions: submits[0]?.submissions });
  });

  it("takes a new slot of the same task when the old one expired, and keeps the others", async () => {
    const { contributor, submits, wishes } = await scene([slotGone("expired")]);
    await contributor.submit(testMarket, [answer, { slot: "2.0", body: 1 }]);
    expect(wishes).toEqual([{ task: 1, count: 1 }]);
    expect(submits[1]?.submissions.map(({ slot }) => slot)).toEqual([
      { task: 1, ordinal: 1 },
      { task: 2, ordinal: 0 },
    ]);
  });

  it("finds what it moved to a new slot again where the word of it was lost", async () => {
    const away = Array.from({ length: 3 }, () => earnestError("DATABASE_UNAVAILABLE", { retryAfterSeconds: 0 }));
    const { contributor, submits, wishes } = await scene([slotGone("expired"), ...away], {}, { retriesMax: 2 });
    await expect(contributor.submit(testMarket, answer)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    await contributor.submit(testMarket, answer);
    expect(wishes).toEqual([{ task: 1, count: 1 }]);
    expect(submits.map(({ submissions }) => submissions[0]?.slot.ordinal)).toEqual([0, 1, 1, 1, 1]);
    expect(submits[4]?.submissions).toEqual(submits[1]?.submissions);
  });

  it("does so as well when the server has forgotten the slot", async () => {
    const { contributor, submits } = await scene([earnestError("SLOT_NOT_FOUND", { slot: "1.0" })]);
    await contributor.submit(testMarket, answer);
    expect(submits).toHaveLength(2);
  });

  it("gives up what cannot be mended", async () => {
    for (const failure of [
      slotGone("accepted"),
      earnestError("ANSWER_MISMATCH", { slot: "1.0" }),
      earnestError("MALFORMED_ANSWER", { problem: "x" }),
      earnestError("SIGNATURE_MISMATCH", { what: "x" }),
    ]) {
      const { contributor, submits } = await scene([failure]);
      await expect(contributor.submit(testMarket, answer)).rejects.toMatchObject({ code: failure.code });
      expect(submits, failure.code).toHaveLength(1);
    }
  });

  it("does not chase expiring slots for ever", async () => {
    const always = Array.from({ length: 50 }, () => slotGone("expired"));
    const { contributor, submits } = await scene(always, {
      assign: async () => {
        const view = await fakeEngine().task(testMarket, 1);
        const { reward } = submissionViewOf(0);
        return [{ slot: { task: 1, ordinal: 0 }, expiresAtMs: 1, code: null, reward, task: view }];
      },
    });
    await expect(contributor.submit(testMarket, answer)).rejects.toMatchObject({ code: "SLOT_STATE" });
    expect(submits.length).toBeLessThan(10);
  });

  it("mends a wrong clock by the server's", async () => {
    const mismatch = earnestError("REQUEST_TIME_MISMATCH", { skewMs: 1, skewMsMax: 0 });
    const real = Date.now;
    const { contributor, submits } = await scene([mismatch]);
    await contributor.signIn();
    Date.now = () => real() - 3_600_000;
    try {
      await contributor.submit(testMarket, answer);
    } finally {
      Date.now = real;
    }
    expect(submits).toHaveLength(2);
    const mendedMs = (submits[1]?.signed?.timeMs ?? 0) - (submits[0]?.signed?.timeMs ?? 0);
    expect(Math.abs(mendedMs - 3_600_000)).toBeLessThan(5_000);
  });
});

describe("salts", () => {
  const bodiesOf = ({ submits }: Scene) => submits.map(({ submissions }) => submissions.map(({ body }) => body));
  const key = (byte: number) => signerFromSeed(new Uint8Array(32).fill(byte));

  it("are in every body that is sent, one for each slot", async () => {
    const one = await scene();
    await one.contributor.submit(testMarket, [answer, { slot: "2.0", body: { answer: "a", note: "ü" } }]);
    const [[first, second]] = bodiesOf(one) as [[{ salt: string }, { salt: string }]];
    expect(first).toEqual({ answer: "a", salt: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(second).toEqual({ answer: "a", note: "ü", salt: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(second.salt).not.toBe(first.salt);
  });

  it("make the same body again after a restart, in a new session of the same wallet", async () => {
    const [one, two] = [await scene(), await scene()];
    for (const { contributor } of [one, two]) await contributor.submit(testMarket, answer);
    expect(one.signIns[0]?.sessionKey).not.toEqual(two.signIns[0]?.sessionKey);
    expect(bodiesOf(two)).toEqual(bodiesOf(one));
  });

  it("make the same body when a session ends in between, and ask the wallet once", async () => {
    const wallet = await key(5);
    let signed = 0;
    const sign = (message: Uint8Array) => {
      signed++;
      return wallet.sign(message);
    };
    const signer = { ...wallet, sign };
    const one = await scene([], {}, { signer });
    await Promise.all([one.contributor.submit(testMarket, answer), one.contributor.salted(testMarket, [answer])]);
    one.sessions.clear();
    await one.contributor.submit(testMarket, answer);
    const [first, second] = bodiesOf(one);
    expect(second).toEqual(first);
    expect([one.signIns.length, signed]).toEqual([2, 3]);
  });

  it("hide that two contributors gave the same answer to one slot's task", async () => {
    const scenes = [await scene(), await scene([], {}, { signer: await key(6) })];
    for (const { contributor } of scenes) await contributor.submit(testMarket, answer);
    const [one, two] = scenes.map((each) => bodyHashOf(sha256, (bodiesOf(each)[0] as [never])[0]));
    expect(one).not.toEqual(two);
  });

  it("come of a kept secret instead, where the wallet's signatures differ each time", async () => {
    const saltSecret = new Uint8Array(32).fill(3);
    const scenes = [
      await scene([], {}, { saltSecret }),
      await scene([], {}, { saltSecret, signer: await generateSigner() }),
    ];
    for (const { contributor } of scenes) await contributor.submit(testMarket, answer);
    const [one, two] = scenes.map(bodiesOf);
    expect(two).toEqual(one);
    const short = { server: "http://127.0.0.1:1", signer: await key(5), saltSecret: new Uint8Array(31) };
    expect(() => new Contributor(short)).toThrow("32");
  });

  it("stay as they are in a body that was kept, also in a new slot", async () => {
    const unwilling = { publicKey: (await key(5)).publicKey, sign: () => Promise.reject(new Error("no")) };
    const [first, later] = [0, 1].map(() => new Contributor({ server: "http://127.0.0.1:1", signer: unwilling })) as [
      Contributor,
      Contributor,
    ];
    const kept = await first.salted(testMarket, [answer]);
    expect(await first.salted(testMarket, [answer])).toEqual(kept);
    expect(await later.salted(testMarket, [answer])).not.toEqual(kept);
    expect(await later.salted(testMarket, kept)).toEqual(kept);
    const one = await scene([slotGone("expired")]);
    await one.contributor.submit(testMarket, kept);
    expect(bodiesOf(one)).toEqual([[kept[0]?.body], [kept[0]?.body]]);
  });
});

describe("assigning", () => {
  it("sends a key only for a named task: the rest expires by itself", async () => {
    const keys: (string | null)[] = [];
    const spy: typeof fetch = (url, init) => {
      if ((url as string).endsWith("/assignments")) keys.push(new Headers(init?.headers).get("idempotency-key"));
      return fetch(url, init);
    };
    const { contributor } = await scene([], {}, { fetch: spy });
    await contributor.signIn();
    await contributor.assign(testMarket);
    await contributor.assign(testMarket, { taskId: "t4" });
    expect(keys[0]).toBeNull();
    expect(keys[1]).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("keys", () => {
  it("made from one seed are one, and sign what others can verify", async () => {
    const seed = new Uint8Array(32).fill(1);
    const [one, two] = [await signerFromSeed(seed), await signerFromSeed(seed)];
    expect(two.publicKey).toEqual(one.publicKey);
    const message = new Uint8Array([1, 2, 3]);
    expect(verifyEd25519(one.publicKey, message, await one.sign(message))).toBe(true);
    expect((await generateSigner()).publicKey).not.toEqual((await generateSigner()).publicKey);
  });
});
