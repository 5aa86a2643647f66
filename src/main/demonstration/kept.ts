import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writePrivately } from "../folder.ts";
import type { SubmitToPaid } from "./payment-clock.ts";

/**
 * What a demonstration remembers between starts, by the recording's key; `judge` is the market for visitors, `machines`
 * and `people` are those of machines/play.ts.
 */
export interface KeptMarket {
  readonly market: string;
  /** The deposit's transaction: sent once, credited once. */
  readonly deposit: string | null;
  readonly submitToPaidMs: SubmitToPaid | null;
  /** What its own contributors answered, by the hash of the body in hexadecimal: the log shows no more than that. */
  readonly answers?: Readonly<Record<string, string>>;
}

export class Kept {
  readonly #path: string;
  readonly #markets: Map<string, KeptMarket>;

  private constructor(path: string, markets: Map<string, KeptMarket>) {
    this.#path = path;
    this.#markets = markets;
  }

  static async open(folder: string): Promise<Kept> {
    const path = join(folder, "demonstration.json");
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "{}";
      throw error;
    });
    return new Kept(path, new Map(Object.entries(JSON.parse(text) as Record<string, KeptMarket>)));
  }

  get(key: string): KeptMarket | undefined {
    return this.#markets.get(key);
  }

  async set(key: string, market: KeptMarket): Promise<void> {
    this.#markets.set(key, market);
    await this.#write();
  }

  /** To be kept before it is sent: a start that is cut short in between has kept an answer that the log lacks. */
  async keepAnswer(market: string, bodyHash: string, answer: string): Promise<void> {
    for (const [key, known] of this.#markets) {
      if (known.market !== market) continue;
      await this.set(key, { ...known, answers: { ...known.answers, [bodyHash]: answer } });
    }
  }

  /** The answers to a market that were kept, by the hash of their body. */
  answers(market: string): ReadonlyMap<string, string> {
    const known = [...this.#markets.values()].filter((each) => each.market === market);
    return new Map(known.flatMap(({ answers = {} }) => Object.entries(answers)));
  }

  async #write(): Promise<void> {
    await writePrivately(this.#path, `${JSON.stringify(Object.fromEntries(this.#markets), null, 2)}\n`);
  }
}
