import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes the names in a folder durable; where the system cannot (Windows), renaming is durable enough by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** After a crash at any instant the path holds the old content or the new, whole. */
export async function writeFileDurably(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  const temporary = `${path}.new`;
  const handle = await open(temporary, "w", 0o600);
  try {
    for await (const chunk of chunks) await handle.appendFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** The same bytes, no longer a Buffer: slices of a Buffer are no copies, and one kept would keep a whole file in memory. */
export const plain = (buffer: Buffer): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
