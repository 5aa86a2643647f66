import { z } from "zod";
import { route } from "./route.ts";
import { ofToken } from "./tokens.ts";
import { count, hash32, publicKey, text } from "./wire.ts";

/** Base units and epochs: decimal digits, as they are wider than a number. */
const wide = z.string().regex(/^\d{1,20}$/);

/** What somebody is owed by a committed epoch, and the proof that the chain takes. */
export const claimProof = z.strictObject({
  epoch: wide,
  digest: hash32.meta({ description: "Of the commit message." }),
  root: hash32.meta({ description: "The commit's payout root: one of the last four that the pool's account has." }),
  index: count,
  destination: publicKey.meta({ description: "The token account that is paid." }),
  cumulative: wide.meta({ description: "Base units that were ever released." }),
  held: wide.meta({ description: "Base units that are due once the pool is wound down." }),
  siblings: z.array(hash32).max(32),
});
export type ClaimProof = z.output<typeof claimProof>;

/** Attestors have it; the operator's server need not. */
export const getClaim = route("getClaim", {
  tag: "commits",
  method: "GET",
  path: "/v1/claims/:who",
  auth: "none",
  summary: "What an index, a wallet or a token account is owed by the newest commit, with the proof",
  params: z.strictObject({ who: text(44) }),
  query: ofToken,
  response: claimProof,
  errors: ["LEAF_NOT_FOUND", "COMMIT_NOT_FOUND", "TOKEN_NOT_FOUND"],
});
