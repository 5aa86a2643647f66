import type { Address } from "@solana/kit";
import { concatBytes, fromBase58, toBase58 } from "../../../core/bytes.ts";
import { derivedAddress } from "./derived-addresses.ts";

/**
 * How the upgradeable loader (loader-v3) keeps a program: its account only names another one, which holds, behind the
 * slot of the deployment and the authority that may change it, the ELF file, with zeros behind where it once was longer.
 */
export const upgradeableLoader = "BPFLoaderUpgradeab1e11111111111111111111111" as Address;

export const programDataAddress = (program: Address): Address =>
  derivedAddress(upgradeableLoader, [fromBase58(program)]);

/** The content of the program's account: state 2, then the address of the account with the code. */
export const programAccountData = (program: Address): Uint8Array =>
  concatBytes(Uint8Array.of(2, 0, 0, 0), fromBase58(programDataAddress(program)));

const headerBytes = 45;

/** The content of the account with the code, which nobody can change: state 3, slot 0, no authority. */
export function programDataAccountData(elf: Uint8Array): Uint8Array {
  const header = new Uint8Array(headerBytes);
  header[0] = 3;
  return concatBytes(header, elf);
}

export interface DeployedProgram {
  /** With the zeros behind it, where the account is larger. */
  readonly elf: Uint8Array;
  /** Who may replace the program; null where nobody can. */
  readonly authority: Address | null;
}

/** Null where this is no account with a program's code. */
export function readProgramData(data: Uint8Array): DeployedProgram | null {
  if (data.length < headerBytes || data[0] !== 3) return null;
  const authority = data[12] === 1 ? (toBase58(data.subarray(13, headerBytes)) as Address) : null;
  return { elf: data.subarray(headerBytes), authority };
}
