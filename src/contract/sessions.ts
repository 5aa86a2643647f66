import { z } from "zod";
import { count, ed25519Signature, publicKey, text, timeMs, tokenAmount } from "./wire.ts";

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
});
export type SignIn = z.input<typeof signIn>;

export const session = z.strictObject({
  token: z.string().meta({ description: "Bearer secret, shown once." }),
  contributor: count,
  key: publicKey,
  sessionKey: publicKey,
  expiresAtMs: timeMs,
});
export type Session = z.output<typeof session>;

export const payingWish = z.strictObject({
  wallet: publicKey,
  number: timeMs.meta({ description: "The time of the wish; of several the highest counts." }),
  signature: ed25519Signature.meta({ description: "By the contributor's own key, over `payToStatement`." }),
});
export type PayingWish = z.output<typeof payingWish>;

export const me = z.strictObject({
  contributor: count,
  key: publicKey,
  automated: z.boolean(),
  facts,
  paidAt: publicKey.meta({ description: "The wallet that the next commit pays: the contributor's key, or another." }),
  balance: z.strictObject({
    released: tokenAmount,
    held: tokenAmount,
    settled: tokenAmount.meta({ description: "What final transactions paid to the wallet." }),
  }),
});
export type Me = z.output<typeof me>;
