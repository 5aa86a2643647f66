import { readFile } from "node:fs/promises";
import { type EpochLeaves, type LeafFileHeader, readLeafFile } from "../../core/commit/leaf-file.ts";
import { fileError } from "../files.ts";

export interface LeafFile {
  readonly header: LeafFileHeader;
  readonly leaves: EpochLeaves;
}

/** @throws MALFORMED_ENCODING where it is no leaf file; FILE_NOT_FOUND, MALFORMED_FILE */
export async function readLeaves(path: string): Promise<LeafFile> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(path));
  } catch (error) {
    throw fileError(path, error);
  }
  return readLeafFile([bytes]);
}
