import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

  it("names its holder from its first moment on, and leaves nothing else behind", async () => {
    const script = `
      import { readFileSync } from "node:fs";
      let seen = "";
      while (!seen.includes("done")) {
        try { seen = readFileSync(${JSON.stringify(path())}, "utf8"); } catch { continue; }
        if (seen === "") { console.log("empty"); break; }
      }`;
    const reader = spawn(process.execPath, ["--input-type=module", "-e", script]);
    const said: Buffer[] = [];
    reader.stdout.on("data", (piece: Buffer) => said.push(piece));
    const ended = once(reader, "exit");
    for (let i = 0; i < 500; i++) lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(`${path()}.last`, "done");
    renameSync(`${path()}.last`, path());
    await ended;
    expect(Buffer.concat(said).toString()).toBe("");
  });

  it("says that the folder cannot be written", () => {
    expect(() => lockFolder(join(folder, "missing"))).toThrow(unavailable);
  });
});
