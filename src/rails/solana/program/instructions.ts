import { type AccountMeta, AccountRole, type Address, type Instruction } from "@solana/kit";
import { type Bytes32, concatBytes } from "../../../core/bytes.ts";
import { encode, fixed, struct, u8, u32 } from "../../../core/codec.ts";
import { type CommitBody, commitBodyCodec } from "../../../core/commit/commit-message.ts";
import { marketAddress, networkAddress, pageAddress, poolAddress, tokenAddress } from "./derived-addresses.ts";
import { type AttestorSet, address, amount, hash, pageSlots } from "./layouts.ts";

/** The instructions of the escrow program (program/README.md), each as kit sends it. */
export const instructionNumbers = {
  createNetwork: 0,
  proposeRotation: 1,
  activateRotation: 2,
  cancelRotation: 3,
  openPool: 4,
  openMarket: 5,
  deposit: 6,
  commit: 7,
  openPage: 8,
  claim: 9,
  claimMany: 10,
  requestClose: 11,
  refund: 12,
  windDown: 13,
} as const;
export type InstructionName = keyof typeof instructionNumbers;

/** An instruction whose accounts and data are there, as all of ours are. */
export type ProgramInstruction = Instruction & { readonly accounts: readonly AccountMeta[]; readonly data: Uint8Array };

const systemProgram = "11111111111111111111111111111111" as Address;
const instructionsSysvar = "Sysvar1nstructions1111111111111111111111111" as Address;

const readonly = (at: Address): AccountMeta => ({ address: at, role: AccountRole.READONLY });
const writable = (at: Address): AccountMeta => ({ address: at, role: AccountRole.WRITABLE });
const signer = (at: Address): AccountMeta => ({ address: at, role: AccountRole.READONLY_SIGNER });
const payer = (at: Address): AccountMeta => ({ address: at, role: AccountRole.WRITABLE_SIGNER });

const instruction = (
  program: Address,
  name: InstructionName,
  accounts: readonly AccountMeta[],
  ...data: readonly Uint8Array[]
): ProgramInstruction => ({
  programAddress: program,
  accounts,
  data: concatBytes(Uint8Array.of(instructionNumbers[name]), ...data),
});

export interface NetworkTerms {
  readonly id: bigint;
  readonly operator: Address;
  /** Genesis hash of the cluster. */
  readonly cluster: Bytes32;
  readonly refundDelaySeconds: number;
  readonly deadAfterSeconds: number;
  readonly rotationDelaySeconds: number;
  readonly maxValiditySeconds: number;
  readonly attestors: AttestorSet;
}

const networkTerms = struct({
  id: amount,
  operator: address,
  cluster: hash,
  refundDelaySeconds: u32,
  deadAfterSeconds: u32,
  rotationDelaySeconds: u32,
  maxValiditySeconds: u32,
});

const attestorSet = ({ keys, threshold }: AttestorSet): Uint8Array =>
  concatBytes(Uint8Array.of(keys.length, threshold), ...keys.map((key) => encode(address, key)));

export function createNetwork(program: Address, creator: Address, terms: NetworkTerms): ProgramInstruction {
  const network = networkAddress(program, creator, terms.id);
  const accounts = [payer(creator), writable(network), readonly(systemProgram)];
  return instruction(program, "createNetwork", accounts, encode(networkTerms, terms), attestorSet(terms.attestors));
}

const rotationAccounts = (network: Address) => [writable(network), readonly(instructionsSysvar)];

/** Of an encoded rotation; stands directly behind the signatures of the current attestors over it. */
export const proposeRotation = (program: Address, network: Address, data: Uint8Array): ProgramInstruction =>
  instruction(program, "proposeRotation", rotationAccounts(network), data);

/** Stands directly behind the signatures of the new attestors over the same message. */
export const activateRotation = (program: Address, network: Address): ProgramInstruction =>
  instruction(program, "activateRotation", rotationAccounts(network));

/** Stands directly behind the signatures of the current attestors over its cancellation. */
export const cancelRotation = (program: Address, network: Address): ProgramInstruction =>
  instruction(program, "cancelRotation", rotationAccounts(network));

/** What the addresses of a pool are derived from. */
export interface PoolPlace {
  readonly program: Address;
  readonly network: Address;
  readonly mint: Address;
  readonly number: number;
  readonly tokenProgram: Address;
}

/** A pool's addresses, derived once: each costs tens of microseconds. */
export interface PoolAddresses extends PoolPlace {
  readonly pool: Address;
  readonly vault: Address;
}

export function poolAddresses(place: PoolPlace): PoolAddresses {
  const pool = poolAddress(place.program, place.network, place.mint, place.number);
  return { ...place, pool, vault: tokenAddress(pool, place.mint, place.tokenProgram) };
}

/** The vault must be there already: the pool's associated token account. */
export function openPool(at: PoolAddresses, payerOfRent: Address): ProgramInstruction {
  const { program, network, mint, vault, tokenProgram, pool, number } = at;
  const accounts = [
    payer(payerOfRent),
    readonly(network),
    readonly(mint),
    readonly(vault),
    readonly(tokenProgram),
    writable(pool),
    readonly(systemProgram),
  ];
  return instruction(program, "openPool", accounts, encode(u32, number));
}

export interface MarketTerms {
  readonly requester: Address;
  /** Pays the rent, and gets it back with the refund. */
  readonly payer: Address;
  readonly refundTo: Address;
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly specHash: Bytes32;
}

const marketData = struct({ id: fixed(16), specHash: hash });

export function openMarket({ program, pool }: PoolAddresses, terms: MarketTerms): ProgramInstruction {
  const accounts = [
    signer(terms.requester),
    payer(terms.payer),
    readonly(pool),
    writable(marketAddress(program, pool, terms.requester, terms.id)),
    readonly(terms.refundTo),
    readonly(systemProgram),
  ];
  return instruction(program, "openMarket", accounts, encode(marketData, terms));
}

export interface Deposit {
  readonly market: Address;
  readonly owner: Address;
  readonly source: Address;
  readonly amount: bigint;
}

export function deposit(at: PoolAddresses, { market, owner, source, amount: tokens }: Deposit): ProgramInstruction {
  const accounts = [
    signer(owner),
    writable(source),
    writable(at.vault),
    writable(at.pool),
    writable(market),
    readonly(at.tokenProgram),
  ];
  return instruction(at.program, "deposit", accounts, encode(amount, tokens));
}

/** Stands directly behind the signatures of the attestors over it. */
export function commit({ program, network, pool }: PoolAddresses, body: CommitBody): ProgramInstruction {
  const accounts = [readonly(network), writable(pool), readonly(instructionsSysvar)];
  return instruction(program, "commit", accounts, encode(commitBodyCodec, body));
}

export function openPage({ program, pool }: PoolAddresses, payerOfRent: Address, number: bigint): ProgramInstruction {
  const page = pageAddress(program, pool, number);
  const accounts = [payer(payerOfRent), readonly(pool), writable(page), readonly(systemProgram)];
  return instruction(program, "openPage", accounts, encode(amount, number));
}

/** What a payout leaf says, but for its pool. */
export interface PayoutLeaf {
  readonly index: bigint;
  readonly destination: Address;
  readonly cumulative: bigint;
  readonly held: bigint;
}

const claimData = struct({ index: amount, cumulative: amount, held: amount, depth: u8 });
const amountsCodec = struct({ cumulative: amount, held: amount });

const pageOf = (at: PoolAddresses, index: bigint): Address =>
  pageAddress(at.program, at.pool, index / BigInt(pageSlots));

export function claim(
  at: PoolAddresses,
  leaf: PayoutLeaf,
  proof: readonly Uint8Array[],
  page: Address = pageOf(at, leaf.index),
): ProgramInstruction {
  const accounts = [
    writable(at.pool),
    writable(page),
    writable(at.vault),
    writable(leaf.destination),
    readonly(at.tokenProgram),
  ];
  return instruction(at.program, "claim", accounts, encode(claimData, { ...leaf, depth: proof.length }), ...proof);
}

export interface ClaimBatch {
  /** Of the leaves, in order: from the beginning of an aligned subtree of 2^height places, none left out. */
  readonly leaves: readonly PayoutLeaf[];
  readonly height: number;
  /** Of the subtree's root. */
  readonly proof: readonly Uint8Array[];
}

const batchData = struct({ first: amount, height: u8, count: u8, depth: u8 });

export function claimMany(
  at: PoolAddresses,
  { leaves, height, proof }: ClaimBatch,
  page: Address = pageOf(at, leaves[0]?.index ?? 0n),
): ProgramInstruction {
  const accounts = [
    writable(at.pool),
    writable(page),
    writable(at.vault),
    readonly(at.tokenProgram),
    ...leaves.map(({ destination }) => writable(destination)),
  ];
  const head = encode(batchData, { first: leaves[0]?.index ?? 0n, height, count: leaves.length, depth: proof.length });
  const amounts = leaves.map((leaf) => encode(amountsCodec, leaf));
  return instruction(at.program, "claimMany", accounts, head, ...amounts, ...proof);
}

export function requestClose(at: PoolAddresses, requester: Address, market: Address): ProgramInstruction {
  const accounts = [signer(requester), readonly(at.network), readonly(at.pool), writable(market)];
  return instruction(at.program, "requestClose", accounts);
}

export interface Refund {
  readonly market: Address;
  readonly refundTo: Address;
  readonly rentPayer: Address;
  /** What the market's leaf says; 0 for a market opened since the last commit, which has no leaf. */
  readonly allocated: bigint;
  /** The leaf's place in the tree of markets, and its proof. */
  readonly position: bigint;
  readonly proof: readonly Uint8Array[];
}

const refundData = struct({ allocated: amount, position: amount, depth: u8 });

export function refund(at: PoolAddresses, asked: Refund): ProgramInstruction {
  const accounts = [
    writable(at.pool),
    writable(asked.market),
    writable(at.vault),
    writable(asked.refundTo),
    writable(asked.rentPayer),
    readonly(at.tokenProgram),
  ];
  const { allocated, position, proof } = asked;
  return instruction(
    at.program,
    "refund",
    accounts,
    encode(refundData, { allocated, position, depth: proof.length }),
    ...proof,
  );
}

export const windDown = ({ program, network, pool }: PoolAddresses): ProgramInstruction =>
  instruction(program, "windDown", [readonly(network), writable(pool)]);
