import { type ClaimProof, getClaim } from "../contract/claims.ts";
import type { CallOptions } from "./options.ts";
import type { Transport } from "./transport.ts";

/** What somebody is owed, as an attestor proves it: by an index, or a wallet or token account in base58. */
export const claimProofOf = (
  transport: Transport,
  who: string,
  mint?: string,
  options?: CallOptions,
): Promise<ClaimProof> => transport.call(getClaim, { params: { who }, query: { mint } }, options);
