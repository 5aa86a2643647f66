import type { ErrorKind } from "../core/errors.ts";

/** What the shell is told. */
export const exitCodes = {
  ok: 0,
  /** A check failed, or something went wrong that is none of the others. */
  failed: 1,
  usage: 2,
  auth: 3,
  budget: 4,
  /** Done in part: no answer yet, or not everything could be checked. */
  partial: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byKind: Readonly<Partial<Record<ErrorKind, ExitCode>>> = {
  malformed: exitCodes.usage,
  unauthenticated: exitCodes.auth,
  forbidden: exitCodes.auth,
  insufficient: exitCodes.budget,
};

/** Bad rows and data that do not fit their proof are findings of a check, whatever kind of error reports them. */
const byCode: Readonly<Record<string, ExitCode>> = {
  MALFORMED_ROWS: exitCodes.failed,
  MALFORMED_ENCODING: exitCodes.failed,
  MALFORMED_FILE: exitCodes.usage,
  FILE_NOT_FOUND: exitCodes.usage,
  FILE_SIZE_EXCEEDED: exitCodes.usage,
};

export const exitCodeOf = (code: string, kind: ErrorKind | null): ExitCode =>
  byCode[code] ?? (kind === null ? undefined : byKind[kind]) ?? exitCodes.failed;
