import type { AddressInfo } from "node:net";
import { afterAll, beforeAll } from "vitest";
import { createApi } from "../../src/api/create-api.ts";
import type { EngineContext, EngineSettings } from "../../src/engine/context.ts";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { type Archives, noArchives } from "../../src/engine/gateway/archives.ts";
import { createIdempotency } from "../../src/engine/idempotency.ts";
import { createWebhookSender } from "../../src/main/webhooks.ts";
import type { Rail, TokenDesk } from "../../src/rails/rail.ts";
import type { Pool } from "../../src/store/pool.ts";
import { useTestDatabase } from "../../src/store/testing.ts";
import { attestBlindly } from "./attest.ts";
import { testContext } from "./engine.ts";

export interface WholeServer {
  readonly engine: Engine;
  readonly url: string;
  readonly pool: Pool;
  /** What the API logged so far. */
  readonly logged: readonly unknown[];
}

interface OpenRail {
  readonly rail: Rail;
  /** Of the engine; the machine's where left out. */
  readonly clock?: () => number;
  /** Without, the network pays in its home token alone. */
  readonly tokens?: TokenDesk;
  /** Gives a wallet SOL and base units: then the network's token is one for tests. */
  supply?(wallet: string, tokens: bigint): Promise<void>;
  close(): Promise<void>;
}

/**
 * The real API over the real engine and database, on a port of its own, for the tests of a file.
 *
 * @param extend what else the address serves
 */
export function useWholeServer(
  openRail: () => Promise<OpenRail>,
  extend: (app: ReturnType<typeof createApi>) => void = () => undefined,
  settings: Partial<EngineSettings> = {},
  archives: Archives = noArchives,
): () => WholeServer {
  const database = useTestDatabase();
  let server: WholeServer | undefined;
  let stop = async (): Promise<void> => undefined;
  beforeAll(async () => {
    const opened = await openRail();
    const { rail, tokens, clock } = opened;
    const context: EngineContext = {
      ...testContext(database().pool, rail, {
        settings: { sweepMs: 200, ...settings },
        ...(tokens && { tokens }),
        ...(clock && { clock }),
      }),
      webhooks: createWebhookSender({ toOwnMachine: true }),
      ...(opened.supply !== undefined && {
        giveTestTokens: async (wallet, value) => await opened.supply?.(wallet, value),
      }),
    };
    const engine = await createEngine(context);
    const attesting = attestBlindly(engine);
    const logged: unknown[] = [];
    const app = createApi({
      engine,
      archives,
      idempotency: createIdempotency(context),
      log: (level, message, fields) => logged.push({ level, message, fields }),
    });
    extend(app);
    await app.listen({ host: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    server = { engine, url, pool: database().pool, logged };
    stop = async () => {
      await app.close();
      await attesting.stop();
      await engine.close();
      await opened.close();
    };
  });
  afterAll(() => stop());
  return () => {
    if (server === undefined) throw new Error("the server exists only while tests run");
    return server;
  };
}
