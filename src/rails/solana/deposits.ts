import { base58 } from "@scure/base";
import type { KeyPairSigner, Signature } from "@solana/kit";
import { type Amount, amount } from "../../core/amount.ts";
import { fromUtf8 } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { Deposit } from "../rail.ts";
import type { SolanaClient } from "./client.ts";
import { depositMemo, marketOfMemo, memoPrograms } from "./messages.ts";
import { type Mint, transferTokens } from "./tokens.ts";

interface TokenBalance {
  readonly accountIndex: number;
  readonly mint: string;
  readonly owner?: string;
  readonly uiTokenAmount: { readonly amount: string };
}

interface DepositRequest {
  readonly mint: Mint;
  /** The wallet that owns the vault: the operator. */
  readonly vaultOwner: string;
  readonly from: KeyPairSigner;
  readonly market: MarketId;
  readonly amount: Amount;
}

/** Pays into a market. Returns the finalized signature to fund the market with. */
export const deposit = (client: SolanaClient, { vaultOwner, market, ...transfer }: DepositRequest): Promise<string> =>
  transferTokens(client, { ...transfer, to: vaultOwner, memo: depositMemo(market) });

const isSignature = (text: string): text is Signature => {
  if (text.length > 90) return false;
  try {
    return base58.decode(text).length === 64;
  } catch {
    return false;
  }
};

/**
 * The deposit in a finalized transaction: what the vault gained, and the market that the one memo names. A transaction
 * that names several markets names none.
 */
export async function findDeposit(
  client: SolanaClient,
  vault: { readonly address: string; readonly mint: string },
  signature: string,
): Promise<Deposit | null> {
  if (!isSignature(signature)) return null;
  const found = await client.call((rpc) =>
    rpc.getTransaction(signature, { commitment: "finalized", encoding: "json", maxSupportedTransactionVersion: 1 }),
  );
  if (found === null || found.meta === null || found.meta.err !== null) return null;
  const { message } = found.transaction;
  const { loadedAddresses, preTokenBalances = [], postTokenBalances = [] } = found.meta;
  const keys = [...message.accountKeys, ...(loadedAddresses?.writable ?? []), ...(loadedAddresses?.readonly ?? [])];
  const markets = message.instructions.flatMap((instruction) => {
    if (!memoPrograms.has(keys[instruction.programIdIndex] ?? "")) return [];
    return marketOfMemo(textOf(base58.decode(instruction.data))) ?? [];
  });
  const vaultIndex = keys.indexOf(vault.address as (typeof keys)[number]);
  const [market] = markets;
  if (market === undefined || markets.length > 1 || vaultIndex < 0) return null;
  const changes = changesOf(vault.mint, preTokenBalances, postTokenBalances);
  const gained = changes.get(vaultIndex)?.change ?? 0n;
  if (gained <= 0n) return null;
  const from = payerOf(changes) ?? keys[0] ?? "";
  return { signature, market, from, amount: amount(gained), slot: found.slot };
}

type Changes = Map<number, { readonly owner: string | undefined; readonly change: bigint }>;

function changesOf(mint: string, before: readonly TokenBalance[], after: readonly TokenBalance[]): Changes {
  const changes: Changes = new Map();
  for (const [balances, sign] of [[before, -1n] as const, [after, 1n] as const]) {
    for (const balance of balances) {
      if (balance.mint !== mint) continue;
      const change = (changes.get(balance.accountIndex)?.change ?? 0n) + sign * BigInt(balance.uiTokenAmount.amount);
      changes.set(balance.accountIndex, { owner: balance.owner, change });
    }
  }
  return changes;
}

/** The wallet that gave most; none where the tokens were minted into the vault. */
function payerOf(changes: Changes): string | undefined {
  let most: { owner: string | undefined; change: bigint } = { owner: undefined, change: 0n };
  for (const each of changes.values()) if (each.change < most.change) most = each;
  return most.owner;
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    return "";
  }
}
