import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "./folder-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (): string => join(folder, "lock");
const unavailable = expect.objectContaining({ code: "DATA_FOLDER_UNAVAILABLE" });

describe("lockFolder", () => {
  it("is held until released, and names its holder", () => {
    const release = lockFolder(folder);
    expect(readFileSync(path(), "utf8")).toMatch(new RegExp(`^${process.pid} `));
    expect(() => lockFolder(folder)).toThrow(unavailable);
    expect(() => lockFolder(folder)).toThrow(`process ${process.pid} uses it`);
    release();
    expect(existsSync(path())).toBe(false);
    lockFolder(folder)();
  });

  it.each(["", "garbage", "999999999 5", `${process.pid} 5`, `${process.pid}`])(
    "takes over a lock that says %j: no such process holds it",
    (content) => {
      writeFileSync(path(), content);
      lockFolder(folder)();
    },
  );

  it("says that the folder cannot be written", () => {
    expect(() => lockFolder(join(folder, "missing"))).toThrow(unavailable);
  });
});
