import type { Address } from "@solana/kit";
import { type ChainReader, type PoolNames, type PoolTrust, readPoolTrust } from "../../../core/pool-trust.ts";
import { createSolanaClient } from "../client.ts";
import { readAccounts } from "./accounts.ts";

/** Asks again with growing pauses, as the rail does. */
function chainReaderAt(rpcUrl: string): ChainReader {
  const client = createSolanaClient({ rpcUrl });
  return {
    origin: client.origin,
    genesisHash: () => client.call((rpc) => rpc.getGenesisHash()),
    accounts: (addresses) => readAccounts(client, addresses as readonly Address[], "finalized"),
  };
}

/** @throws as `readPoolTrust`; CHAIN_UNAVAILABLE */
export const readPoolTrustAt = (rpcUrl: string, names: PoolNames): Promise<PoolTrust> =>
  readPoolTrust(chainReaderAt(rpcUrl), names);
