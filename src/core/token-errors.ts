import { entry } from "./error-entry.ts";

/** Of tokens that are paid in: part of the catalogue. */
export const tokenErrors = {
  MINT_NOT_FOUND: entry(
    "notFound",
    (c: { mint: string }) => `${c.mint} is not a mint of the SPL Token program on this chain.`,
    () => "Name a mint of this chain, or create one with `earnest token create`.",
  ),
  MINT_REFUSED: entry(
    "forbidden",
    (c: { mint: string; problem: string }) => `Tokens of ${c.mint} are not taken: ${c.problem}.`,
    () => "Pay in another token, or have the operator allow this one.",
  ),
  TOKEN_NOT_FOUND: entry(
    "notFound",
    (c: { mint: string }) => `The network has no pool of the token ${c.mint}.`,
    () => "GET /v1/network lists its tokens; POST /v1/tokens adds one.",
  ),
  TOKEN_REFUSED: entry(
    "forbidden",
    (c: { reason: string; problem: string }) => `The network does not take this token: ${c.problem}.`,
    () => "Pay in one of its tokens (GET /v1/network), or ask its operator.",
  ),
  TEST_TOKENS_NOT_FOUND: entry(
    "notFound",
    (_: Record<never, never>) => "The tokens of this network are worth something: nobody gives them away.",
    () => "Buy or earn them; test tokens are there on the network of `npm start`.",
  ),
} as const;
