import { z } from "zod";
import { route } from "./route.ts";
import { publicKey, text, tokenAmount } from "./wire.ts";

/** A token that the network pays in, and the pool of all money in it. */
export const token = z.strictObject({
  mint: publicKey,
  name: z.string().nullable().meta({ description: "Null where the mint says none." }),
  symbol: z.string().nullable(),
  decimals: z.int().min(0).max(18),
  canFreeze: z.boolean().meta({ description: "Whether the token's issuer can freeze accounts that hold it." }),
  pool: publicKey.meta({ description: "The account of all money in this token." }),
  vault: publicKey.meta({ description: "The pool's token account: deposits reach it through the program only." }),
});
export type Token = z.output<typeof token>;

/** Which of the network's tokens is meant: the home token where none is named. */
export const ofToken = z.strictObject({
  mint: publicKey.optional().meta({ description: "Default: the network's home token." }),
});

const newIssue = z.strictObject({
  name: text(32),
  symbol: text(10),
  decimals: z.int().min(0).max(9).default(6),
  supply: tokenAmount.meta({ description: "How many are made at once, for `to`." }),
  uri: text(200).optional().meta({ description: "Its picture and description: a JSON file." }),
  authority: z
    .union([z.enum(["keep", "burn"]), publicKey])
    .default("keep")
    .meta({ description: "Who may make more: `keep` is the wallet `to`, `burn` nobody, ever; or an address." }),
  to: publicKey.optional().meta({ description: "The wallet that gets the supply. Default: the requester's own." }),
});

/** One of the two: the network opens its pool, and from then on markets pay in it. */
export const newToken = z.strictObject({
  mint: publicKey.optional().meta({ description: "A token that is there." }),
  issue: newIssue.optional().meta({ description: "A token that the network issues." }),
});
export type NewToken = z.input<typeof newToken>;
export type NewTokenFilled = z.output<typeof newToken>;

export const tokenRoutes = {
  addToken: route("addToken", {
    tag: "network",
    method: "POST",
    path: "/v1/tokens",
    auth: "either",
    summary:
      "Have the network pay in a token: one that is there, or one that it issues; the same again changes nothing",
    body: newToken,
    status: 201,
    response: token,
    errors: ["MINT_NOT_FOUND", "MINT_REFUSED", "TOKEN_REFUSED", "LAMPORTS_INSUFFICIENT", "CHAIN_UNAVAILABLE"],
    idempotent: true,
  }),
} as const;
