import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Kind, Vector } from "../../verification/kinds/kind.ts";
import { readKind, readVectors } from "../../verification/kinds/read-kind.ts";
import { fileError, readTextFile } from "../files.ts";

/** Where the kinds that come along are; a file that is added there is one of them. */
const shippedFolder = fileURLToPath(new URL("../../../kinds/", import.meta.url));
const bytesMax = 4_000_000;
const vectorsEnding = ".vectors.json";

export async function shippedKinds(folder: string = shippedFolder): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.endsWith(vectorsEnding));
  return names.map((name) => name.slice(0, -".json".length)).sort();
}

/**
 * The file of a kind: one of those that come along by its name, or any by its path.
 *
 * @throws KIND_NOT_FOUND
 */
export async function kindFile(kind: string, path: string, folder: string = shippedFolder): Promise<string> {
  const shipped = await shippedKinds(folder);
  if (shipped.includes(kind)) return join(folder, `${kind}.json`);
  if (kind.endsWith(".json")) return path;
  throw earnestError("KIND_NOT_FOUND", { kind, known: shipped.join(", ") });
}

/** @throws MALFORMED_FILE, MALFORMED_KIND */
export const loadKind = async (file: string): Promise<Kind> => readKind(await readJsonFile(file));

/** Where the vectors of a kind's file are: `label.vectors.json` for `label.json`. */
export const vectorsBeside = (file: string): string => `${file.slice(0, -".json".length)}${vectorsEnding}`;

/** @throws MALFORMED_FILE, MALFORMED_KIND */
export const loadVectors = async (file: string): Promise<readonly Vector[]> => readVectors(await readJsonFile(file));

/** @throws MALFORMED_FILE */
export async function readJsonFile(path: string): Promise<Json> {
  const text = await readTextFile(path, bytesMax).catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw earnestError("MALFORMED_FILE", { path, problem: `it is not JSON (${(cause as Error).message})` }, { cause });
  }
}
