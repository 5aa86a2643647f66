import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientOf } from "#src/rails/localnet/fixture";
import { startLocalnet } from "#src/rails/localnet/localnet";
import { startLocalnetThread } from "#src/rails/localnet/thread";
import { createSolanaClient } from "#src/rails/solana/client";
import { TestEscrow } from "#src/rails/solana/escrow/fixture";

export interface World {
  readonly escrow: TestEscrow;
  readonly folder: string;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** A network with a pool on a localnet of its own, by the system's clock. */
export async function openWorld(hasOwnThread: boolean): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "earnest-claims-"));
  const options = { folder, rpcPort: 0, wsPort: 0 };
  const net = await (hasOwnThread ? startLocalnetThread(options) : startLocalnet({ ...options, clock: Date.now }));
  const client = createSolanaClient({ rpcUrl: net.rpcUrl });
  const test = { folder, ...net, ...clientOf(net), remove: () => undefined };
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopped ??= net.close());
  const remove = async (): Promise<void> => {
    await stop();
    rmSync(folder, { recursive: true });
  };
  return { escrow: await TestEscrow.on(test, client), folder, stop, remove };
}
