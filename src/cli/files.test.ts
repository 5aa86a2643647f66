import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/cli.ts";
import { readTextFile, WholeFile, writeFileWhole } from "./files.ts";
import { pieceBytes, readLines } from "./lines.ts";

function fileWith(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, content);
  return path;
}

async function linesOf(path: string, bytesMax?: number): Promise<[number, string][]> {
  const lines: [number, string][] = [];
  for await (const { number, bytes } of readLines(path, bytesMax)) lines.push([number, Buffer.from(bytes).toString()]);
  return lines;
}

describe("a text file", () => {
  it("is read as a whole, without its mark", async () => {
    expect(await readTextFile(fileWith("\uFEFFhéllo\n"), 100)).toBe("héllo\n");
    expect(await readTextFile(fileWith(""), 0)).toBe("");
  });

  it("may be as large as allowed, and no byte larger", async () => {
    expect(await readTextFile(fileWith("x".repeat(100)), 100)).toHaveLength(100);
    await expect(readTextFile(fileWith("x".repeat(101)), 100)).rejects.toMatchObject({ code: "FILE_SIZE_EXCEEDED" });
  });

  it.each([
    ["a zero byte", new Uint8Array([65, 0, 65]), "binary"],
    ["a broken character", new Uint8Array([0xc3, 0x28]), "UTF-8"],
    ["half a character at its end", new Uint8Array([65, 0xe2, 0x82]), "UTF-8"],
  ])("with %s is refused", async (_, content, problem) => {
    await expect(readTextFile(fileWith(content), 100)).rejects.toThrow(problem);
  });

  it("that is a folder, a broken link, below a file", async () => {
    const folder = temporaryFolder();
    symlinkSync("nowhere", join(folder, "link"));
    writeFileSync(join(folder, "file"), "");
    await expect(readTextFile(folder, 100)).rejects.toMatchObject({ code: "MALFORMED_FILE" });
    await expect(readTextFile(join(folder, "link"), 100)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(readTextFile(join(folder, "file", "x"), 100)).rejects.toMatchObject({ code: "MALFORMED_FILE" });
  });

  it.runIf(process.platform === "linux")("that never ends is read up to the limit", async () => {
    await expect(readTextFile("/dev/zero", 1_000)).rejects.toMatchObject({ code: "FILE_SIZE_EXCEEDED" });
  });
});

describe("a file that is written as a whole", () => {
  it("is there once it is finished, and not before", async () => {
    const folder = temporaryFolder();
    const file = await WholeFile.create(join(folder, "out"));
    await file.write("one\n");
    expect(readdirSync(folder)).not.toContain("out");
    await file.write(new TextEncoder().encode("two\n"));
    await file.finish();
    expect(readFileSync(join(folder, "out"), "utf8")).toBe("one\ntwo\n");
    expect(readdirSync(folder)).toEqual(["out"]);
  });

  it("leaves nothing where it is discarded", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "out"), "old");
    const file = await WholeFile.create(join(folder, "out"));
    await file.write("new");
    await file.discard();
    expect(readdirSync(folder)).toEqual(["out"]);
    expect(readFileSync(join(folder, "out"), "utf8")).toBe("old");
  });

  it("says where it cannot be", async () => {
    const folder = temporaryFolder();
    await expect(WholeFile.create(join(folder, "no", "out"))).rejects.toThrow("its folder is not there");
    mkdirSync(join(folder, "out"));
    const file = await WholeFile.create(join(folder, "out"));
    await expect(file.finish()).rejects.toMatchObject({ code: "MALFORMED_FILE" });
    await expect(writeFileWhole(join(folder, "out"), "x")).rejects.toMatchObject({ code: "MALFORMED_FILE" });
  });

  it("writes much more than fits into a buffer, in order", async () => {
    const folder = temporaryFolder();
    const file = await WholeFile.create(join(folder, "out"));
    for (let i = 0; i < 20_000; i++) await file.write(`${i} ${"x".repeat(100)}\n`);
    await file.finish();
    const lines = readFileSync(join(folder, "out"), "utf8").split("\n");
    expect([lines.length, lines[19_999]?.split(" ")[0]]).toEqual([20_001, "19999"]);
  });
});

describe("lines", () => {
  it("are counted from 1, blank ones too, though they are not given", async () => {
    expect(await linesOf(fileWith("a\n\n \r\nb\r\nc"))).toEqual([
      [1, "a"],
      [4, "b\r"],
      [5, "c"],
    ]);
    expect(await linesOf(fileWith(""))).toEqual([]);
  });

  it("are the same wherever the pieces of the file end", async () => {
    const texts = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), { maxLength: 30 });
    await fc.assert(
      // A piece ends within the texts.
      fc.asyncProperty(texts, fc.integer({ min: pieceBytes - 1_000, max: pieceBytes }), async (given, filler) => {
        const clean = ["x".repeat(filler + 1), ...given.map((text) => `y${text.replaceAll("\n", "")}`)];
        expect((await linesOf(fileWith(clean.join("\n")))).map(([, text]) => text)).toEqual(
          clean.map((text) => Buffer.from(text).toString()),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("longer than allowed are refused before they fill the memory", async () => {
    const path = fileWith(`short\n${"x".repeat(300_000)}`);
    await expect(linesOf(path, 100_000)).rejects.toThrow("line 2 is longer than 100000 bytes");
    expect(await linesOf(path, 400_000)).toHaveLength(2);
  });
});
