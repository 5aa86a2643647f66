import type { Address, KeyPairSigner } from "@solana/kit";
import { earnestError } from "../../core/errors.ts";
import type { TokenDesk } from "../rail.ts";
import { readAccounts } from "./escrow/accounts.ts";
import type { Escrow } from "./escrow/escrow.ts";
import type { OpenNetwork } from "./escrow/networks.ts";
import { ensurePool } from "./escrow/pools.ts";
import type { SponsorPolicy } from "./escrow/sponsorship.ts";
import { createEscrowRail } from "./escrow-rail.ts";
import { issueToken } from "./issue-token.ts";
import { readToken } from "./read-token.ts";
import { signerFromSecret } from "./tokens.ts";

export interface TokenDeskOptions {
  readonly escrow: Escrow;
  /** Pays for mints, pools and vaults. */
  readonly operator: KeyPairSigner;
  readonly network: OpenNetwork;
  readonly permits: TokenDesk["permits"];
  readonly limits: TokenDesk["limits"];
  /** Takes mints whose issuer can freeze token accounts. */
  readonly allowsFreezing: boolean;
  /** Whose token accounts are paid for in a token of so many decimals. */
  readonly sponsorOf: (mint: string, decimals: number) => SponsorPolicy;
}

/** Further tokens of a network, on the chain that it settles on. */
export function createTokenDesk(options: TokenDeskOptions): TokenDesk {
  const { escrow, operator, network, permits, limits, allowsFreezing, sponsorOf } = options;
  const check = async (mint: string): Promise<void> => {
    const { refusal, freezeAuthority } = await readToken(escrow.client, mint);
    if (refusal !== null) throw earnestError("MINT_REFUSED", { mint, problem: refusal });
    if (freezeAuthority === null || allowsFreezing) return;
    const problem = "its issuer can freeze the token accounts of those who are paid";
    throw earnestError("MINT_REFUSED", { mint, problem });
  };
  return {
    permits,
    limits,
    check,
    async open(mint) {
      const terms = { network: network.address, mint: mint as Address, number: 0, allowsFreezing };
      const pool = await ensurePool(escrow, terms);
      const rail = createEscrowRail(escrow, network.account, pool);
      return { rail, sponsor: sponsorOf(mint, rail.decimals) };
    },
    mintOf: async (seed) => (await signerFromSecret(seed)).address,
    async issue(seed, { decimals, supply, to, authority, ...names }) {
      const mint = await signerFromSecret(seed);
      const isDone = async (): Promise<boolean> =>
        (await readAccounts(escrow.client, [mint.address], "confirmed")).accounts[0] !== null;
      if (await isDone()) return;
      const issue = { decimals, supply, names, authority: authority as Address | null };
      await issueToken({ ...escrow, payer: operator }, issue, { mint, owner: to as Address, isDone });
    },
  };
}
