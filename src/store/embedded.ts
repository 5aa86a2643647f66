import { existsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { earnestError } from "../core/errors.ts";
import { chooseAccount } from "./embedded/account.ts";
import { usableBinaries } from "./embedded/binaries.ts";
import { folderError, saysDiskFull, tailOf } from "./embedded/failures.ts";
import { withFolderLock } from "./embedded/folder-lock.ts";
import { database, type Ground, initialise, role } from "./embedded/initialise.ts";
import { type Layout, layoutOf } from "./embedded/layout.ts";
import { readPassword } from "./embedded/password.ts";
import { isPostgresOn } from "./embedded/postmaster-file.ts";
import { createDataFolder, prepareHome } from "./embedded/prepare.ts";
import { signal } from "./embedded/processes.ts";
import { awaitRunning, startServer, stopServer } from "./embedded/server.ts";
import { chooseSocketFolder, socketPort } from "./embedded/socket-folder.ts";
import { liveUsers, registerUser } from "./embedded/users.ts";
import { watchServer } from "./embedded/watch.ts";

export interface EmbeddedOptions {
  readonly folder: string;
  readonly log: (line: string) => void;
  /** False only for data that may be lost with the power, such as a test's. */
  readonly durable?: boolean;
  /** For tests: the folder of another PostgreSQL (with bin/) than the one from the npm package. */
  readonly programs?: string;
}

export interface Embedded {
  /** Stays the same over restarts. */
  readonly url: string;
  /** The server's main process now; another one after it was killed and started again. */
  readonly pid: number;
  /** True where the server was running already. */
  readonly attached: boolean;
  /** Ends our use; the last process to leave stops the server and waits for it. Close the pools first. */
  stop(): Promise<void>;
}

/**
 * The embedded PostgreSQL of a data folder: started, or joined where it runs already. The server does not die with the
 * process that started it: another Earnest process may be using it, and after a kill -9 the next start finds it running
 * and goes on at once. In return every process keeps watch and starts it again when it was killed itself, and the last
 * one to leave stops it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const folder = await createDataFolder(options.folder);
  const layout = layoutOf(folder);
  let registration = "";
  const first = await locked(layout, async () => {
    const running = await join(layout, options);
    registration = await registerUser(layout.users);
    return running;
  });
  return handle(layout, options, first, registration);
}

/** Stops a server that nobody uses any more, left by a killed process. @returns false where none was running */
export async function stopEmbedded(options: Pick<EmbeddedOptions, "folder" | "log">): Promise<boolean> {
  const layout = layoutOf(await createDataFolder(options.folder));
  return locked(layout, async () => {
    const [user] = await liveUsers(layout.users);
    if (user === undefined) return stopServer(layout, options.log);
    const problem = `the process ${user} is using it`;
    throw earnestError("DATA_FOLDER_UNAVAILABLE", { path: layout.folder, problem, mend: "Stop that process first." });
  });
}

interface Running {
  readonly pid: number;
  readonly url: string;
  readonly attached: boolean;
}

async function join(layout: Layout, options: EmbeddedOptions): Promise<Running> {
  const running = await awaitRunning(layout);
  const password = await readPassword(layout);
  if (running !== undefined) {
    if (password !== undefined) return { ...running, url: urlOf(running.socketFolder, password), attached: true };
    const problem = `its server runs (process ${running.pid}), but ${layout.password} is missing`;
    const mend = `Stop it (kill -INT ${running.pid}) and start again: a new password is set then.`;
    throw earnestError("DATA_FOLDER_UNAVAILABLE", { path: layout.folder, problem, mend });
  }
  const account = chooseAccount(layout.data);
  await prepareHome(layout, account);
  const binaries = await usableBinaries({ account, store: layout.binaries, log: options.log, root: options.programs });
  const ground: Ground = { layout, account, binaries, durable: options.durable ?? true };
  await initialise(ground);
  const socketFolder = await chooseSocketFolder(layout, account);
  const pid = await startServer(ground, socketFolder);
  return { pid, url: urlOf(socketFolder, (await readPassword(layout)) as string), attached: false };
}

/** libpq's own notation of a socket: psql and every driver understands it. */
function urlOf(socketFolder: string, password: string): string {
  const host = encodeURIComponent(socketFolder);
  return `postgresql://${role}:${password}@localhost:${socketPort}/${database}?host=${host}`;
}

function handle(layout: Layout, options: EmbeddedOptions, first: Running, registration: string): Embedded {
  let { pid } = first;
  let logRead = sizeOf(layout.serverLog);
  const endWatch = watchServer({
    isAlive: () => isPostgresOn(pid, layout.data),
    startAgain: async () => {
      const isFull = saysDiskFull(tailOf(layout.serverLog, logRead));
      logRead = sizeOf(layout.serverLog);
      if (isFull) options.log(earnestError("DISK_FULL_EXCEEDED", { path: layout.folder }).message);
      const running = await locked(layout, () => join(layout, options));
      pid = running.pid;
      options.log(`PostgreSQL ended unexpectedly; ${running.attached ? "it runs" : "started it"} again`);
    },
    log: options.log,
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await endWatch();
    if (existsSync(layout.home)) await locked(layout, () => leave(layout, options, registration));
    // Somebody removed the data folder below us: nothing is left to save.
    else if (isPostgresOn(pid, layout.data)) signal(pid, "SIGQUIT");
  };
  return {
    url: first.url,
    attached: first.attached,
    get pid() {
      return pid;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

async function leave(layout: Layout, { log }: EmbeddedOptions, registration: string): Promise<void> {
  await rm(registration, { force: true });
  const others = await liveUsers(layout.users);
  if (others.length === 0) await stopServer(layout, log);
  else
    log(`PostgreSQL goes on for ${others.length} other ${others.length === 1 ? "user" : "users"} of the data folder`);
}

function locked<T>(layout: Layout, work: () => Promise<T>): Promise<T> {
  return withFolderLock(layout.lock, work).catch((error: unknown) => {
    throw folderError(error, layout.folder);
  });
}
