import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keptSeed, openDataFolder, writePrivately } from "./folder.ts";

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), "earnest folder "));
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe("the data folder", () => {
  it("is made with its parents, and keeps what is secret to its owner", async () => {
    const folder = await openDataFolder(join(await temporary(), "a", "b"));
    expect(await modeOf(folder.keys)).toBe(0o700);
    expect(await modeOf(folder.localnet)).toBe(0o700);
  });

  it.each(["/proc/earnest", "/etc/passwd"])("says what is wrong with %s, and does not hang", async (path) => {
    await expect(openDataFolder(path)).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
  });

  it("keeps a seed, the same for everybody who asks at once", async () => {
    const folder = await openDataFolder(await temporary());
    const seeds = await Promise.all(Array.from({ length: 5 }, () => keptSeed(folder, "requester")));
    expect(new Set(seeds.map((seed) => Buffer.from(seed).toString("hex"))).size).toBe(1);
    expect(await modeOf(join(folder.keys, "requester.key"))).toBe(0o600);
  });

  it("refuses a damaged key instead of using it", async () => {
    const folder = await openDataFolder(await temporary());
    await writeFile(join(folder.keys, "signer.key"), "abcd\n");
    await expect(keptSeed(folder, "signer")).rejects.toMatchObject({ code: "MALFORMED_BYTES" });
  });

  it("replaces private files whole", async () => {
    const path = join(await temporary(), "file");
    await writePrivately(path, "one");
    await writePrivately(path, "two");
    expect([await readFile(path, "utf8"), await modeOf(path)]).toEqual(["two", 0o600]);
  });
});
