import { generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { type Amount, amount } from "../core/amount.ts";
import type { TestLocalnet } from "./localnet/fixture.ts";
import { startTestLocalnet } from "./localnet/fixture.ts";
import type { LocalnetOptions } from "./localnet/localnet.ts";
import type { Rail } from "./rail.ts";
import { createSolanaClient, type SolanaClient } from "./solana/client.ts";
import { openSolanaRail } from "./solana/solana-rail.ts";
import { createMint, type Mint, mintTo, requestSol } from "./solana/tokens.ts";

export interface TestRail {
  readonly net: TestLocalnet;
  readonly client: SolanaClient;
  readonly rail: Rail;
  readonly mint: Mint;
  readonly operator: KeyPairSigner;
  /** A requester with SOL and this many base units. */
  requester(tokens: bigint): Promise<KeyPairSigner>;
  close(): Promise<void>;
}

export const units = (value: bigint): Amount => amount(value);

/** A rail over a localnet of its own; the vault holds `vaultTokens`. For tests. */
export async function startTestRail(
  vaultTokens = 1_000_000_000n,
  options: Partial<LocalnetOptions> = {},
): Promise<TestRail> {
  const net = await startTestLocalnet(options);
  const client = createSolanaClient({ rpcUrl: net.rpcUrl });
  const operator = await funded(client);
  const mint = await createMint(client, operator, 6);
  await mintTo(client, operator, mint, operator.address, units(vaultTokens));
  const rail = await openSolanaRail({ client, mint: mint.address, operator });
  return {
    net,
    client,
    rail,
    mint,
    operator,
    async requester(tokens) {
      const signer = await funded(client);
      await mintTo(client, operator, mint, signer.address, units(tokens));
      return signer;
    },
    async close() {
      await net.close();
      net.remove();
    },
  };
}

async function funded(client: SolanaClient): Promise<KeyPairSigner> {
  const signer = await generateKeyPairSigner();
  await requestSol(client, signer.address, 1_000_000_000_000n);
  return signer;
}
