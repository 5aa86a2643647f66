import { type Address, type Instruction, isAddress, type KeyPairSigner } from "@solana/kit";
import { getCreateAssociatedTokenIdempotentInstruction, getTransferCheckedInstruction } from "@solana-program/token";
import type { Amount } from "../../core/amount.ts";
import { earnestError } from "../../core/errors.ts";
import type { Payout, PreparedTransaction } from "../rail.ts";
import type { TokenAddresses } from "./addresses.ts";
import type { SolanaClient } from "./client.ts";
import { latestLifetime, signTransaction } from "./messages.ts";
import { readTokenAccounts } from "./token-accounts.ts";
import type { Mint } from "./tokens.ts";

export interface PayoutSource {
  readonly mint: Mint;
  readonly vault: Address;
  readonly operator: KeyPairSigner;
  readonly addresses: TokenAddresses;
  readonly unitPrice: bigint;
}

interface PayableItem {
  readonly place: number;
  readonly owner: Address;
  readonly account: Address;
  readonly amount: Amount;
  readonly create: boolean;
}

/**
 * Sizes in a v0 message. An instruction costs its program index, two lengths, its account indexes and its data; a key
 * that no other instruction has, 32 bytes more.
 */
const sizes = {
  max: 1232,
  /** Signature, header, blockhash, counts, the budget, and five keys: operator, vault, mint, two programs. */
  base: 65 + 4 + 1 + 32 + 2 + 20 + 5 * 32,
  /** The system and the associated token program. */
  creating: 2 * 32,
  transfer: 3 + 4 + 10 + 32,
  create: 3 + 6 + 1 + 32,
};

/** Compute units with room to spare: clusters still run token programs that need far more than the newest. */
const units = { base: 10_000, transfer: 8_000, create: 45_000, max: 1_300_000 };

export async function preparePayouts(
  client: SolanaClient,
  source: PayoutSource,
  payouts: readonly Payout[],
): Promise<PreparedTransaction[]> {
  const groups = packed(await payable(client, source, payouts));
  if (groups.length === 0) return [];
  // Last, so that the transactions have all of the blockhash's life before them.
  const lifetime = await latestLifetime(client);
  const prepared: PreparedTransaction[] = [];
  for (const group of groups) {
    const budget = { computeUnits: unitsOf(group), unitPrice: source.unitPrice };
    const instructions = group.flatMap((item) => instructionsFor(source, item));
    const signed = await signTransaction(client, source.operator, lifetime, instructions, budget);
    if (signed.wire.length > sizes.max) {
      throw earnestError("INVARIANT_MISMATCH", { what: `a payout transaction has ${signed.wire.length} bytes` });
    }
    prepared.push({ ...signed, payouts: group.map((item) => item.place) });
  }
  return prepared;
}

/** Leaves out what would make the whole transaction fail, whoever it is shared with. */
async function payable(client: SolanaClient, source: PayoutSource, payouts: readonly Payout[]): Promise<PayableItem[]> {
  const candidates = payouts.flatMap(({ destination, amount }, place) =>
    amount > 0n && isAddress(destination)
      ? { place, owner: destination, amount, account: source.addresses.of(destination) }
      : [],
  );
  const states = await readTokenAccounts(
    client,
    candidates.map((each) => each.account),
    "confirmed",
  );
  return candidates.flatMap((each, i) => {
    const state = states[i] ?? null;
    if (each.account === source.vault) return [];
    if (state !== null && (state.frozen || state.owner !== each.owner || state.mint !== source.mint.address)) return [];
    return { ...each, create: state === null };
  });
}

function packed(items: readonly PayableItem[]): PayableItem[][] {
  const groups: PayableItem[][] = [];
  let group: PayableItem[] = [];
  for (const item of items) {
    const with_ = [...group, item];
    if (group.length > 0 && (sizeOf(with_) > sizes.max || unitsOf(with_) > units.max)) {
      groups.push(group);
      group = [item];
    } else {
      group = with_;
    }
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

function sizeOf(group: readonly PayableItem[]): number {
  const creations = group.filter((item) => item.create).length;
  const creating = creations === 0 ? 0 : sizes.creating + creations * sizes.create;
  return sizes.base + creating + group.length * sizes.transfer;
}

const unitsOf = (group: readonly PayableItem[]): number =>
  group.reduce((sum, item) => sum + units.transfer + (item.create ? units.create : 0), units.base);

function instructionsFor({ mint, vault, operator }: PayoutSource, item: PayableItem): Instruction[] {
  const address = mint.address as Address;
  const transfer = getTransferCheckedInstruction({
    source: vault,
    mint: address,
    destination: item.account,
    authority: operator,
    amount: item.amount,
    decimals: mint.decimals,
  });
  if (!item.create) return [transfer];
  const { account: ata, owner } = item;
  return [getCreateAssociatedTokenIdempotentInstruction({ payer: operator, ata, owner, mint: address }), transfer];
}
