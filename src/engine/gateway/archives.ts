import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { MarketId } from "../../core/market-id.ts";
import { formatSlot, parseSlot, type Slot, slotKey } from "../../core/slot.ts";
import type { SessionReceipt } from "./session.ts";

export const archiveParts = ["warc", "index", "receipt"] as const;
export type ArchivePart = (typeof archiveParts)[number];

/** What is kept of a session, for the requester who asked for its pages. */
export interface ArchivedSession {
  readonly slot: Slot;
  readonly node: string;
  readonly pages: number;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly warcBytes: number;
  readonly warcDigest: string;
}

export interface ArchiveFile {
  readonly name: string;
  readonly bytes: number;
  readonly content: Readable;
}

export interface Archives {
  /** In order of the slots, those after that one. */
  list(market: MarketId, after: Slot | null, limit: number): Promise<readonly ArchivedSession[]>;
  /** Null where there is none. */
  open(market: MarketId, slot: Slot, part: ArchivePart): Promise<ArchiveFile | null>;
}

/** Where no gateway runs. */
export const noArchives: Archives = { list: () => Promise.resolve([]), open: () => Promise.resolve(null) };

/** What gateways wrote into a folder: a session is there once its receipt is. */
export const archivesIn = (path: string): Archives => ({
  async list(market, after, limit) {
    const names = await readdir(join(path, market)).catch(nothing);
    const slots = (names ?? [])
      .flatMap((name) => (/^\d+\.\d+\.json$/.test(name) ? [parseSlot(name.slice(0, -".json".length))] : []))
      .sort((a, b) => slotKey(a) - slotKey(b))
      .filter((slot) => after === null || slotKey(slot) > slotKey(after))
      .slice(0, limit);
    return await Promise.all(slots.map((slot) => sessionOf(join(path, market), slot)));
  },

  async open(market, slot, part) {
    const text = formatSlot(slot);
    const name = { warc: `${market}-${text}.warc.gz`, index: `${text}.cdxj`, receipt: `${text}.json` }[part];
    const [receipt, file] = await Promise.all(
      [`${text}.json`, name].map((each) => stat(join(path, market, each)).catch(nothing)),
    );
    if (!receipt || !file) return null;
    return { name, bytes: file.size, content: createReadStream(join(path, market, name)) };
  },
});

async function sessionOf(folder: string, slot: Slot): Promise<ArchivedSession> {
  const text = await readFile(join(folder, `${formatSlot(slot)}.json`), "utf8");
  const { node, pages, startedMs, endedMs, warc, warcDigest } = JSON.parse(text) as SessionReceipt;
  const { size } = await stat(join(folder, warc));
  return { slot, node, pages: pages.length, startedMs, endedMs, warcBytes: size, warcDigest };
}

function nothing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
  throw error;
}
