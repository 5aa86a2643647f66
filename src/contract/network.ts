import { z } from "zod";
import { attestorSet } from "./commits.ts";
import { token } from "./tokens.ts";
import { count, publicKey, timeMs, tokenAmount } from "./wire.ts";

export const network = z.strictObject({
  cluster: z.string().meta({ description: "Genesis hash of the chain." }),
  mint: publicKey,
  decimals: z.int().min(0).max(18),
  canFreeze: z
    .boolean()
    .optional()
    .meta({ description: "Whether the token's issuer can freeze accounts that hold it." }),
  testTokens: z
    .boolean()
    .optional()
    .meta({ description: "Whether the token is worth nothing, and given to whoever asks." }),
  program: publicKey.meta({ description: "The escrow program." }),
  network: publicKey.meta({ description: "This network's account on chain: its attestors." }),
  pool: publicKey.meta({ description: "The account of all money in this token." }),
  vault: publicKey.meta({ description: "The pool's token account: deposits reach it through the program only." }),
  rpcUrl: z
    .string()
    .optional()
    .meta({ description: "A node of the chain that browsers may ask too; absent where the operator names none." }),
  tokens: z.array(token).default([]).meta({
    description: "All tokens that markets can pay in; the first is the home token, of which the fields above are.",
  }),
  attestors: attestorSet.meta({ description: "Who signs commits, and how many have to." }),
  signer: publicKey.meta({ description: "Signs the heads of the logs." }),
  feeBasisPoints: count,
  domain: z.string().meta({ description: "What sign-in messages must name." }),
  timeMs,
});
export type Network = z.output<typeof network>;

/** Of one token: amounts of several add up to nothing. */
export const totals = z.strictObject({
  mint: publicKey,
  earned: tokenAmount,
  fee: tokenAmount,
  refunded: tokenAmount,
  settled: tokenAmount,
  contributorsPaid: count,
});
export type Totals = z.output<typeof totals>;

export const solvency = z.strictObject({
  mint: publicKey,
  atMs: timeMs,
  held: tokenAmount.meta({ description: "What the vault holds on chain." }),
  deposited: tokenAmount.meta({ description: "By the pool's own account, since it was opened." }),
  refunded: tokenAmount,
  unearned: tokenAmount.meta({ description: "Deposits that nobody has earned yet: what requesters would get back." }),
});
export type Solvency = z.output<typeof solvency>;

export const health = z.strictObject({ status: z.literal("ok") });
export type Health = z.output<typeof health>;
