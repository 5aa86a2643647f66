import type { Address, Instruction } from "@solana/kit";
import { type Amount, amount } from "../../../core/amount.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, toBase58 } from "../../../core/bytes.ts";
import type { PayoutLeaf } from "../../../core/merkle/leaves.ts";
import type { MerkleProof } from "../../../core/merkle/proof.ts";
import { pageAddress, tokenAddress } from "../program/derived-addresses.ts";
import { claim, claimMany, type PoolAddresses } from "../program/instructions.ts";
import { pageSlots } from "../program/layouts.ts";
import { type Commitment, readAccounts, readPages, readPool } from "./accounts.ts";
import { claimUnits, fits } from "./claim-sizes.ts";
import type { Escrow } from "./escrow.ts";
import type { TransactionPlan, TransactionVersion } from "./transactions.ts";

/** The leaves and proofs of a committed epoch: a server's tree, or what an attestor's leaf file gives. */
export interface ClaimSource {
  readonly root: Bytes32;
  leaf(index: number): PayoutLeaf | null;
  /** Of a leaf, or of the node `height` levels above it. */
  proof(index: number, height: number): MerkleProof;
  readonly depth: number;
}

/** Whom to pay. */
export interface ClaimWish {
  readonly index: number;
  /** The owner of the leaf's token account, which is its associated one; null where nobody is to make it. */
  readonly wallet: Address | null;
}

export const claimReasons = {
  noLeaf: "the epoch has no leaf of this index",
  nothingDue: "everything that is due was paid",
  otherAccount: "the leaf names another token account than the wallet's",
  noAccount: "there is no token account",
  unusableAccount: "the token account is frozen, of another mint, reassigned, or wants a memo",
} as const;
export type ClaimReason = keyof typeof claimReasons;

/** Somebody with something due. */
export interface DueClaim {
  readonly leaf: PayoutLeaf;
  readonly wallet: Address | null;
  readonly destination: Address;
  readonly due: Amount;
  /** In all, with what was claimed before. */
  readonly owed: Amount;
}

export interface DueClaims {
  readonly ready: readonly DueClaim[];
  /** Their token account has to be made first. */
  readonly withoutAccount: readonly DueClaim[];
  /** Pages that somebody has to open first. */
  readonly closedPages: readonly number[];
  readonly waiting: readonly { readonly index: number; readonly reason: ClaimReason }[];
}

/**
 * Who of these can be paid now, and what is missing for the others: from the chain alone, and from what is final there. A
 * fork may take back the rest, and who was paid on it would be taken for paid.
 */
export async function findDue(
  escrow: Escrow,
  at: PoolAddresses,
  source: ClaimSource,
  wishes: readonly ClaimWish[],
): Promise<DueClaims> {
  const waiting: { index: number; reason: ClaimReason }[] = [];
  const pool = await readPool(escrow, at.pool, "finalized");
  const pages = await claimedOf(escrow, at, wishes);
  const due: DueClaim[] = [];
  for (const { index, wallet } of wishes) {
    const leaf = source.leaf(index);
    const page = pages.get(pageOf(index));
    const claimed = page?.[index % pageSlots] ?? 0n;
    const total = leaf === null ? 0n : leaf.cumulative + (pool.state === 1 ? leaf.held : 0n);
    if (leaf === null) waiting.push({ index, reason: "noLeaf" });
    else if (total <= claimed) waiting.push({ index, reason: "nothingDue" });
    else if (wallet !== null && tokenAddress(wallet, at.mint, at.tokenProgram) !== toBase58(leaf.destination)) {
      waiting.push({ index, reason: "otherAccount" });
    } else {
      const destination = toBase58(leaf.destination) as Address;
      due.push({ leaf, wallet, destination, due: amount(total - claimed), owed: amount(total) });
    }
  }
  const ready: DueClaim[] = [];
  const withoutAccount: DueClaim[] = [];
  const states = await accountStates(escrow, at, due, "finalized");
  due.forEach((each, i) => {
    const state = states[i];
    if (state === "usable") ready.push(each);
    else if (state === "missing" && each.wallet !== null) withoutAccount.push(each);
    else waiting.push({ index: each.leaf.index, reason: state === "missing" ? "noAccount" : "unusableAccount" });
  });
  const wanted = new Set([...ready, ...withoutAccount].map((each) => pageOf(each.leaf.index)));
  return { ready, withoutAccount, closedPages: [...wanted].filter((page) => !pages.has(page)), waiting };
}

/** Of those who were due, whom the chain has paid for good meanwhile, by whomever. */
export async function findPaid(escrow: Escrow, at: PoolAddresses, claims: readonly DueClaim[]): Promise<number[]> {
  const wishes = claims.map(({ leaf, wallet }) => ({ index: leaf.index, wallet }));
  const pages = await claimedOf(escrow, at, wishes);
  return claims.flatMap(({ leaf: { index }, owed }) =>
    (pages.get(pageOf(index))?.[index % pageSlots] ?? 0n) >= owed ? [index] : [],
  );
}

/** The number of the page that counts this leaf. */
export const pageOf = (index: number): number => Math.floor(index / pageSlots);

/** What was claimed, by page; a page that nobody opened is not among them. */
async function claimedOf(
  escrow: Escrow,
  at: PoolAddresses,
  wishes: readonly ClaimWish[],
): Promise<Map<number, readonly bigint[]>> {
  const numbers = [...new Set(wishes.map(({ index }) => pageOf(index)))];
  const addresses = numbers.map((number) => pageAddress(at.program, at.pool, BigInt(number)));
  const pages = await readPages(escrow, addresses, "finalized");
  return new Map(
    numbers.flatMap((number, i) => {
      const page = pages[i] ?? null;
      return page === null ? [] : [[number, page.claimed] as const];
    }),
  );
}

export type AccountState = "usable" | "missing" | "unusable";

/** Mint, owner, amount, delegate, state. */
const accountHead = 109;
const accountBytesMin = 165;

/** What the token accounts of these are good for, in their order. */
export async function accountStates(
  escrow: Escrow,
  at: PoolAddresses,
  due: readonly DueClaim[],
  commitment: Commitment,
): Promise<AccountState[]> {
  const addresses = due.map((each) => each.destination);
  const { accounts } = await readAccounts(escrow.client, addresses, commitment, accountHead);
  const mint = fromBase58(at.mint);
  return accounts.map((account, i): AccountState => {
    if (account === null || account.space === 0) return "missing";
    if (account.owner !== at.tokenProgram || account.space < accountBytesMin) return "unusable";
    const { data } = account;
    const wallet = due[i]?.wallet ?? null;
    const isWallets = wallet === null || equalBytes(data.subarray(32, 64), fromBase58(wallet));
    return equalBytes(data.subarray(0, 32), mint) && data[108] === 1 && isWallets ? "usable" : "unusable";
  });
}

/** One claim, of one leaf or of the leaves of a subtree, which fits a transaction of its own. */
export interface ClaimGroup {
  readonly height: number;
  readonly leaves: readonly PayoutLeaf[];
  /** Who is paid by it, of its leaves. */
  readonly indexes: readonly number[];
}

const heightMax = 5;

/**
 * As few transactions as can be: the largest aligned subtrees whose claim fits one. Leaves with nothing due stand in
 * them too, and are skipped by the program.
 */
export function groupClaims(
  source: ClaimSource,
  ready: readonly Pick<DueClaim, "leaf">[],
  version: TransactionVersion = 0,
): ClaimGroup[] {
  const sorted = ready.map(({ leaf }) => leaf.index).toSorted((a, b) => a - b);
  const groups: ClaimGroup[] = [];
  for (let from = 0; from < sorted.length; ) {
    const block = Math.floor((sorted[from] as number) / 2 ** heightMax);
    let to = from;
    while (to < sorted.length && Math.floor((sorted[to] as number) / 2 ** heightMax) === block) to++;
    groups.push(...split(source, sorted.slice(from, to), version, heightMax));
    from = to;
  }
  return groups;
}

function split(
  source: ClaimSource,
  indexes: readonly number[],
  version: TransactionVersion,
  height: number,
): ClaimGroup[] {
  const [first] = indexes;
  if (first === undefined) return [];
  if (indexes.length === 1 || height === 0) {
    return [{ height: 0, leaves: [source.leaf(first) as PayoutLeaf], indexes: [first] }];
  }
  const begin = Math.floor(first / 2 ** height) * 2 ** height;
  const middle = begin + 2 ** (height - 1);
  const lower = indexes.filter((index) => index < middle);
  const upper = indexes.slice(lower.length);
  const leaves = height <= source.depth ? leavesFrom(source, begin, indexes.at(-1) as number, height) : null;
  const isOneHalf = lower.length === 0 || upper.length === 0;
  if (!isOneHalf && leaves !== null && fits(version, leaves.length, source.depth - height)) {
    return [{ height, leaves, indexes }];
  }
  return [...split(source, lower, version, height - 1), ...split(source, upper, version, height - 1)];
}

/**
 * The subtree's leaves, all that it has: those behind the last must be missing in the tree. Null where one is missing in
 * between, which no batch can say.
 */
function leavesFrom(source: ClaimSource, begin: number, last: number, height: number): PayoutLeaf[] | null {
  const leaves: PayoutLeaf[] = [];
  for (let index = begin; index < begin + 2 ** height; index++) {
    const leaf = source.leaf(index);
    if (leaf !== null && leaves.length === index - begin) leaves.push(leaf);
    else if (leaf !== null || index <= last) return null;
  }
  return leaves;
}

/** The instruction of a group. */
export function claimOf(at: PoolAddresses, source: ClaimSource, { height, leaves }: ClaimGroup): Instruction {
  const [first] = leaves as readonly [PayoutLeaf];
  const { siblings } = source.proof(first.index, height);
  const told = leaves.map(({ index, destination, cumulative, held }) => ({
    index: BigInt(index),
    destination: toBase58(destination) as Address,
    cumulative,
    held,
  }));
  const page = pageAddress(at.program, at.pool, BigInt(pageOf(first.index)));
  return height === 0
    ? claim(at, told[0] as (typeof told)[0], siblings, page)
    : claimMany(at, { leaves: told, height, proof: siblings }, page);
}

export const claimPlan = (
  at: PoolAddresses,
  source: ClaimSource,
  group: ClaimGroup,
  version: TransactionVersion = 0,
): TransactionPlan & { readonly computeUnits: number } => ({
  instructions: [claimOf(at, source, group)],
  version,
  computeUnits: claimUnits(group.leaves.length),
});

/** The leaf's destination for a wallet: its associated token account. */
export const destinationOf = (at: PoolAddresses, wallet: Address): Bytes32 =>
  bytes32(fromBase58(tokenAddress(wallet, at.mint, at.tokenProgram)));
