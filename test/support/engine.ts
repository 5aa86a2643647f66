import { zero } from "../../src/core/amount.ts";
import { type Bytes32, equalBytes, toBase58, toUtf8 } from "../../src/core/bytes.ts";
import type { Json } from "../../src/core/json.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import type { Slot } from "../../src/core/slot.ts";
import {
  bodyHashOf,
  coverageStatement,
  runningHash,
  signInText,
  submissionsStatement,
} from "../../src/core/statements.ts";
import type { EngineContext, EngineSettings, Signer } from "../../src/engine/context.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { placeKeysInMemory } from "../../src/engine/places/place-keys.ts";
import type { Checkpoint, SessionCoverage, SessionGrant, SubmitRequest } from "../../src/engine/types.ts";
import { randomFill, sha256, signerFromSeed, verifyEd25519Aside } from "../../src/main/crypto.ts";
import { fillFirst } from "../../src/market/propose.ts";
import { type Facts, noFacts } from "../../src/market/state.ts";
import { noFurtherTokens } from "../../src/rails/desk-fixture.ts";
import type { Rail } from "../../src/rails/rail.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { Pool } from "../../src/store/pool.ts";

export const domain = "earnest.test";

const settings: EngineSettings = {
  feeBasisPoints: 200,
  operator: "",
  domain,
  sweepMs: 3_600_000,
  epochMs: 3_600_000,
  signaturesMs: 5_000,
  sponsor: { dueMin: zero, perDayMax: 1_000_000, lamportsMax: 10n ** 15n },
  withdrawals: { amountMin: zero, perDayMax: 1_000_000, accountsMax: 1_000_000, lamportsPerDayMax: 10n ** 15n },
  commandsPerBatchMax: 512,
  entriesPerCheckpoint: 200,
  entriesPerCheckpointMember: 1,
  entriesPerLastCheckpoint: 200,
  lanesCachedMax: 64,
};

/** One thread, which begins with the first execution. */
export const testSandbox = new Sandbox({
  threads: 1,
  threadProgram: new URL("../../dist/sandbox/thread-program.js", import.meta.url),
});

/** A context over a real database and rail, with loops that run only when asked to. */
export function testContext(
  pool: Pool,
  rail: Rail,
  overrides: Partial<Omit<EngineContext, "settings">> & { readonly settings?: Partial<EngineSettings> } = {},
): EngineContext {
  return {
    pool,
    sandbox: testSandbox,
    rail,
    tokens: noFurtherTokens,
    rules: { hash: sha256, propose: fillFirst },
    clock: Date.now,
    random: randomFill,
    signer: signerFromSeed(new Uint8Array(32).fill(7)),
    verify: verifyEd25519Aside,
    placeKeys: placeKeysInMemory(randomFill),
    webhooks: { refusal: () => null, send: async () => ({ status: null, problem: "" }) },
    notices: { publicKey: new Uint8Array(65).fill(4), send: async () => "failed" },
    log: () => undefined,
    ...overrides,
    settings: { ...settings, operator: toBase58(new Uint8Array(32).fill(9)), ...overrides.settings },
  };
}

/** As long as a session may last, as tests move the clock on. */
const sessionMs = 30 * 86_400_000;

type SignedRequest = SubmitRequest & { readonly signed: NonNullable<SubmitRequest["signed"]> };

/** Somebody who works: a key, a session, signed requests. */
export class TestContributor {
  readonly #engine: Engine;
  readonly #clock: () => number;
  readonly #sessionSigner: Signer;
  readonly session: SessionGrant;

  private constructor(engine: Engine, clock: () => number, sessionSigner: Signer, session: SessionGrant) {
    this.#engine = engine;
    this.#clock = clock;
    this.#sessionSigner = sessionSigner;
    this.session = session;
  }

  static async signIn(
    engine: Engine,
    seed: Uint8Array = randomFill(32),
    clock: () => number = Date.now,
    facts: Facts = noFacts,
    automated = false,
  ): Promise<TestContributor> {
    const wallet = signerFromSeed(seed);
    const sessionSigner = signerFromSeed(randomFill(32));
    const { nonce } = await engine.createChallenge();
    const message = signInText({
      domain,
      address: toBase58(wallet.publicKey),
      nonce,
      issuedAt: new Date(clock()).toISOString(),
      expirationTime: new Date(clock() + sessionMs).toISOString(),
      sessionKey: toBase58(sessionSigner.publicKey),
    });
    const session = await engine.signIn({
      message,
      signature: wallet.sign(toUtf8(message)),
      contributor: wallet.publicKey,
      sessionKey: sessionSigner.publicKey,
      automated,
      facts,
    });
    return new TestContributor(engine, clock, sessionSigner, session);
  }

  request(market: MarketId, submissions: readonly { slot: Slot; body: Json }[], next = 0): SignedRequest {
    const timeMs = this.#clock();
    const hashed = submissions.map(({ slot, body }) => ({ ...slot, body: bodyHashOf(sha256, body) }));
    const signature = this.#sessionSigner.sign(submissionsStatement(market, timeMs, hashed));
    return { market, session: this.session, signed: { timeMs, signature }, submissions, next };
  }

  submit(market: MarketId, slot: Slot, answer: string, next = 0): ReturnType<Engine["submit"]> {
    return this.#engine.submit(this.request(market, [{ slot, body: { answer } }], next));
  }

  /** By the session's token alone. */
  carry(market: MarketId, slots: readonly Slot[], answer: string): ReturnType<Engine["submit"]> {
    const submissions = slots.map((slot) => ({ slot, body: { answer } }));
    return this.#engine.submit({ ...this.request(market, submissions), signed: null });
  }

  /** A checkpoint over all that the engine shows of one session, by default this one. */
  async checkpoint(market: MarketId, session: Bytes32 = this.session.sessionKey): Promise<Checkpoint> {
    const all = await this.#engine.coverage(this.session, market);
    const shown = all.find((each) => equalBytes(each.session, session)) as SessionCoverage;
    const submissions = shown.submissions.map(({ slot, body }) => ({ ...slot, body }));
    const running = runningHash(sha256, shown.running, submissions);
    const parts = { session, count: shown.count + submissions.length, running };
    return { ...parts, signature: this.#sessionSigner.sign(coverageStatement({ market, lane: 0, ...parts })) };
  }

  assign(market: MarketId, task: number | null = null, count = 1): ReturnType<Engine["assign"]> {
    return this.#engine.assign(this.session, market, { task, count });
  }
}
