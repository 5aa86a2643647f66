import { earnestError } from "../core/errors.ts";

const retryAfterSeconds = 1;

/** Of the socket: the server is away, or cannot be reached. */
const socketCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ENOENT",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/**
 * Of PostgreSQL: it stops, starts, or has no place left; or somebody else held what was wanted for too long. Class 08
 * (connection exceptions) is checked by its prefix.
 */
const stateCodes = new Set(["57P01", "57P02", "57P03", "57P05", "53300", "55P03", "40P01", "40001"]);

/** `pg` gives these no code. */
const messages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|timeout expired|Client was closed and is not queryable)/;

/**
 * A failure to reach the database becomes DATABASE_UNAVAILABLE, a full disk DISK_FULL_EXCEEDED; any other error comes
 * back unchanged. After DATABASE_UNAVAILABLE of a commit nobody knows whether it happened.
 */
export function mapDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (isDiskFull(error)) return earnestError("DISK_FULL_EXCEEDED", { path: "the database" }, { cause: error });
  if (isUnavailable(error)) return earnestError("DATABASE_UNAVAILABLE", { retryAfterSeconds }, { cause: error });
  return error;
}

/** The server's own word that it did not do what it was asked: after any other failure it may have done it. */
export const isRefusedByServer = (error: unknown): boolean =>
  error instanceof Error && typeof (error as { severity?: unknown }).severity === "string";

/** No connection was made, so nothing was asked: whatever it was may be asked again. */
export function isBeforeConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.every(isBeforeConnection);
  const code = codeOf(error);
  if (code === "ENOENT") return (error as NodeJS.ErrnoException).syscall === "connect";
  return code === "ECONNREFUSED" || code === "57P03";
}

const codeOf = (error: Error): string => (error as { code?: string }).code ?? "";

function isDiskFull(error: Error): boolean {
  return codeOf(error) === "53100" || (codeOf(error) === "58030" && /No space left on device/.test(error.message));
}

function isUnavailable(error: Error): boolean {
  const code = codeOf(error);
  if (error instanceof AggregateError)
    return error.errors.every((each) => each instanceof Error && isUnavailable(each));
  // ENOENT only of a socket: a missing file elsewhere is another matter.
  if (code === "ENOENT") return (error as NodeJS.ErrnoException).syscall === "connect";
  return socketCodes.has(code) || stateCodes.has(code) || /^08...$/.test(code) || messages.test(error.message);
}
