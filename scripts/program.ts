import { writeFileSync } from "node:fs";
import { buildProgram, hashFile, hashLine, programFile, programSource, sha256Hex } from "./program/build.ts";
import { compilerMissing, compilerVersion } from "./program/compile.ts";

/** `npm run program:build`: program/*.c becomes program/earnest.so, and its hash. */
const version = compilerVersion();
if (version === undefined) {
  console.error(compilerMissing);
  process.exitCode = 1;
} else {
  const program = buildProgram(programSource);
  writeFileSync(programFile, program);
  writeFileSync(hashFile, hashLine(program));
  console.log(`${programFile}: ${program.length} bytes, sBPF v3, sha256 ${sha256Hex(program)}\n(${version})`);
}
