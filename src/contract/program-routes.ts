import { z } from "zod";
import { acknowledgement } from "./receipts.ts";
import { route } from "./route.ts";
import { language } from "./verification.ts";
import { base64Bytes, count, hash32, marketRef, slotRef } from "./wire.ts";

const ofMarket = z.strictObject({ market: marketRef });
const ofProgram = z.strictObject({ market: marketRef, hash: hash32 });

/** A program as it runs: a script in UTF-8, or a WebAssembly module; docs/sandbox.md says what it may do. */
export const program = z.strictObject({ language, program: base64Bytes });
export type WireProgram = z.output<typeof program>;

export const addedProgram = z.strictObject({ hash: hash32, language, bytes: count });
export type AddedProgram = z.output<typeof addedProgram>;

export const newCommitment = z.strictObject({
  slot: slotRef,
  commitment: hash32.meta({
    description:
      'SHA-256 of "earnest/commitment/1", a zero byte, the contributor\'s key and the hash of the body that will follow.',
  }),
});
export type NewCommitment = z.input<typeof newCommitment>;

/** What markets execute, and what was found in it. */
export const programRoutes = {
  addProgram: route("addProgram", {
    tag: "tasks",
    method: "POST",
    path: "/v1/markets/:market/programs",
    auth: "either",
    summary: "Add a program to a market, which its tasks name by its hash",
    params: ofMarket,
    body: program,
    status: 201,
    response: addedProgram,
    errors: ["MARKET_NOT_FOUND", "OWNER_MISMATCH", "MARKET_STATE", "LIMIT_EXCEEDED"],
    idempotent: true,
  }),
  getProgram: route("getProgram", {
    tag: "tasks",
    method: "GET",
    path: "/v1/markets/:market/programs/:hash",
    auth: "none",
    summary: "A program of a market",
    params: ofProgram,
    response: program,
    errors: ["MARKET_NOT_FOUND", "PROGRAM_FILE_NOT_FOUND"],
  }),
  commitTo: route("commitTo", {
    tag: "work",
    method: "POST",
    path: "/v1/markets/:market/commitments",
    auth: "session",
    summary: "Commit to what was found before showing it, where being first counts",
    params: ofMarket,
    body: newCommitment,
    status: 201,
    response: acknowledgement,
    errors: ["MARKET_NOT_FOUND", "SLOT_NOT_FOUND", "SLOT_STATE", "OWNER_MISMATCH", "COMMITMENT_STATE"],
  }),
} as const;
