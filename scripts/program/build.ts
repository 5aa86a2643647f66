import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "./compile.ts";
import { link } from "./link.ts";

/** Within the repository. */
export const programSource = "program/earnest.c";
export const programFile = "program/earnest.so";
export const hashFile = "program/earnest.so.sha256";

/** Compiles and links a C file; leaves nothing behind. */
export function buildProgram(source: string, defines: readonly string[] = []): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "earnest-program-"));
  try {
    const object = join(folder, "program.o");
    compile(source, object, defines);
    return link(readFileSync(object));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const sha256Hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** As `sha256sum -c` reads it, in the folder of the file. */
export const hashLine = (bytes: Uint8Array): string => `${sha256Hex(bytes)}  earnest.so\n`;
