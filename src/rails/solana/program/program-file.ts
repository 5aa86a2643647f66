import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Address } from "@solana/kit";
import { earnestError } from "../../../core/errors.ts";

/** Where every localnet has the escrow program. Nobody has its key, and nobody needs it: localnet has it from genesis. */
export const localnetProgram = "EarnestEscrow1111111111111111111111111111111" as Address;

export const sha256Hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export interface ProgramFile {
  /** The ELF file that is deployed. */
  readonly bytes: Uint8Array;
  /** Of `bytes`, in hexadecimal: what attestors pin. */
  readonly sha256: string;
}

/** The package's folder of the program: as far up from the sources as from what is compiled of them. */
const packaged = new URL("../../../../program/", import.meta.url);

/**
 * The escrow program as the package ships it.
 *
 * @throws PROGRAM_FILE_MISMATCH where it is not what its hash says
 */
export function readProgramFile(folder: URL = packaged): ProgramFile {
  const bytes = new Uint8Array(readFileSync(new URL("earnest.so", folder)));
  const [expected = ""] = readFileSync(new URL("earnest.so.sha256", folder), "utf8").split(/\s/);
  const sha256 = sha256Hex(bytes);
  if (sha256 !== expected) throw earnestError("PROGRAM_FILE_MISMATCH", { found: sha256, expected });
  return { bytes, sha256 };
}
