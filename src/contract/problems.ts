import { z } from "zod";
import type { ErrorKind } from "../core/errors.ts";
import { json, text } from "./wire.ts";

export const problemMediaType = "application/problem+json";

/** Every error of the API, in the form of RFC 9457. `code` is stable, `next` is one thing to do about it. */
export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  next: z.string(),
  requestId: z.string(),
  context: json,
});
export type Problem = z.output<typeof problem>;

/** Rows of an import that have the same problem. */
export const rowGroup = z.strictObject({
  problem: z.string(),
  rows: z.int(),
  first: z.array(z.int()).meta({ description: "The numbers of the first such rows, counted from 1 after a header." }),
});
export type RowGroup = z.output<typeof rowGroup>;

export const badRow = z.strictObject({ row: z.int(), problem: z.string(), text: text(2_000) });
export type BadRow = z.output<typeof badRow>;

/** The status of each kind of error. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  insufficient: 402,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  exceeded: 413,
  internal: 500,
  unavailable: 503,
};

/** Codes for which HTTP has a more exact status than their kind's. */
export const statusOfCode: Readonly<Record<string, number>> = {
  METHOD_MISMATCH: 405,
  ACCEPT_MISMATCH: 406,
  REQUEST_TIME_EXCEEDED: 408,
  CONTENT_TYPE_MISMATCH: 415,
  RATE_EXCEEDED: 429,
  HEADERS_EXCEEDED: 431,
};

export const statusOf = (code: string, kind: ErrorKind): number => statusOfCode[code] ?? statusOfKind[kind];
