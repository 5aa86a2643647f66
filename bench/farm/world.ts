import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { amount } from "#src/core/amount";
import { type Bytes32, bytes32, fromBase58, toBase58, toUtf8 } from "#src/core/bytes";
import { signedBytes } from "#src/core/commit/commit-message";
import type { MarketId } from "#src/core/market-id";
import { signInText } from "#src/core/statements";
import { standingSpec } from "#src/engine/ask";
import type { EngineSettings } from "#src/engine/context";
import { createEngine } from "#src/engine/create-engine";
import type { Engine } from "#src/engine/engine";
import { placeKeysInMemory } from "#src/engine/places/place-keys";
import type { Session } from "#src/engine/types";
import { randomFill, sha256, signerFromSeed, verifyEd25519Aside } from "#src/main/crypto";
import { fillFirst } from "#src/market/propose";
import { noFacts } from "#src/market/state";
import { noFurtherTokens } from "#src/rails/desk-fixture";
import type { Rail } from "#src/rails/rail";
import { startTestRail, type TestRail } from "#src/rails/rail-fixture";
import { testAttestors } from "#src/rails/solana/escrow/fixture";
import { Sandbox } from "#src/sandbox/sandbox";
import { startEmbedded } from "#src/store/embedded";
import { migrate } from "#src/store/migrate";
import { createPool } from "#src/store/pool";

type Policies = Pick<EngineSettings, "sponsor" | "withdrawals">;

/** A network under a policy, whose days pass when they are told to, and a market that belongs to the farmers. */
export interface World {
  readonly chain: TestRail;
  readonly rail: Rail;
  readonly engine: Engine;
  readonly owner: Bytes32;
  readonly market: MarketId;
  /** Why leaves were not paid, at each try. */
  readonly waiting: Map<string, number>;
  nextDay(): void;
  close(): Promise<void>;
}

const silent = (): void => undefined;
const domain = "earnest.bench";
const idleMs = 3_600_000;
const dayMs = 86_400_000;
const deposit = 1_000_000_000_000n;

export async function openWorld(policies: Policies, tasks: number): Promise<World> {
  const time = { aheadMs: 0 };
  const clock = (): number => Date.now() + time.aheadMs;
  const folder = await mkdtemp(join(tmpdir(), "earnest-farm-"));
  // As root, the server runs as another account, which must be able to pass through.
  await chmod(folder, 0o755);
  const database = await startEmbedded({ folder: join(folder, "postgres"), log: silent, durable: false });
  await migrate({ url: database.url, folder: resolve("sql"), log: silent });
  const pool = createPool({ url: database.url, log: silent, connectionsMax: 8 });
  const chain = await startTestRail({ clock });
  const waiting = new Map<string, number>();
  const rail = countingRail(chain.rail, waiting);
  const engine = await createEngine({
    pool,
    rail,
    tokens: noFurtherTokens,
    sandbox: new Sandbox(),
    rules: { hash: sha256, propose: fillFirst },
    clock,
    random: randomFill,
    signer: signerFromSeed(randomFill(32)),
    webhooks: { refusal: () => null, send: async () => ({ status: null, problem: "" }) },
    notices: { publicKey: new Uint8Array(65), send: async () => "failed" },
    verify: verifyEd25519Aside,
    placeKeys: placeKeysInMemory(randomFill),
    log: silent,
    settings: { ...settings, ...policies, operator: chain.operator.address },
  });
  const attesting = attest(engine);
  const { owner, market } = await openMarket(chain, engine, tasks);
  return {
    chain,
    rail,
    engine,
    owner,
    market,
    waiting,
    nextDay: () => {
      time.aheadMs += dayMs;
    },
    async close() {
      await attesting();
      await engine.close();
      await chain.close();
      await pool.end();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const settings = {
  feeBasisPoints: 200,
  domain,
  sweepMs: idleMs,
  epochMs: idleMs,
  signaturesMs: 10_000,
  commandsPerBatchMax: 512,
  entriesPerCheckpoint: 20_000,
  entriesPerCheckpointMember: 1,
  entriesPerLastCheckpoint: 1_000,
  lanesCachedMax: 64,
} as const;

/** Each leaf once a reason: the queue is asked again and again. */
function countingRail(rail: Rail, waiting: Map<string, number>): Rail {
  const seen = new Set<string>();
  return {
    ...rail,
    async payClaims(source, wishes, creation) {
      const outcome = await rail.payClaims(source, wishes, creation);
      for (const { index, reason } of outcome.waiting) {
        if (reason === "nothingDue" || seen.has(`${index} ${reason}`)) continue;
        seen.add(`${index} ${reason}`);
        waiting.set(reason, (waiting.get(reason) ?? 0) + 1);
      }
      return outcome;
    },
  };
}

/** Two of three sign whatever is proposed. Returns how to stop them. */
function attest(engine: Engine): () => Promise<void> {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const [newest] = (await engine.listCommits({ limit: 1 })).items;
      if (newest?.state === "proposed" && newest.signatures.length < 2) {
        const message = signedBytes("commit", newest.digest);
        for (const each of testAttestors.slice(0, 2)) {
          await engine.signCommit(newest.digest, each.sign(message)).catch(() => undefined);
        }
      }
      await sleep(10);
    }
  };
  const running = run();
  return async () => {
    stopping.abort();
    await running;
  };
}

async function openMarket(chain: TestRail, engine: Engine, tasks: number) {
  const requester = await chain.requester(deposit);
  const owner = bytes32(fromBase58(requester.address));
  const wanted = { spec: standingSpec(settings.feeBasisPoints), refundTo: requester.address, standing: false };
  const { market, specHash } = await engine.createMarket(owner, wanted);
  const signature = await chain.fund(requester, { market, specHash, amount: amount(deposit) });
  await engine.fundMarket(owner, market, signature);
  await engine.changeStatus(owner, market, "open");
  const all = Array.from({ length: tasks }, (_, i) => ({
    externalId: `t${i}`,
    content: { text: "?" },
    terms: null,
    control: null,
  }));
  for (let at = 0; at < tasks; at += 500) await engine.addTasks(owner, market, all.slice(at, at + 500));
  return { owner, market };
}

/** A key that nobody has seen before, signed in. */
export async function signIn(engine: Engine, seed: Uint8Array): Promise<Session> {
  const wallet = signerFromSeed(seed);
  const sessionKey = signerFromSeed(randomFill(32)).publicKey;
  const { nonce } = await engine.createChallenge();
  const { timeMs } = await engine.network();
  const message = signInText({
    domain,
    address: toBase58(wallet.publicKey),
    nonce,
    issuedAt: new Date(timeMs).toISOString(),
    expirationTime: new Date(timeMs + dayMs).toISOString(),
    sessionKey: toBase58(sessionKey),
  });
  return await engine.signIn({
    message,
    signature: wallet.sign(toUtf8(message)),
    contributor: wallet.publicKey,
    sessionKey,
    automated: true,
    facts: noFacts,
  });
}
