import { z } from "zod";
import { evidence, publicCell } from "./evidence.ts";
import { h3Cell, nearby } from "./nearby.ts";
import { route } from "./route.ts";
import { limitText, marketRef, slotRef } from "./wire.ts";
import { submission } from "./work.ts";

const ofMarket = z.strictObject({ market: marketRef });
const ofSlot = z.strictObject({ market: marketRef, slot: slotRef });

/** What is near, giving work back, and what came with it: for work that happens at a place. */
export const placeRoutes = {
  giveBack: route("giveBack", {
    tag: "work",
    method: "POST",
    path: "/v1/markets/:market/slots/:slot/return",
    auth: "session",
    summary: "Give an assignment back: it ends at once, unpaid and neutral",
    params: ofSlot,
    response: submission,
    errors: ["MARKET_NOT_FOUND", "SLOT_NOT_FOUND", "OWNER_MISMATCH", "SLOT_STATE"],
    idempotent: true,
  }),
  listNearby: route("listNearby", {
    tag: "work",
    method: "GET",
    path: "/v1/markets/:market/nearby",
    auth: "none",
    summary: "Tasks that can still be taken, the nearest first",
    description:
      "From the middle of an H3 cell: whoever asks says no more of where they are than that. Distances are those from there.",
    params: ofMarket,
    query: z.strictObject({ cell: h3Cell, limit: limitText.optional() }),
    response: nearby,
    errors: ["MARKET_NOT_FOUND"],
  }),
  getEvidence: route("getEvidence", {
    tag: "review",
    method: "GET",
    path: "/v1/markets/:market/slots/:slot/evidence",
    auth: "either",
    summary: "Where a submission was, exactly for 30 days, and its pictures without what the camera wrote",
    params: ofSlot,
    response: evidence,
    errors: ["MARKET_NOT_FOUND", "SLOT_NOT_FOUND", "OWNER_MISMATCH"],
  }),
  getCell: route("getCell", {
    tag: "work",
    method: "GET",
    path: "/v1/markets/:market/slots/:slot/cell",
    auth: "none",
    summary: "Where a submission was, as everybody may know it: a cell of a tenth of a square kilometre",
    params: ofSlot,
    response: publicCell,
    errors: ["MARKET_NOT_FOUND", "SLOT_NOT_FOUND"],
  }),
} as const;
