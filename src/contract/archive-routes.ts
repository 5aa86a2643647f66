import { z } from "zod";
import { route } from "./route.ts";
import { count, hash32, limitText, marketRef, publicKey, slotRef, timeMs } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });

export const archive = z.strictObject({
  slot: slotRef,
  node: publicKey,
  pages: count,
  startedMs: timeMs,
  endedMs: timeMs,
  warcBytes: count,
  warcDigest: hash32.meta({ description: "SHA-256 of the WARC file." }),
});
export type WireArchive = z.output<typeof archive>;

export const archivePart = z
  .enum(["warc", "index", "receipt"])
  .meta({ description: "The WARC file, its CDXJ index, or how each page was fetched." });
export type WireArchivePart = z.output<typeof archivePart>;

/** The pages that a market's requester asked for. */
export const archiveRoutes = {
  listArchives: route("listArchives", {
    tag: "results",
    method: "GET",
    path: "/v1/markets/:market/archives",
    auth: "either",
    summary: "Sessions in which pages of the web were fetched and paid for, in order of their slots",
    params: ofMarket,
    query: z.strictObject({ after: slotRef.optional(), limit: limitText.optional() }),
    response: z.strictObject({ items: z.array(archive), next: slotRef.nullable() }),
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH"],
  }),
  getArchive: route("getArchive", {
    tag: "results",
    method: "GET",
    path: "/v1/markets/:market/archives/:slot/:part",
    auth: "either",
    summary: "What was fetched in a session, as a file",
    params: z.strictObject({ market: marketRef, slot: slotRef, part: archivePart }),
    responseKind: "bytes",
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "SLOT_NOT_FOUND"],
  }),
} as const;
