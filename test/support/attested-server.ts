import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "../../src/api/create-api.ts";
import { type Attesting, type AttestOptions, attest } from "../../src/attestor/attest.ts";
import type { AttestorEvent } from "../../src/attestor/events.ts";
import { toUtf8 } from "../../src/core/bytes.ts";
import type { EngineSettings } from "../../src/engine/context.ts";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createIdempotency } from "../../src/engine/idempotency.ts";
import { sha256, signerFromSeed, verifyEd25519 } from "../../src/main/crypto.ts";
import type { Rail, TokenDesk } from "../../src/rails/rail.ts";
import { startTestRail, type TestRail, type TestRailOptions } from "../../src/rails/rail-fixture.ts";
import type { Pool } from "../../src/store/pool.ts";
import { testContext, testSandbox } from "./engine.ts";
import { writeKeypair } from "./keypair-file.ts";

/** The seeds behind `testAttestors`. */
export const attestorSeeds = ["ann", "bob", "cid"].map((name) => sha256(toUtf8(`attestor ${name}`)));

export interface AttestedServer {
  readonly chain: TestRail;
  readonly engine: Engine;
  readonly url: string;
  /** An attestor in this process, over HTTP; each has a folder and events of its own. */
  attestor(place: number, changed?: Partial<AttestOptions>): Promise<RunningAttestor>;
  /** The operator is gone for good: no engine, no HTTP. The chain stays. */
  deleteOperator(): Promise<void>;
  /** A keypair file as solana-keygen makes them. */
  keypairFile(seed: Uint8Array): string;
  close(): Promise<void>;
}

export interface RunningAttestor extends Attesting {
  readonly events: readonly AttestorEvent[];
  readonly folder: string;
}

export interface AttestedServerOptions extends TestRailOptions {
  readonly pool: Pool;
  readonly clock: () => number;
  readonly settings?: Partial<EngineSettings>;
  /** What the operator does instead of what it should. */
  readonly changeRail?: (rail: Rail) => Rail;
  readonly changeDesk?: (desk: TokenDesk) => TokenDesk;
}

/** A whole network without its attestors: real API, engine, database and chain. */
export async function startAttestedServer(options: AttestedServerOptions): Promise<AttestedServer> {
  const { pool, clock, settings, changeRail = (rail) => rail, changeDesk = (desk) => desk, ...railOptions } = options;
  const chain = await startTestRail({ clock, ...railOptions });
  const context = testContext(pool, changeRail(chain.rail), {
    clock,
    tokens: changeDesk(chain.tokens),
    settings: { sweepMs: 200, epochMs: 300, operator: chain.operator.address, ...settings },
  });
  const engine = await createEngine(context);
  const app = createApi({
    engine,
    idempotency: createIdempotency(context),
    log: () => undefined,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const root = mkdtempSync(join(tmpdir(), "earnest-attested-"));
  const attestors: RunningAttestor[] = [];
  let isDeleted = false;
  const deleteOperator = async (): Promise<void> => {
    if (isDeleted) return;
    isDeleted = true;
    await app.close();
    await engine.close();
  };
  return {
    chain,
    engine,
    url,
    deleteOperator,
    async attestor(place, changed = {}) {
      const events: AttestorEvent[] = [];
      const folder = changed.folder ?? join(root, `attestor-${place}`);
      const attesting = await attest({
        server: url,
        rpcUrl: chain.net.rpcUrl,
        seed: attestorSeeds[place] as Uint8Array,
        folder,
        listen: { host: "127.0.0.1", port: 0 },
        pollMs: 50,
        sandbox: testSandbox,
        hash: sha256,
        verify: verifyEd25519,
        clock,
        tell: (event) => events.push(event),
        say: () => undefined,
        signal: new AbortController().signal,
        ...changed,
      });
      const running = { ...attesting, events, folder };
      attestors.push(running);
      return running;
    },
    keypairFile(seed) {
      const { publicKey } = signerFromSeed(seed);
      return writeKeypair(join(root, `${Buffer.from(publicKey).toString("hex").slice(0, 8)}.json`), seed);
    },
    async close() {
      await Promise.all(attestors.map((each) => each.close()));
      await deleteOperator();
      await chain.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
