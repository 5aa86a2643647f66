import { existsSync } from "node:fs";
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromHex, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { stopEmbedded } from "../store/embedded.ts";
import { randomFill } from "./crypto.ts";

/** Where everything of a deployment lies. */
export interface DataFolder {
  readonly path: string;
  readonly postgres: string;
  readonly localnet: string;
  readonly keys: string;
  /** Of exact places: apart, so that it can be left out of copies. */
  readonly placeKeys: string;
  readonly exports: string;
}

export async function openDataFolder(path: string): Promise<DataFolder> {
  const folder: DataFolder = {
    path,
    postgres: join(path, "postgres"),
    localnet: join(path, "localnet"),
    keys: join(path, "keys"),
    placeKeys: join(path, "place-keys"),
    exports: join(path, "exports"),
  };
  try {
    // PostgreSQL may run as another account, which must be able to pass through; what is secret has its own mode.
    await makeFolder(path);
    await mkdir(folder.keys, { recursive: true, mode: 0o700 });
    await mkdir(folder.placeKeys, { recursive: true, mode: 0o700 });
    await mkdir(folder.exports, { recursive: true });
    await mkdir(folder.localnet, { recursive: true, mode: 0o700 });
    for (const secret of [folder.keys, folder.placeKeys, folder.localnet]) await chmod(secret, 0o700);
  } catch (error) {
    const problem = (error as Error).message;
    throw earnestError(
      "DATA_FOLDER_UNAVAILABLE",
      { path, problem, mend: "Choose another with --data." },
      { cause: error },
    );
  }
  return folder;
}

/**
 * Everything in the folder, gone: the next start is the first one.
 *
 * @throws DATA_FOLDER_UNAVAILABLE where another process uses it.
 */
export async function clearDataFolder(folder: DataFolder, log: (line: string) => void): Promise<void> {
  const { postgres, localnet, keys, placeKeys, exports, path } = folder;
  await stopEmbedded({ folder: postgres, log });
  for (const each of [
    postgres,
    localnet,
    keys,
    placeKeys,
    exports,
    join(path, "attestors"),
    join(path, "credentials.json"),
    join(path, "demonstration.json"),
  ]) {
    await rm(each, { recursive: true, force: true });
  }
}

/** Node's own recursive mkdir never returns where the system refuses below a folder that exists, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<void> => mkdir(path, { mode: 0o755 });
  await make().catch(async (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  });
}

/** A 32-byte seed that is made at the first start and kept in a file of mode 600. */
export async function keptSeed({ keys }: DataFolder, name: string): Promise<Uint8Array> {
  const path = join(keys, `${name}.key`);
  if (!existsSync(path)) await createPrivately(path, `${toHex(randomFill(32))}\n`);
  const seed = fromHex((await readFile(path, "utf8")).trim());
  if (seed.length !== 32)
    throw earnestError("MALFORMED_BYTES", { what: `key in ${name}.key`, length: seed.length, expected: 32 });
  return seed;
}

/** Whole or not at all, and readable by its owner only. */
export async function writePrivately(path: string, text: string): Promise<void> {
  const temporary = `${path}.${toHex(randomFill(6))}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}

/** Like `writePrivately`, but the first of two processes wins. */
async function createPrivately(path: string, text: string): Promise<void> {
  const temporary = `${path}.${toHex(randomFill(6))}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await link(temporary, path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  await rm(temporary);
}
