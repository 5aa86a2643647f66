import { link, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "../core/bytes.ts";
import { marketId } from "../core/market-id.ts";
import type { PlaceKeyId, PlaceKeys } from "../engine/places/place-keys.ts";
import { randomFill } from "./crypto.ts";

const keyBytes = 32;
const fileName = /^([0-9a-f]{32})-(\d{1,6})\.key$/;

/** A file of mode 600 for each key, in a folder that all processes of a network share. */
export function placeKeysIn(folder: string): PlaceKeys {
  const pathOf = ({ market, day }: PlaceKeyId): string => join(folder, `${market}-${day}.key`);
  /** The key that is written under: one for each market, as long as its day lasts. */
  const latest = new Map<string, { readonly day: number; readonly key: Promise<Uint8Array> }>();

  const read = async (id: PlaceKeyId): Promise<Uint8Array | null> => {
    try {
      const key = await readFile(pathOf(id));
      return key.length === keyBytes ? key : null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  };

  /** Synced before it has its name: what is sealed under it is worth nothing without it. The first of two processes wins. */
  const create = async (id: PlaceKeyId): Promise<Uint8Array> => {
    const known = await read(id);
    if (known !== null) return known;
    const temporary = join(folder, `${toHex(randomFill(6))}.tmp`);
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(randomFill(keyBytes));
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, pathOf(id)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    });
    await rm(temporary);
    await syncFolder(folder);
    return (await read(id)) as Uint8Array;
  };

  return {
    async make(id) {
      const known = latest.get(id.market);
      if (known?.day === id.day) return await known.key;
      const key = create(id);
      latest.set(id.market, { day: id.day, key });
      // What failed is tried again.
      key.catch(() => latest.delete(id.market));
      return await key;
    },
    find: read,
    async all() {
      const found = (await readdir(folder)).map((name) => fileName.exec(name));
      return found.flatMap((each) =>
        each === null ? [] : [{ market: marketId(each[1] ?? ""), day: Number(each[2]) }],
      );
    },
    /** Overwritten first: a name that is gone is not yet a key that is. */
    async forget(id) {
      const file = await open(pathOf(id), "r+").catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      });
      if (file === undefined) return;
      try {
        await file.write(new Uint8Array(keyBytes), 0, keyBytes, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await rm(pathOf(id), { force: true });
      await syncFolder(folder);
    },
  };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
