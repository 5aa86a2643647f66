import type { KeyPairSigner } from "@solana/kit";
import type { WithdrawalPolicy } from "../engine/withdrawals/policy.ts";
import type { TokenDesk } from "../rails/rail.ts";
import type { SolanaClient } from "../rails/solana/client.ts";
import type { SponsorPolicy } from "../rails/solana/escrow/sponsorship.ts";
import type { Mint } from "../rails/solana/tokens.ts";
import type { Settlement } from "./settlement.ts";

/** Where a network settles, and what that costs its operator: the local chain, or a cluster. */
export interface ChainSide {
  readonly client: SolanaClient;
  /** Pays fees, rents and sponsored token accounts; gets the network's fees. */
  readonly operator: KeyPairSigner;
  readonly mint: Mint;
  readonly settlement: Settlement;
  readonly rpcUrl: string;
  readonly wsUrl: string;
  /** What browsers are told to ask; null where nobody named one, since an operator's own may hold a secret. */
  readonly publicRpcUrl: string | null;
  /** From one cut to the next. */
  readonly epochMs: number;
  readonly sponsor: SponsorPolicy;
  readonly tokens: TokenDesk;
  readonly withdrawals: WithdrawalPolicy;
}
