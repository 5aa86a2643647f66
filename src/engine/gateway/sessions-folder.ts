import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MarketId } from "../../core/market-id.ts";
import type { Ended, SessionReceipt } from "./session.ts";

/** What a gateway keeps on disk: for each session its WARC file, index and receipt, whole or not at all. */
export class SessionsFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(path: string): Promise<SessionsFolder> {
    await mkdir(join(path, "pending"), { recursive: true, mode: 0o700 });
    return new SessionsFolder(path);
  }

  /** The receipt comes last: where it is, the session is over and on disk. */
  async write({ receipt, warc, index }: Ended): Promise<void> {
    const { market, slot } = receipt;
    const folder = join(this.#path, market);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeDurably(join(folder, receipt.warc), warc);
    await writeDurably(join(folder, `${slot}.cdxj`), index);
    await writeDurably(join(this.#path, "pending", `${market}-${slot}`), "");
    await writeDurably(join(folder, `${slot}.json`), `${JSON.stringify(receipt)}\n`);
  }

  /** Null where the session is not over. */
  async receipt(market: MarketId, slot: string): Promise<SessionReceipt | null> {
    try {
      return JSON.parse(await readFile(join(this.#path, market, `${slot}.json`), "utf8")) as SessionReceipt;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** Sessions that have not been measured into their market's log. */
  async pending(): Promise<readonly { readonly market: MarketId; readonly slot: string }[]> {
    const names = await readdir(join(this.#path, "pending"));
    return names.flatMap((name) => {
      const [market, slot] = name.split("-");
      return market === undefined || slot === undefined || slot.endsWith(".tmp")
        ? []
        : [{ market: market as MarketId, slot }];
    });
  }

  async measured(market: MarketId, slot: string): Promise<void> {
    await rm(join(this.#path, "pending", `${market}-${slot}`), { force: true });
  }
}

/** Whole and on the disk, or not there. */
async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
