import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { isEarnestError } from "../core/errors.ts";
import { isRunning, processesIn } from "./embedded/processes.ts";
import { type Embedded, startEmbedded, stopEmbedded } from "./embedded.ts";
import { useTempFolders } from "./testing-folder.ts";
import { mayConnect, queryOnce } from "./testing-query.ts";
import { useUsedFolders } from "./testing-used-folder.ts";

const isRoot = process.getuid?.() === 0;
const running: Embedded[] = [];
const lines: string[] = [];
const log = (line: string): void => {
  lines.push(line);
};

// Stop before the folders go: hooks run last in, first out.
const tempFolder = useTempFolders();
const usedFolder = useUsedFolders(tempFolder);
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  lines.length = 0;
});

async function start(folder: string): Promise<Embedded> {
  const server = await startEmbedded({ folder, log });
  running.push(server);
  return server;
}

async function until(condition: () => boolean | Promise<boolean>, msMax = 10_000): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("waited in vain");
    await sleep(20);
  }
}

async function failure(work: Promise<unknown>): Promise<Error & { code?: string; next?: string }> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it should have failed");
}

describe("a first and later starts", () => {
  it("starts, keeps what was written, and starts again at the same address", async () => {
    const folder = join(await tempFolder(), "data");
    const first = await start(folder);
    expect(first.attached).toBe(false);
    await queryOnce(first.url, "create table kept (word text); insert into kept values ('here')");
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);

    const began = performance.now();
    const second = await start(folder);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(second.url).toBe(first.url);
    expect(await queryOnce(second.url, "select word from kept")).toEqual([{ word: "here" }]);
  });

  it("is durable, listens on no port, and sorts texts the same on every machine", async () => {
    const { url } = await start(await usedFolder());
    const shown = await queryOnce<{ name: string; setting: string }>(
      url,
      `select name, setting from pg_settings
       where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'TimeZone')`,
    );
    expect(Object.fromEntries(shown.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      full_page_writes: "on",
      listen_addresses: "",
      synchronous_commit: "on",
      TimeZone: "UTC",
    });
    expect(
      await queryOnce(url, "select string_agg(w, '' order by w) as s from unnest('{b,A,ä,a,B}'::text[]) w"),
    ).toEqual([{ s: "ABabä" }]);
  });

  it("lets nobody in without the password, which only we may read, and gives the application no superuser", async () => {
    const folder = await usedFolder();
    const { url } = await start(folder);
    const password = join(folder, "postgres.password");
    expect((await stat(password)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "postgres"))).mode & 0o777).toBe(0o700);
    expect(await queryOnce(url, "select rolsuper from pg_roles where rolname = current_user")).toEqual([
      { rolsuper: false },
    ]);
    const wrong = new URL(url);
    wrong.password = "guess";
    expect(await failure(queryOnce(wrong.href, "select 1"))).toMatchObject({ code: "28P01" });
    wrong.username = "postgres";
    wrong.password = "";
    expect(await mayConnect(wrong.href)).toBe(false);
  });

  it("sets a new password where the file was lost", async () => {
    const folder = await tempFolder();
    const first = await start(folder);
    await queryOnce(first.url, "create table kept ()");
    await first.stop();
    await rm(join(folder, "postgres.password"));
    const second = await start(folder);
    expect(second.url).not.toBe(first.url);
    expect(await queryOnce(second.url, "select from kept")).toEqual([]);
  });

  it("forgets a set-up that was cut short", async () => {
    const folder = await tempFolder();
    const half = join(folder, "postgres", "initdb-cutshort");
    await mkdir(half, { recursive: true });
    await writeFile(join(half, "PG_VERSION"), "18\n");
    const { url } = await start(folder);
    expect(await mayConnect(url)).toBe(true);
    expect(existsSync(half)).toBe(false);
  });

  it("takes a folder with a very long name, over the limit of a socket's path", async () => {
    const folder = join(await tempFolder(), "long".repeat(30));
    const first = await start(folder);
    expect(await mayConnect(first.url)).toBe(true);
    await first.stop();
    const second = await start(folder);
    expect(second.url).toBe(first.url);
    await second.stop();
    const pointer = join(folder, "postgres.socket");
    await rm(await readFile(pointer, "utf8"), { recursive: true });
    const third = await start(folder);
    expect(await mayConnect(third.url)).toBe(true);
    await third.stop();
    await rm(await readFile(pointer, "utf8"), { recursive: true });
  });

  it("finds the same server through a symbolic link", async () => {
    const parent = await tempFolder();
    await mkdir(join(parent, "real"));
    await symlink(join(parent, "real"), join(parent, "link"));
    const first = await start(join(parent, "real"));
    const second = await start(join(parent, "link"));
    expect(second).toMatchObject({ attached: true, pid: first.pid, url: first.url });
  });
});

describe("sharing", () => {
  it("attaches to the running server; the last to leave stops it", async () => {
    const folder = await usedFolder();
    const [a, b, c] = await Promise.all([start(folder), start(folder), start(folder)]);
    expect([a, b, c].filter(({ attached }) => !attached)).toHaveLength(1);
    expect(new Set([a.pid, b.pid, c.pid]).size).toBe(1);
    await a.stop();
    await a.stop();
    await b.stop();
    expect(await mayConnect(c.url)).toBe(true);
    expect(lines.some((line) => line.includes("1 other user"))).toBe(true);
    await c.stop();
    expect(isRunning(c.pid)).toBe(false);
  });

  it("stopEmbedded refuses while somebody uses the server, and says so when none runs", async () => {
    const folder = await usedFolder();
    const server = await start(folder);
    expect(await failure(stopEmbedded({ folder, log }))).toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    await server.stop();
    expect(await stopEmbedded({ folder, log })).toBe(false);
  });
});

describe("killed servers", () => {
  it("starts the server again at the same address after kill -9 of its main process", async () => {
    const { url, ...server } = await start(await usedFolder());
    const handle = running[0] as Embedded;
    await queryOnce(url, "create table kept (n int); insert into kept values (1)");
    process.kill(server.pid, "SIGKILL");
    await until(() => handle.pid !== server.pid);
    expect(await queryOnce(url, "select n from kept")).toEqual([{ n: 1 }]);
    expect(lines.some((line) => line.includes("started it again"))).toBe(true);
  });

  it("recovers from kill -9 of every process of it, also when a backend is busy", async () => {
    const folder = await usedFolder();
    const server = await start(folder);
    const first = server.pid;
    await queryOnce(server.url, "create table kept (n int); insert into kept values (1)");
    const busy = failure(queryOnce(server.url, "select count(*) from generate_series(1, 1000000000)"));
    await sleep(100);
    for (const pid of processesIn(join(folder, "postgres", "data"))) process.kill(pid, "SIGKILL");
    await busy;
    await until(() => server.pid !== first);
    expect(await queryOnce(server.url, "select n from kept")).toEqual([{ n: 1 }]);
  });

  it("tries again where it is killed while it starts", async () => {
    const folder = await usedFolder();
    const data = join(folder, "postgres", "data");
    const starting = start(folder);
    await until(() => processesIn(data).length > 0);
    const [killed = 0] = processesIn(data);
    process.kill(killed, "SIGKILL");
    const server = await starting;
    await until(() => server.pid !== killed);
    expect(await mayConnect(server.url)).toBe(true);
  });

  it("is not misled by the lock of a socket that the server before the last one left", async () => {
    const folder = await usedFolder();
    const home = join(folder, "postgres");
    await (await start(folder)).stop();
    // PostgreSQL asks whether the process is alive, and heeds only those of its own account.
    const other = spawn("sleep", ["60"], { stdio: "ignore", ...(isRoot && { uid: (await stat(home)).uid }) });
    const lock = join(home, ".s.PGSQL.5432.lock");
    await writeFile(lock, `${other.pid}\n${join(home, "data")}\n1\n5432\n${home}\n`);
    if (isRoot) await chown(lock, (await stat(home)).uid, 0);
    const again = await start(folder);
    expect(await mayConnect(again.url)).toBe(true);
    other.kill();
  });

  it.skipIf(process.platform !== "linux")(
    "starts again where the last one was killed before it wrote its lock",
    async () => {
      const folder = await usedFolder();
      await (await start(folder)).stop();
      await writeFile(join(folder, "postgres", "data", "postmaster.pid"), "");
      const again = await start(folder);
      expect(await mayConnect(again.url)).toBe(true);
    },
  );

  it("does not leave an old backend behind that ignores its server's death", async () => {
    const folder = await usedFolder();
    const server = await start(folder);
    const first = server.pid;
    const busy = failure(queryOnce(server.url, "select count(*) from generate_series(1, 1000000000)"));
    await sleep(100);
    process.kill(first, "SIGKILL");
    await until(() => server.pid !== first, 20_000);
    await busy;
    expect(await mayConnect(server.url)).toBe(true);
  });

  it("lets two who watch the same server agree on one restart", async () => {
    const folder = await usedFolder();
    const a = await start(folder);
    const b = await start(folder);
    const first = a.pid;
    process.kill(first, "SIGKILL");
    await until(() => a.pid !== first && b.pid !== first);
    expect(a.pid).toBe(b.pid);
  });

  it("is not misled by the number of a dead server that another program has now", async () => {
    const folder = await usedFolder();
    const server = await start(folder);
    await server.stop();
    const file = join(folder, "postgres", "data", "postmaster.pid");
    // This test's own process stands for the other program.
    await writeFile(file, `${process.pid}\n${join(folder, "postgres", "data")}\n1\n5432\n${folder}\n\n\nready\n`);
    if (isRoot) await chown(file, (await stat(join(folder, "postgres"))).uid, 0);
    const again = await start(folder);
    expect(again.attached).toBe(false);
    expect(await mayConnect(again.url)).toBe(true);
  });

  it("starts over a damaged postmaster.pid", async () => {
    const folder = await usedFolder();
    const file = join(folder, "postgres", "data", "postmaster.pid");
    await writeFile(file, "999999999\n");
    if (isRoot) await chown(file, (await stat(join(folder, "postgres"))).uid, 0);
    expect(await mayConnect((await start(folder)).url)).toBe(true);
  });
});

it("ends the server of a folder that was removed below it", async () => {
  const folder = await usedFolder();
  const server = await start(folder);
  await rm(folder, { recursive: true });
  await server.stop();
  await until(() => !isRunning(server.pid));
});

describe("what keeps it from starting", () => {
  const isClear = (error: Error & { next?: string }): boolean =>
    isEarnestError(error) && !error.message.includes("\n") && (error.next ?? "") !== "";

  it("a folder that is a file", async () => {
    const folder = join(await tempFolder(), "file");
    await writeFile(folder, "");
    const error = await failure(start(folder));
    expect(error).toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    expect(isClear(error)).toBe(true);
    expect(await failure(start(join(folder, "below")))).toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
  });

  it("data of another version", async () => {
    const folder = await tempFolder();
    const data = join(folder, "postgres", "data");
    await mkdir(data, { recursive: true });
    await writeFile(join(data, "PG_VERSION"), "17\n");
    const error = await failure(start(folder));
    expect(error).toMatchObject({ code: "DATABASE_VERSION_MISMATCH" });
    expect(error.message).toContain("17");
    expect(error.next).toContain("--data");
  });

  it("damaged data", async () => {
    const folder = await usedFolder();
    await rm(join(folder, "postgres", "data", "global"), { recursive: true });
    const error = await failure(start(folder));
    expect(error).toMatchObject({ code: "DATABASE_START_UNAVAILABLE" });
    expect(isClear(error)).toBe(true);
  });

  it("a broken setting in postgresql.conf", async () => {
    const folder = await usedFolder();
    await writeFile(join(folder, "postgres", "data", "postgresql.conf"), "nonsense = 1\n");
    const error = await failure(start(folder));
    expect(error).toMatchObject({ code: "DATABASE_START_UNAVAILABLE" });
    expect(isClear(error)).toBe(true);
  });

  it.skipIf(!isRoot)("a full disk (as root: on a small file system of its own)", async (context) => {
    const folder = await tempFolder();
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], { stdio: "ignore" });
    } catch {
      return context.skip("file systems cannot be mounted here");
    }
    try {
      const error = await failure(start(folder));
      expect(error).toMatchObject({ code: "DISK_FULL_EXCEEDED" });
      expect(isClear(error)).toBe(true);
    } finally {
      execFileSync("umount", [folder]);
    }
  });

  it.skipIf(!isRoot)("as root: a folder below one the account cannot enter", async () => {
    const closed = await tempFolder(0o700);
    const folder = join(closed, "data");
    const error = await failure(start(folder));
    expect(error).toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    expect(error.message).toContain(closed);
    expect(error.next).toContain("--data");
  });
});

describe.skipIf(!isRoot)("as root", () => {
  it("uses a folder of mode 700, and opens it no further than needed", async () => {
    const folder = await tempFolder(0o700);
    const { url } = await start(folder);
    expect(await mayConnect(url)).toBe(true);
    expect((await stat(folder)).mode & 0o777).toBe(0o710);
  });

  it("mends the mode and the owner of its own part", async () => {
    const folder = await usedFolder();
    await chmod(join(folder, "postgres"), 0o755);
    await chown(join(folder, "postgres"), 0, 0);
    const { url } = await start(folder);
    expect(await mayConnect(url)).toBe(true);
    expect((await stat(join(folder, "postgres"))).mode & 0o777).toBe(0o700);
  });

  it("goes on as the account the data belong to", async () => {
    const folder = await usedFolder();
    const uid = Number(execFileSync("id", ["-u", "nobody"]));
    const gid = Number(execFileSync("id", ["-g", "nobody"]));
    execFileSync("chown", ["-R", `${uid}:${gid}`, join(folder, "postgres")]);
    const server = await start(folder);
    expect(await mayConnect(server.url)).toBe(true);
    expect((await stat(`/proc/${server.pid}`)).uid).toBe(uid);
  });

  it("says what to do where the data belong to a number without a name", async () => {
    const folder = await usedFolder();
    execFileSync("chown", ["-R", "54321:54321", join(folder, "postgres")]);
    const error = await failure(start(folder));
    expect(error).toMatchObject({ code: "DATABASE_START_UNAVAILABLE" });
    expect(error.message).toContain("54321");
    expect(error.next).toContain("useradd");
  });
});
