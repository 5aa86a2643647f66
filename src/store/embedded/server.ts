import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fchownSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { earnestError } from "../../core/errors.ts";
import { explain, folderError, tailOf } from "./failures.ts";
import type { Ground } from "./initialise.ts";
import type { Layout } from "./layout.ts";
import { isPostgresOn, readPidOf, readPostmasterFile, runningPostmaster } from "./postmaster-file.ts";
import { isRunning, processesIn, signal } from "./processes.ts";
import { socketPort } from "./socket-folder.ts";

const pollMs = 5;
/** Recovery after a kill replays at most `max_wal_size`; this is far beyond it. */
const readyMsMax = 180_000;
const orphansMsMax = 20_000;
const stopMsMax = 60_000;
const logBytesMax = 8 * 1024 * 1024;

/**
 * Sizes for a laptop: a few hundred megabytes with every connection busy. Parallel workers are off because they take
 * both cores from the API for queries that are not on the money path, and would need shared memory that containers
 * often do not have.
 */
const settings = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "100",
  shared_buffers: "128MB",
  huge_pages: "off",
  max_wal_size: "1GB",
  // The log's size bounds how long recovery takes; checkpoints by the clock would only write more whole pages.
  checkpoint_timeout: "15min",
  // Whole pages, of which the first change after each checkpoint writes one, are half empty or alike.
  wal_compression: "pglz",
  max_parallel_workers_per_gather: "0",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  logging_collector: "off",
  // A transaction whose process was stopped must not hold the lane's row for ever.
  idle_in_transaction_session_timeout: "60s",
};

const durability = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" };
const haste = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/** Starts the server on data that exist and waits until it takes connections. Call under the folder's lock. */
export async function startServer(ground: Ground, socketFolder: string): Promise<number> {
  const { layout } = ground;
  const deadline = Date.now() + orphansMsMax;
  for (;;) {
    removeStaleSocketLock(layout.data, socketFolder);
    removeEmptyLock(layout.data);
    const attempt = launch(ground, socketFolder);
    if (await becomesReady(layout, attempt.child)) return attempt.child.pid as number;
    const output = tailOf(layout.serverLog, attempt.logStart);
    // After a kill of the postmaster alone, its children end when they notice. One busy with a query does not.
    // Killed while it started, by whoever is short of memory or of patience: that says nothing of the data.
    const mayStart =
      attempt.child.signalCode === "SIGKILL" ||
      /pre-existing shared memory block|already in use|lock file .* is empty/.test(output);
    if (!mayStart || Date.now() > deadline) {
      throw explain(attempt.failure() ?? output, layout.folder, ground.account);
    }
    await sleep(100);
    if (Date.now() > deadline - orphansMsMax + 1000) for (const pid of processesIn(layout.data)) signal(pid, "SIGKILL");
  }
}

interface Attempt {
  readonly child: ChildProcess;
  readonly logStart: number;
  readonly failure: () => string | undefined;
}

function launch({ layout, account, binaries, durable }: Ground, socketFolder: string): Attempt {
  const { log, logStart } = openLog(layout, account.uid, account.gid);
  const options = Object.entries({ ...settings, ...(durable ? durability : haste) });
  const args = ["-D", layout.data, "-p", String(socketPort), "-k", socketFolder];
  for (const [name, value] of options) args.push("-c", `${name}=${value}`);
  const child = spawn(join(binaries.root, "bin", "postgres"), args, {
    ...account.switchTo,
    cwd: layout.home,
    // A session of its own: Ctrl-C must reach Earnest alone, which then stops the server in order.
    detached: true,
    stdio: ["ignore", log, log],
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin", ...ignoredProcess(layout.data) },
  });
  closeSync(log);
  child.unref();
  let failure: string | undefined;
  child.on("error", (error) => {
    failure = error.message;
  });
  return { child, logStart, failure: () => failure };
}

/**
 * PostgreSQL refuses to start while the process named in postmaster.pid seems alive, which is also true of a zombie and
 * of an unrelated program with that number. When we know better, this (meant for pg_ctl) makes it look away, while it
 * still makes sure by the shared memory that no old server process is left.
 */
function ignoredProcess(data: string): { PG_GRANDPARENT_PID?: string } {
  const stale = readPostmasterFile(data);
  return stale === undefined || isPostgresOn(stale.pid, data) ? {} : { PG_GRANDPARENT_PID: String(stale.pid) };
}

/**
 * The lock beside the socket may name yet another process than postmaster.pid does: the one before, where the last one was
 * killed between writing the two. PostgreSQL cannot be told to look away from both.
 */
function removeStaleSocketLock(data: string, socketFolder: string): void {
  const path = join(socketFolder, `.s.PGSQL.${socketPort}.lock`);
  const named = readPidOf(path);
  if (named !== undefined && !isPostgresOn(named, data)) rmSync(path);
}

/**
 * A server killed between creating postmaster.pid and writing it leaves it empty, which PostgreSQL refuses for ever. With
 * the file goes the name of the shared memory of older servers: only when none of their processes is left, which only
 * Linux tells. Elsewhere PostgreSQL's own message says what to do.
 */
function removeEmptyLock(data: string): void {
  const path = join(data, "postmaster.pid");
  const isEmpty = statSync(path, { throwIfNoEntry: false })?.size === 0;
  if (isEmpty && process.platform === "linux" && processesIn(data).length === 0) rmSync(path);
}

function openLog(layout: Layout, uid: number, gid: number): { log: number; logStart: number } {
  try {
    const size = statSync(layout.serverLog, { throwIfNoEntry: false })?.size ?? 0;
    if (size > logBytesMax) renameSync(layout.serverLog, `${layout.serverLog}.1`);
    const log = openSync(layout.serverLog, "a", 0o600);
    if (process.getuid?.() === 0) fchownSync(log, uid, gid);
    return { log, logStart: size > logBytesMax ? 0 : size };
  } catch (error) {
    throw folderError(error, layout.folder);
  }
}

async function becomesReady(layout: Layout, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + readyMsMax;
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const found = readPostmasterFile(layout.data);
    if (found?.pid === child.pid && found.status === "ready") return true;
    if (Date.now() > deadline) throw notReady(layout);
    await sleep(pollMs);
  }
  // An "error" event (no such program, no right to switch user) comes a moment after spawn has returned.
  if (child.pid === undefined) await sleep(pollMs);
  return false;
}

/** Waits for a server somebody else started; undefined where it ended instead. */
export async function awaitRunning(layout: Layout): Promise<{ pid: number; socketFolder: string } | undefined> {
  const deadline = Date.now() + readyMsMax;
  for (;;) {
    const found = runningPostmaster(layout.data);
    if (found === undefined) return undefined;
    if (found.status === "ready") return found;
    if (Date.now() > deadline) throw notReady(layout);
    await sleep(pollMs);
  }
}

function notReady(layout: Layout): Error {
  return earnestError("DATABASE_START_UNAVAILABLE", {
    problem: `it takes no connections after ${readyMsMax / 1000} s`,
    mend: `See ${layout.serverLog}.`,
  });
}

/** Fast shutdown: open transactions are rolled back, a checkpoint is written; returns when the process is gone. */
export async function stopServer(layout: Layout, log: (line: string) => void): Promise<boolean> {
  const found = runningPostmaster(layout.data);
  if (found === undefined) return false;
  signal(found.pid, "SIGINT");
  const deadline = Date.now() + stopMsMax;
  while (isRunning(found.pid)) {
    if (Date.now() > deadline) {
      log(`PostgreSQL did not stop within ${stopMsMax / 1000} s; stopping it at once, it recovers at its next start`);
      signal(found.pid, "SIGQUIT");
    }
    await sleep(Date.now() > deadline ? 1000 : pollMs);
  }
  return true;
}
