import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { earnestError } from "../../core/errors.ts";
import { useTempFolders } from "../testing-folder.ts";
import type { Account } from "./account.ts";
import { explain, folderError, tailOf, unreachablePart } from "./failures.ts";

const tempFolder = useTempFolders();
const stranger: Account = { name: "somebody", uid: 43_210, gid: 43_210, switchTo: {} };
const isRoot = process.getuid?.() === 0;

describe("what PostgreSQL printed becomes one line", () => {
  it.each([
    [
      "2026-11-21 06:24:47.074 UTC [1] LOG:  starting\n2026-11-21 06:24:47.074 UTC [1] FATAL:  lock file is empty.\nHINT:  x\n",
      "DATABASE_START_UNAVAILABLE",
      "lock file is empty",
    ],
    ['initdb: error: program "postgres" is needed\n', "DATABASE_START_UNAVAILABLE", 'program "postgres" is needed'],
    ["", "DATABASE_START_UNAVAILABLE", "without a word"],
    ["FATAL:  could not extend file: No space left on device\nPANIC:  abort", "DISK_FULL_EXCEEDED", "is full"],
    ["FATAL:  could not extend file: wrote only 4096\nHINT:  Check free disk space.", "DISK_FULL_EXCEEDED", "is full"],
    ['FATAL:  data directory "/x" has wrong ownership', "DATA_FOLDER_UNAVAILABLE", "wrong ownership"],
    ["initdb: error: could not access directory: Permission denied", "DATA_FOLDER_UNAVAILABLE", "Permission denied"],
  ])("%s", (output, code, part) => {
    const error = explain(output, "/", stranger);
    expect(error.code).toBe(code);
    expect(error.message).toContain(part);
    expect(error.message).not.toContain("\n");
  });
});

describe("what the file system says", () => {
  it.each([
    ["EACCES", "DATA_FOLDER_UNAVAILABLE", "permission denied at /data/x"],
    ["EROFS", "DATA_FOLDER_UNAVAILABLE", "read-only"],
    ["ENOTDIR", "DATA_FOLDER_UNAVAILABLE", "not a folder"],
    ["ENOSPC", "DISK_FULL_EXCEEDED", "/data"],
  ])("%s becomes %s", (code, expected, part) => {
    const mapped = folderError(Object.assign(new Error("oh"), { code, path: "/data/x" }), "/data");
    expect(mapped).toMatchObject({ code: expected, message: expect.stringContaining(part) });
  });

  it("leaves everything else as it is", () => {
    for (const error of [new TypeError("a bug"), earnestError("INTERNAL", { requestId: "1" })]) {
      expect(folderError(error, "/data")).toBe(error);
    }
  });
});

describe("the part of a path an account cannot enter", () => {
  it("is the outermost closed folder", async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, "closed", "inner"), { recursive: true });
    await chmod(join(folder, "closed"), 0o700);
    expect(unreachablePart(folder, stranger)).toBeUndefined();
    expect(unreachablePart(join(folder, "closed", "inner"), stranger)).toBe(join(folder, "closed"));
    expect(unreachablePart(join(folder, "not", "there"), stranger)).toBeUndefined();
  });

  it.skipIf(!isRoot)("hangs on whether the account owns it or is of its group", async () => {
    const folder = await tempFolder();
    await chmod(folder, 0o710);
    expect(unreachablePart(folder, stranger)).toBe(folder);
    await chown(folder, 0, stranger.gid);
    expect(unreachablePart(folder, stranger)).toBeUndefined();
    await chown(folder, stranger.uid, 0);
    expect(unreachablePart(folder, stranger)).toBeUndefined();
  });

  it("is found for a server that cannot start, whatever it printed", async () => {
    const closed = await tempFolder(0o700);
    await mkdir(join(closed, "data"));
    expect(explain("Aborted", join(closed, "data"), stranger)).toMatchObject({
      code: "DATA_FOLDER_UNAVAILABLE",
      next: expect.stringContaining(`chmod o+x '${closed}'`),
    });
  });
});

describe("the end of a log", () => {
  it("is what came since, at most 8 kB, and nothing where there is no log", async () => {
    const path = join(await tempFolder(), "log");
    expect(tailOf(path, 0)).toBe("");
    await writeFile(path, "before|after");
    expect(tailOf(path, 7)).toBe("after");
    expect(tailOf(path, 100)).toBe("");
    await writeFile(path, "x".repeat(20_000));
    expect(tailOf(path, 0)).toHaveLength(8192);
  });
});
