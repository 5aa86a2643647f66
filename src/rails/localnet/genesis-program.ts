import {
  programAccountData,
  programDataAccountData,
  programDataAddress,
  upgradeableLoader,
} from "../solana/program/deployed-program.ts";
import { localnetProgram, readProgramFile } from "../solana/program/program-file.ts";
import type { StoredAccount } from "./accounts.ts";

/** More than the rent of a program of a megabyte would be a tenth of. */
const lamports = 1_000_000_000n;

/**
 * The escrow program, there from genesis as a test validator has its `--upgradeable-program`: accounts of loader-v3 that
 * nobody can change. They are always those of this package, also in a folder that an older one wrote.
 */
export function genesisProgram(): [address: string, account: StoredAccount][] {
  const { bytes } = readProgramFile();
  const of = (data: Uint8Array, executable: boolean): StoredAccount => ({
    lamports,
    owner: upgradeableLoader,
    executable,
    data,
  });
  return [
    [programDataAddress(localnetProgram), of(programDataAccountData(bytes), false)],
    [localnetProgram, of(programAccountData(localnetProgram), true)],
  ];
}

export const genesisProgramLamports = 2n * lamports;
