import { CommanderError } from "commander";
import { EarnestConnectionError } from "../client/errors.ts";
import { type ErrorKind, earnestError } from "../core/errors.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "./exit-codes.ts";
import { type Output, printable } from "./output.ts";

/** What is said of an error: what happened, one thing to do about it, a code to look up. */
interface Told {
  readonly code: string;
  readonly message: string;
  readonly next: string | null;
  readonly requestId: string | null;
  readonly context: object | null;
  readonly exitCode: ExitCode;
}

/** `help` is the command line whose help says how the command is used. */
export function reportError(output: Output, error: unknown, isVerbose: boolean, help: string): ExitCode {
  const told = error instanceof CommanderError ? tellUsage(error, help) : tellError(error);
  const { exitCode, ...rest } = told;
  const { colours } = output;
  output.liveEnd();
  // Where there was no command, commander has shown the help by itself.
  if (!isHelp(error)) {
    output.note(`${colours.red("✗")} ${printable(told.message)}`);
    if (told.next !== null) output.note(`→ ${printable(told.next)}`);
    output.note(colours.dim([told.code, ...(told.requestId === null ? [] : [`request ${told.requestId}`])].join("  ")));
  }
  if (isVerbose && error instanceof Error) output.note(colours.dim(stackOf(error)));
  output.failure({ ok: false, error: rest });
  return exitCode;
}

function tellError(error: unknown): Told {
  if (error instanceof EarnestConnectionError) return tellUnreachable(error);
  const { code, message, next, requestId, kind, status, context } = fullDisk(error) as Partial<{
    code: string;
    message: string;
    next: string;
    requestId: string | null;
    kind: ErrorKind;
    status: number;
    context: object;
  }>;
  const isKnown = typeof next === "string";
  if (!isKnown || typeof code !== "string") {
    return {
      code: "UNKNOWN",
      message: message ?? String(error),
      next: "Run it again with --verbose; if it stays, report what that shows.",
      requestId: null,
      context: null,
      exitCode: exitCodes.failed,
    };
  }
  return {
    code,
    message: message ?? code,
    next: next ?? null,
    requestId: requestId ?? null,
    context: context ?? null,
    exitCode: exitCodeOf(code, kind ?? kindOfStatus(status)),
  };
}

/** A full disk can end any write, so it is known here wherever it struck. */
function fullDisk(error: unknown): unknown {
  const { code, path } = error as Partial<NodeJS.ErrnoException>;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return earnestError("DISK_FULL_EXCEEDED", { path: path ?? "the data folder" }, { cause: error });
}

const isHelp = (error: unknown): boolean => error instanceof CommanderError && error.code === "commander.help";

function tellUsage(error: CommanderError, help: string): Told {
  return {
    code: "MALFORMED_COMMAND",
    message: isHelp(error) ? "No command was given." : asSentences(error.message),
    next: `See \`${help}\`.`,
    requestId: null,
    context: null,
    exitCode: exitCodes.usage,
  };
}

/** Commander's `error: unknown command 'x'\n(Did you mean y?)`, as everything else is said. */
function asSentences(message: string): string {
  const [problem = "", hint = ""] = message.replace(/^error: /, "").split("\n");
  const said = `${problem.charAt(0).toUpperCase()}${problem.slice(1)}`;
  return [said.endsWith(".") ? said : `${said}.`, hint.replace(/^\((.*)\)$/, "$1")].join(" ").trim();
}

function tellUnreachable({ code, message, url }: EarnestConnectionError): Told {
  const { next } = earnestError("SERVER_UNAVAILABLE", { url, problem: "" });
  return { code, message, next, requestId: null, context: { url }, exitCode: exitCodes.failed };
}

/** Errors of a server that is newer than this program still have a status. */
function kindOfStatus(status: number | undefined): ErrorKind | null {
  switch (status) {
    case 400:
      return "malformed";
    case 401:
      return "unauthenticated";
    case 402:
      return "insufficient";
    case 403:
      return "forbidden";
    default:
      return null;
  }
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
