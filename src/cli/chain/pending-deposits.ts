import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Amount, amount } from "../../core/amount.ts";
import { fromBase64, toBase64 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { lockFolder } from "../../rails/localnet/folder-lock.ts";
import type { Delivery, DeliveryState } from "../../rails/solana/escrow/deliveries.ts";
import type { Escrow } from "../../rails/solana/escrow/escrow.ts";
import { type Depositing, payIn } from "../../rails/solana/escrow/markets.ts";
import type { PoolAddresses } from "../../rails/solana/program/instructions.ts";
import { fileError, readTextFile } from "../files.ts";

/** A deposit that was asked for and is not credited yet. */
export interface PendingDeposit {
  readonly amount: Amount;
  readonly delivery: Delivery;
}

const bytesMax = 100_000;
const fileName = /^(\d{1,20})\.json$/;

/**
 * Deposits into one market's account that were begun, each in a file that only its owner may read, by its amount: who
 * asks for the same again goes on with it, and another amount is another deposit. One process has them at a time.
 *
 *     deposits/CLUSTER-ACCOUNT/AMOUNT.json
 */
export class PendingDeposits {
  readonly #folder: string;
  readonly #unlock: () => void;

  private constructor(folder: string, unlock: () => void) {
    this.#folder = folder;
    this.#unlock = unlock;
  }

  /** @throws DATA_FOLDER_UNAVAILABLE where another process has them, or the folder cannot be written */
  static async open(dataFolder: string, place: { cluster: string; account: string }): Promise<PendingDeposits> {
    const folder = join(dataFolder, "deposits", `${place.cluster}-${place.account}`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw fileError(folder, error);
    }
    return new PendingDeposits(folder, lockFolder(folder, "the deposit of process"));
  }

  close(): void {
    this.#unlock();
  }

  async list(): Promise<PendingDeposit[]> {
    const amounts = (await readdir(this.#folder)).flatMap((name) => fileName.exec(name)?.[1] ?? []);
    const found: PendingDeposit[] = [];
    for (const text of amounts) {
      const value = amount(BigInt(text));
      const delivery = await this.get(value);
      if (delivery !== null) found.push({ amount: value, delivery });
    }
    return found;
  }

  /** Null where no deposit of this amount is on its way. @throws MALFORMED_FILE */
  async get(value: Amount): Promise<Delivery | null> {
    const path = this.#path(value);
    const text = await readTextFile(path, bytesMax).catch((error: unknown) => {
      if ((error as { code?: string }).code === "FILE_NOT_FOUND") return null;
      throw error;
    });
    if (text === null) return null;
    const delivery = parseDelivery(text);
    if (delivery !== null) return delivery;
    const mend = "Look whether the market has the deposit (`earnest markets show`), and then move the file away.";
    throw earnestError("MALFORMED_FILE", { path, problem: "it is no deposit that was begun", mend });
  }

  /** Returns when it will be there after whatever happens. */
  async store(value: Amount, delivery: Delivery): Promise<void> {
    const path = this.#path(value);
    const beside = `${path}.${randomBytes(4).toString("hex")}.part`;
    try {
      const file = await open(beside, "wx", 0o600);
      try {
        await file.writeFile(deliveryText(delivery));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
      const folder = await open(this.#folder, "r");
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw fileError(path, error);
    }
  }

  async remove(value: Amount): Promise<void> {
    await rm(this.#path(value), { force: true });
  }

  #path(value: Amount): string {
    return join(this.#folder, `${value}.json`);
  }
}

/** Whether it never was made and never will be. */
export const isOff = ({ state }: Delivery): boolean => state === "expired" || state === "failed";

/**
 * Pays in, once: goes on with a deposit of the same amount where one was begun and may still land. Returns the
 * signature.
 *
 * @throws as `payIn`
 */
export async function payInOnce(
  escrow: Escrow,
  at: PoolAddresses,
  depositing: Depositing,
  pending: PendingDeposits,
): Promise<string> {
  const { amount: value } = depositing;
  const begun = await pending.get(value);
  const stored = begun === null || isOff(begun) ? null : begun;
  return await payIn(escrow, at, depositing, { stored, store: (delivery) => pending.store(value, delivery) });
}

const states: ReadonlySet<string> = new Set<DeliveryState>(["signed", "sent", "finalized", "failed", "expired"]);

function deliveryText({ state, transaction, expired }: Delivery): string {
  const { signature, wire, lastValidBlockHeight } = transaction;
  const shown = { signature, wire: toBase64(wire), lastValidBlockHeight: String(lastValidBlockHeight) };
  return `${JSON.stringify({ version: 1, state, transaction: shown, expired }, null, 2)}\n`;
}

function parseDelivery(text: string): Delivery | null {
  try {
    const { version, state, transaction, expired } = JSON.parse(text) as {
      readonly [name: string]: Json | undefined;
    };
    const { signature, wire, lastValidBlockHeight } = transaction as { readonly [name: string]: Json | undefined };
    const isWhole = version === 1 && typeof signature === "string" && states.has(state as string);
    if (!isWhole || !Array.isArray(expired)) return null;
    return {
      state: state as DeliveryState,
      transaction: {
        signature,
        wire: fromBase64(wire as string),
        lastValidBlockHeight: BigInt(lastValidBlockHeight as string),
      },
      expired: expired.map(String),
    };
  } catch {
    return null;
  }
}
