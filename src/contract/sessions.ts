import { z } from "zod";
import { count, ed25519Signature, marketRef, publicKey, text, timeMs, tokenAmount } from "./wire.ts";
import { assignmentWish, offer } from "./work.ts";

export const challenge = z.strictObject({ nonce: z.string(), expiresAtMs: timeMs });
export type Challenge = z.output<typeof challenge>;

/** What contributors say of themselves; markets may ask for it. */
export const facts = z.strictObject({
  languages: z.array(text(35)).max(20).default([]),
  country: text(2).nullable().default(null),
  birthYear: z.int().min(1900).max(2100).nullable().default(null),
  place: text(16).nullable().default(null).meta({ description: "An H3 cell, or its leading characters." }),
});
export type Facts = z.output<typeof facts>;
export type FactsInput = z.input<typeof facts>;

/** The signed Sign-In-With-Solana text names the contributor's key and the session key that it authorises. */
export const signIn = z.strictObject({
  message: z.string().min(1).max(2_000),
  signature: ed25519Signature,
  automated: z.boolean().default(false).meta({ description: "True for a program, an agent or a device." }),
  facts: facts.prefault({}),
  first: assignmentWish
    .extend({ market: marketRef })
    .optional()
    .meta({ description: "Slots to take in the same breath, as `assign` does it." }),
});
export type SignIn = z.input<typeof signIn>;
export type FirstWish = NonNullable<z.output<typeof signIn>["first"]>;

export const session = z.strictObject({
  token: z.string().meta({ description: "Bearer secret, shown once." }),
  contributor: count,
  key: publicKey,
  sessionKey: publicKey,
  expiresAtMs: timeMs,
  offers: z
    .array(offer)
    .optional()
    .meta({ description: "What `first` asked for; missing where it was refused: `assign` says why." }),
});
export type Session = z.output<typeof session>;

export const payingWish = z.strictObject({
  wallet: publicKey,
  mint: publicKey.optional().meta({ description: "The token to be paid there. Default: the network's home token." }),
  number: timeMs.meta({ description: "The time of the wish; of several the highest counts." }),
  signature: ed25519Signature.meta({
    description: "By the contributor's own key, over `payToStatement` of the token's pool.",
  }),
});
export type PayingWish = z.output<typeof payingWish>;

const balance = z.strictObject({
  released: tokenAmount,
  held: tokenAmount,
  settled: tokenAmount.meta({ description: "What final transactions paid to the wallet." }),
});

export const me = z.strictObject({
  contributor: count,
  key: publicKey,
  automated: z.boolean(),
  facts,
  paidAt: publicKey.meta({
    description: "The wallet that the next commit pays, in the home token: the contributor's key, or another.",
  }),
  balance: balance.meta({ description: "In the network's home token." }),
  balances: z
    .array(balance.extend({ mint: publicKey, paidAt: publicKey }))
    .meta({ description: "A token each: the home token, and those in which the contributor earned." }),
});
export type Me = z.output<typeof me>;
