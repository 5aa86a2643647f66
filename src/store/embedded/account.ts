import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { earnestError } from "../../core/errors.ts";

/** Who PostgreSQL runs as: ourselves, or, since it refuses to run as root, an unprivileged account of this machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Present where processes must be started as somebody else; spread it into the options of `spawn`. */
  readonly switchTo: { readonly uid: number; readonly gid: number } | Record<never, never>;
}

const preferred = ["postgres", "_postgres", "nobody"];

/**
 * As root, the owner of data that exist already comes first: they may have been written by an ordinary user, or before
 * a `postgres` account was there. PostgreSQL's own set-up looks its account up by number, so one without a name fails.
 */
export function chooseAccount(dataFolder: string): Account {
  if (process.getuid?.() !== 0) return ownAccount();
  const owner = ownerOf(dataFolder);
  if (owner !== undefined && owner !== 0) {
    const found = lookUp(String(owner));
    if (found !== undefined) return found;
    throw noAccount(`its data belong to the user id ${owner}, which has no name on this machine`, String(owner));
  }
  for (const name of preferred) {
    const found = lookUp(name);
    if (found !== undefined) return found;
  }
  throw noAccount("it must not run as root, and this machine has neither a postgres nor a nobody account", "postgres");
}

function ownAccount(): Account {
  try {
    const { username, uid, gid } = userInfo();
    return { name: username, uid, gid, switchTo: {} };
  } catch {
    const uid = process.getuid?.();
    throw noAccount(`the user id ${uid} has no name on this machine`, String(uid));
  }
}

function lookUp(user: string): Account | undefined {
  const ask = (flag: string): string =>
    execFileSync("id", [flag, user], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const uid = Number(ask("-u"));
    const gid = Number(ask("-g"));
    return { name: ask("-un"), uid, gid, switchTo: { uid, gid } };
  } catch {
    return undefined;
  }
}

function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}

function noAccount(problem: string, user: string): Error {
  const useradd = /^\d+$/.test(user)
    ? `useradd --system --no-create-home --uid ${user} earnest`
    : `useradd --system --no-create-home ${user}`;
  return earnestError("DATABASE_START_UNAVAILABLE", {
    problem,
    mend: `Add the account (as root: ${useradd}), or set DATABASE_URL to a PostgreSQL of your own.`,
  });
}
