import { z } from "zod";
import { h3Cell } from "./nearby.ts";
import { route } from "./route.ts";
import { count, cursor, ed25519Signature, limitText, page, publicKey, timeMs } from "./wire.ts";

const requester = z.strictObject({
  owner: publicKey,
  markets: count,
  judged: count.meta({ description: "Answers with a verdict, lately: in the newest stretch of each market's log." }),
  rejected: count,
  appeals: count.meta({ description: "Lately." }),
  appealsWon: count,
  contributors: count.meta({ description: "Who ever worked in these markets; 100,000 stands for more too." }),
  blocks: count.meta({ description: "How often one of them was given no more work." }),
});
export type Requester = z.output<typeof requester>;

const reputation = z.strictObject({
  network: z.string().meta({ description: "The account of the network's program." }),
  contributor: publicKey,
  automated: z.boolean(),
  asOfMs: timeMs,
  markets: count,
  accepted: count,
  rejected: count,
  firstAtMs: timeMs.nullable(),
  lastAtMs: timeMs.nullable(),
});

/** A network's word on a contributor, as another network takes it. */
export const signedReputation = z.strictObject({
  reputation,
  signer: publicKey.meta({ description: "The key that signs this network's logs." }),
  signature: ed25519Signature.meta({
    description: 'Over "earnest/reputation/1", a zero byte, and the canonical JSON (RFC 8785) of `reputation`.',
  }),
});
export type SignedReputation = z.output<typeof signedReputation>;

const sponsorship = z.strictObject({
  lamports: z.string().meta({ description: "Paid for contributors' token accounts, ever." }),
  lamportsMax: z.string(),
  today: count,
  perDayMax: count,
});
export type Sponsorship = z.output<typeof sponsorship>;

const cellOfWork = z.strictObject({ cell: h3Cell, markets: count, tasks: count });
export type CellOfWork = z.output<typeof cellOfWork>;

const base = { tag: "network", method: "GET", auth: "none" } as const;

/** What anybody may know of those who ask, of those who answer, and of where work is. */
export const reputationRoutes = {
  listRequesters: route("listRequesters", {
    ...base,
    path: "/v1/requesters",
    summary:
      "Requesters in whose markets most was judged lately: rejections, appeals, blocks; some seconds old at most",
    query: z.strictObject({ after: cursor.optional(), limit: limitText.optional() }),
    response: page(requester),
  }),
  getReputation: route("getReputation", {
    ...base,
    path: "/v1/contributors/:contributor/reputation",
    summary: "What this network says of a contributor, signed: of the newest 100,000 verdicts",
    params: z.strictObject({ contributor: publicKey }),
    response: signedReputation,
    errors: ["CONTRIBUTOR_NOT_FOUND"],
  }),
  getSponsorship: route("getSponsorship", {
    ...base,
    path: "/v1/sponsorship",
    summary: "What the operator paid for contributors' token accounts, and up to what it does",
    response: sponsorship,
  }),
  listPlaces: route("listPlaces", {
    ...base,
    path: "/v1/places",
    summary:
      "Where open markets have tasks at a place, by H3 cells of some 20 kilometres, or coarser ones where these are many; a page is of so many markets, a hundred at most",
    query: z.strictObject({ after: cursor.optional(), limit: limitText.optional() }),
    response: page(cellOfWork).extend({
      resolution: count.meta({ description: "Of the cells of this page: 5, or less where there are too many." }),
    }),
  }),
} as const;
