import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { buildProgram, hashFile, hashLine, programFile, programSource } from "./build.ts";
import { compilerMissing, compilerVersion } from "./compile.ts";

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

  it.skipIf(hasCompiler)(`could not be rebuilt here: ${compilerMissing}`, () => undefined);
});
