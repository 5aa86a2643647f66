import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { useTempFolders } from "../testing-folder.ts";
import { withFolderLock } from "./folder-lock.ts";
import { isRunning, processFacts, signal } from "./processes.ts";
import { liveUsers, registerUser } from "./users.ts";

const tempFolder = useTempFolders();
const lockPath = async (): Promise<string> => join(await tempFolder(), "lock");

/** The number of a process that has just ended. */
const deadPid = (): number => Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));

describe("the lock of a folder", () => {
  it("lets one in at a time", async () => {
    const path = await lockPath();
    let inside = 0;
    let most = 0;
    const visits = Array.from({ length: 20 }, () =>
      withFolderLock(path, async () => {
        most = Math.max(most, ++inside);
        await sleep(2);
        inside--;
      }),
    );
    await Promise.all(visits);
    expect(most).toBe(1);
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it("is left when the work fails", async () => {
    const path = await lockPath();
    await expect(withFolderLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withFolderLock(path, async () => "yes")).toBe("yes");
  });

  it("is inherited by exactly one at a time from a holder that died", async () => {
    const path = await lockPath();
    await writeFile(path, `${deadPid()} 12345 abc`);
    let inside = 0;
    const visits = Array.from({ length: 10 }, () =>
      withFolderLock(path, async () => {
        expect(++inside).toBe(1);
        await sleep(1);
        inside--;
      }),
    );
    await Promise.all(visits);
  });

  it("is not held by another process that has the dead one's number", async () => {
    const path = await lockPath();
    await writeFile(path, `${process.pid} 1 abc`);
    expect(await withFolderLock(path, () => readFile(path, "utf8"))).toContain(`${process.pid} `);
  });

  it("waits for a holder that lives", async () => {
    const path = await lockPath();
    const order: string[] = [];
    const first = withFolderLock(path, async () => {
      await sleep(60);
      order.push("first");
    });
    await sleep(10);
    await withFolderLock(path, async () => order.push("second"));
    await first;
    expect(order).toEqual(["first", "second"]);
  });

  it("survives somebody who died while inheriting", async () => {
    const path = await lockPath();
    await writeFile(path, `${deadPid()} 12345 abc`);
    await writeFile(`${path}.takeover`, "1");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${path}.takeover`, longAgo, longAgo);
    expect(await withFolderLock(path, async () => "in")).toBe("in");
  });

  it("of a folder that is not there fails", async () => {
    await expect(withFolderLock(join(await tempFolder(), "no", "lock"), async () => 1)).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});

describe("users of a server", () => {
  it("count while their process lives", async () => {
    const folder = join(await tempFolder(), "users");
    expect(await liveUsers(folder)).toEqual([]);
    await registerUser(folder);
    await registerUser(folder);
    await writeFile(join(folder, `${deadPid()}-1`), "12345");
    await writeFile(join(folder, `${process.pid}-999`), "of an earlier process with my number");
    expect(await liveUsers(folder)).toEqual([process.pid, process.pid]);
    expect(await readdir(folder)).toHaveLength(2);
  });
});

describe("processes", () => {
  it("are told apart by their start, and gone when they ended", () => {
    expect(processFacts(process.pid)?.startedAt).toMatch(/^\S+$/);
    expect(processFacts(process.pid)?.startedAt).not.toBe(processFacts(1)?.startedAt);
    const dead = deadPid();
    expect(isRunning(dead)).toBe(false);
    expect(signal(dead, "SIGINT")).toBe(false);
    for (const nonsense of [0, -1, Number.NaN, 1.5]) expect(isRunning(nonsense)).toBe(false);
  });

  it.skipIf(process.platform !== "linux")("count as gone when they are zombies", async () => {
    // The shell's child ends, while the program that took the shell's place never asks for it.
    const parent = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 30"], { stdio: ["ignore", "pipe", "ignore"] });
    const [shown] = await once(parent.stdout, "data");
    await sleep(100);
    const pid = Number(shown);
    expect(process.kill(pid, 0)).toBe(true);
    expect(isRunning(pid)).toBe(false);
    parent.kill();
  });
});
