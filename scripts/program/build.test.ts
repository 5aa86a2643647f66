import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/cli.ts";
import { buildProgram, hashFile, hashLine, programFile, programSource } from "./build.ts";
import { buildWithSdk, compileAsSdk, compilerMissing, compilerVersion, sdkFolder } from "./compile.ts";
import { readObject } from "./elf-object.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const hasCompiler = compilerVersion() !== undefined;

describe("the program in git", () => {
  const committed = readFileSync(root + programFile);

  it("is the one whose hash is beside it", () => {
    expect(readFileSync(root + hashFile, "utf8")).toBe(hashLine(committed));
  });

  it.runIf(hasCompiler)("is what its source compiles to, byte for byte", () => {
    expect(Buffer.from(buildProgram(root + programSource)).equals(committed)).toBe(true);
  });

  it.runIf(hasCompiler)("calls the same system calls by number, as the platform tools' linker needs it", () => {
    expect(Buffer.from(buildProgram(root + programSource, ["SOL_SBPFV3"])).equals(committed)).toBe(true);
  });

  it.runIf(hasCompiler)("compiles with the SDK's flags to what the platform tools' linker script keeps", () => {
    const object = join(temporaryFolder(), "earnest.o");
    compileAsSdk(root + programSource, object);
    const { sections, symbols, relocations } = readObject(readFileSync(object));
    const loaded = sections.filter(({ isLoaded, size }) => isLoaded && size > 0);
    // What the script throws away must not be there: writable data, and data without bytes.
    for (const { name } of loaded) expect(name).toMatch(/^\.(text|rodata)/);
    expect(loaded.filter(({ isWritable }) => isWritable)).toEqual([]);
    // Code is in one section that begins with the entry, and calls the runtime by number: but for the source's own, no
    // name is left to be found.
    const [code, ...more] = loaded.filter(({ isCode }) => isCode);
    expect(more).toEqual([]);
    expect(symbols.filter(({ name }) => name === "entrypoint")).toEqual([
      { name: "entrypoint", section: code, value: 0 },
    ]);
    expect(symbols.filter(({ name, section }) => !/^$|\.c$/.test(name) && section === undefined)).toEqual([]);
    // All that is left to the linker are addresses of constants.
    const loads = 1;
    for (const { type, target, symbol } of relocations) {
      expect([type, target, symbol.section?.name]).toEqual([loads, code, expect.stringMatching(/^\.rodata/)]);
    }
  });

  it.runIf(sdkFolder !== null)("builds with the platform tools for version 3", () => {
    const folder = temporaryFolder();
    const program = join(folder, "earnest.so");
    buildWithSdk(sdkFolder as string, root + programSource, join(folder, "earnest.o"), program);
    const built = readFileSync(program);
    expect([built.toString("latin1", 1, 4), built.readUInt32LE(48)]).toEqual(["ELF", 3]);
  });

  it.skipIf(sdkFolder !== null)(
    "was not built with the platform tools: EARNEST_SBF_SDK names no SDK here",
    () => undefined,
  );

  it.skipIf(hasCompiler)(`could not be rebuilt here: ${compilerMissing}`, () => undefined);
});
