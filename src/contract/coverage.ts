import { z } from "zod";
import { route } from "./route.ts";
import { count, ed25519Signature, hash32, marketRef, publicKey, slotRef, tokenAmount } from "./wire.ts";

/** What one session brought with its token alone, and what of that is signed for. */
export const sessionCoverage = z.strictObject({
  session: publicKey,
  count: count.meta({ description: "Its submissions that a checkpoint covers, from the first on." }),
  running: hash32.meta({ description: "The running hash after them; zeros before the first checkpoint." }),
  submissions: z
    .array(z.strictObject({ slot: slotRef, bodyHash: hash32 }))
    .meta({ description: "Those after them, in the order of the log: at most 100." }),
  pay: tokenAmount.meta({
    description: "What they earned so far: it stays in reserve until a checkpoint covers them.",
  }),
});
export type SessionCoverage = z.output<typeof sessionCoverage>;

export const coverage = z.strictObject({ sessions: z.array(sessionCoverage) });
export type Coverage = z.output<typeof coverage>;

/** Signed by the session key of the request, over `coverageStatement` of lane 0. */
export const newCheckpoint = z.strictObject({
  session: publicKey.meta({ description: "Whose submissions: this session, or an earlier one of the contributor." }),
  count: z.int().min(1).meta({ description: "So many submissions of the session, from its first one here on." }),
  running: hash32.meta({ description: "Their running hash." }),
  signature: ed25519Signature,
});

const ofMarket = z.strictObject({ market: marketRef });

export const coverageRoutes = {
  getCoverage: route("getCoverage", {
    tag: "work",
    method: "GET",
    path: "/v1/markets/:market/coverage",
    auth: "session",
    summary: "One's submissions here that no signature covers yet",
    params: ofMarket,
    response: coverage,
    errors: ["MARKET_NOT_FOUND"],
  }),
  cover: route("cover", {
    tag: "work",
    method: "POST",
    path: "/v1/markets/:market/coverage",
    auth: "session",
    summary: "Sign for submissions that came with a session's token alone; what they earned is released",
    params: ofMarket,
    body: newCheckpoint,
    errors: ["MARKET_NOT_FOUND", "CONTRIBUTOR_NOT_FOUND", "SIGNATURE_MISMATCH", "COVERAGE_MISMATCH"],
  }),
} as const;
