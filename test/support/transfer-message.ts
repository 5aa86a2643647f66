import { bytes32, fromBase58 } from "../../src/core/bytes.ts";
import { Writer } from "../../src/core/codec.ts";
import { derivedAddress, tokenAddress } from "../../src/rails/solana/program/derived-addresses.ts";

type Address = ReturnType<typeof tokenAddress>;
const known = {
  system: "11111111111111111111111111111111",
  budget: "ComputeBudget111111111111111111111111111111",
  accounts: "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
  classic: "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
} as const;

/** An address that nothing is at. */
export const someAddress = (name: string): Address =>
  derivedAddress(known.system as Address, [new TextEncoder().encode(name)]);

export interface Called {
  readonly program: string;
  readonly accounts: readonly string[];
  readonly data: readonly number[];
}

export const people = {
  payer: someAddress("payer"),
  owner: someAddress("owner"),
  to: someAddress("to"),
  mint: someAddress("mint"),
} as const;
export const accountOf = (wallet: string): Address =>
  tokenAddress(wallet as Address, people.mint, known.classic as Address);

export const limit = (units = 9): Called => ({ program: known.budget, accounts: [], data: [2, units, 0, 0, 0] });

export const create = (wallet: string = people.to, account: string = accountOf(wallet)): Called => ({
  program: known.accounts,
  accounts: [people.payer, account, wallet, people.mint, known.system, known.classic],
  data: [1],
});

export const move = (amount = 7, change: { to?: string; from?: string; by?: string; mint?: string } = {}): Called => ({
  program: known.classic,
  accounts: [
    change.from ?? accountOf(people.owner),
    change.mint ?? people.mint,
    change.to ?? accountOf(people.to),
    change.by ?? people.owner,
  ],
  data: [12, amount, 0, 0, 0, 0, 0, 0, 0, 6],
});

/** A transfer of System Program's: SOL of the owner. */
export const stealSol: Called = {
  program: known.system,
  accounts: [people.owner, people.payer],
  data: [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
};

/** A message of version 0 as any client compiles it; which keys are written does not matter to its readers. */
export function messageOf(
  instructions: readonly Called[],
  { signers = [people.payer, people.owner] as readonly string[], readonlySigners = 1, version = 0x80, tables = 0 } = {},
): Uint8Array {
  const all = instructions.flatMap(({ program, accounts }) => [program, ...accounts]);
  const keys = [...new Set([...signers, ...all])];
  const to = new Writer();
  for (const byte of [version, signers.length, readonlySigners, 1]) to.u8(byte);
  to.varint(keys.length);
  for (const key of keys) to.raw(bytes32(fromBase58(key)));
  to.raw(new Uint8Array(32).fill(5));
  to.varint(instructions.length);
  for (const { program, accounts, data } of instructions) {
    to.u8(keys.indexOf(program));
    to.varint(accounts.length);
    for (const account of accounts) to.u8(keys.indexOf(account));
    to.varint(data.length);
    to.raw(Uint8Array.from(data));
  }
  to.varint(tables);
  return to.finish();
}
