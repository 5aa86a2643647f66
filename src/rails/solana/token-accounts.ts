import { base58, base64 } from "@scure/base";
import type { Address } from "@solana/kit";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { type Amount, amount } from "../../core/amount.ts";
import type { SolanaClient } from "./client.ts";

export interface TokenAccountState {
  readonly mint: string;
  readonly owner: string;
  readonly amount: Amount;
  readonly frozen: boolean;
}

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
  const chunks: Address[][] = [];
  for (let at = 0; at < addresses.length; at += perCall) chunks.push(addresses.slice(at, at + perCall));
  const states: (TokenAccountState | null)[] = [];
  for (let at = 0; at < chunks.length; at += callsAtOnce) {
    const answers = await Promise.all(
      chunks.slice(at, at + callsAtOnce).map(async (chunk) => {
        const { value } = await client.call((rpc) =>
          rpc.getMultipleAccounts(chunk, { commitment, encoding: "base64", dataSlice: slice }),
        );
        return value.map((account) =>
          account === null || account.owner !== TOKEN_PROGRAM_ADDRESS ? null : stateOf(base64.decode(account.data[0])),
        );
      }),
    );
    states.push(...answers.flat());
  }
  return states;
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
