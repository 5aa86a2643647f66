import { base58, base64 } from "@scure/base";
import type { Address } from "@solana/kit";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { type Amount, amount } from "../../core/amount.ts";
import type { SolanaClient } from "./client.ts";
import { token2022Program } from "./escrow/pools.ts";
import { chunksOf, inParallel } from "./parallel.ts";

export interface TokenAccountState {
  readonly mint: string;
  readonly owner: string;
  readonly amount: Amount;
  readonly frozen: boolean;
}

const tokenPrograms: ReadonlySet<string> = new Set([TOKEN_PROGRAM_ADDRESS, token2022Program]);

/** The most getMultipleAccounts takes. */
const perCall = 100;
const callsAtOnce = 4;
/** Mint, owner, amount, delegate, state: the rest of the account does not matter here. */
const slice = { offset: 0, length: 109 };

/** Null where there is no token account, in the order of the addresses. */
export async function readTokenAccounts(
  client: SolanaClient,
  addresses: readonly Address[],
  commitment: "confirmed" | "finalized",
): Promise<(TokenAccountState | null)[]> {
  const states = await inParallel(chunksOf(addresses, perCall), callsAtOnce, async (chunk) => {
    const { value } = await client.call((rpc) =>
      rpc.getMultipleAccounts(chunk, { commitment, encoding: "base64", dataSlice: slice }),
    );
    return value.map((account) =>
      account === null || !tokenPrograms.has(account.owner) ? null : stateOf(base64.decode(account.data[0])),
    );
  });
  return states.flat();
}

function stateOf(data: Uint8Array): TokenAccountState | null {
  const state = data[108] ?? 0;
  if (state === 0) return null;
  return {
    mint: base58.encode(data.subarray(0, 32)),
    owner: base58.encode(data.subarray(32, 64)),
    amount: amount(new DataView(data.buffer, data.byteOffset).getBigUint64(64, true)),
    frozen: state === 2,
  };
}
