import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { base58 } from "@scure/base";
import { createKeyPairSignerFromPrivateKeyBytes, type KeyPairSigner } from "@solana/kit";
import { fromHex, toHex, toUtf8 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { StoredAccount } from "./accounts.ts";
import { systemProgram } from "./accounts.ts";
import { writeFileDurably } from "./files.ts";
import { genesisProgramLamports } from "./genesis-program.ts";
import type { Moment } from "./slots.ts";

export interface Genesis {
  /** Secret: the blockhashes and the faucet's key follow from it. */
  readonly seed: Uint8Array;
  readonly hash: string;
  readonly start: Moment;
  readonly faucet: KeyPairSigner;
}

/** 500 million SOL, as a test validator's faucet has, but for what the program's accounts hold. */
export const faucetAccount: StoredAccount = {
  lamports: 500_000_000_000_000_000n - genesisProgramLamports,
  owner: systemProgram,
  executable: false,
  data: new Uint8Array(0),
};

export async function openGenesis(folder: string, now: number): Promise<Genesis> {
  const path = join(folder, "genesis.json");
  if (!existsSync(path)) {
    const text = JSON.stringify({ format: 1, seed: toHex(randomBytes(32)), createdMs: Math.floor(now) });
    await writeFileDurably(path, [toUtf8(`${text}\n`)]);
  }
  const { format, seed, createdMs } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  if (format !== 1 || typeof seed !== "string" || typeof createdMs !== "number") {
    throw earnestError("DATA_FOLDER_UNAVAILABLE", { path, problem: "it was written by another version of localnet" });
  }
  const secret = fromHex(seed);
  const derive = (what: string): Uint8Array => createHash("sha256").update(secret).update(what).digest();
  return {
    seed: secret,
    hash: base58.encode(derive("genesis")),
    start: { slot: 1, slotStartMs: createdMs },
    faucet: await createKeyPairSignerFromPrivateKeyBytes(derive("faucet")),
  };
}
