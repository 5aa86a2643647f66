import { base58 } from "@scure/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { associatedTokenProgram, memoProgram, systemProgram, token2022Program, tokenProgram } from "./accounts.ts";
import { instructionJson } from "./instruction-json.ts";

const address = (n: number): string => base58.encode(new Uint8Array(32).fill(n));
const [a, b, c, d] = [address(1), address(2), address(3), address(4)] as const;
const bytes32 = [...new Uint8Array(32).fill(9)];
const u64 = (value: number): number[] => [value & 255, (value >> 8) & 255, 0, 0, 0, 0, 0, 0];

const shown = (program: string, accounts: readonly string[], data: readonly number[]) =>
  instructionJson({ program, accounts, data: Uint8Array.from(data), stackHeight: 1 });

describe("instructionJson", () => {
  it.each<[string, string, readonly string[], readonly number[], object]>([
    [
      "system transfer",
      systemProgram,
      [a, b],
      [2, 0, 0, 0, ...u64(500)],
      { type: "transfer", info: { source: a, destination: b, lamports: 500n } },
    ],
    [
      "create account",
      systemProgram,
      [a, b],
      [0, 0, 0, 0, ...u64(7), ...u64(82), ...bytes32],
      { type: "createAccount", info: { newAccount: b, lamports: 7n, space: 82n, owner: address(9) } },
    ],
    [
      "assign",
      systemProgram,
      [a],
      [1, 0, 0, 0, ...bytes32],
      { type: "assign", info: { account: a, owner: address(9) } },
    ],
    ["allocate", systemProgram, [a], [8, 0, 0, 0, ...u64(10)], { type: "allocate", info: { account: a, space: 10n } }],
    [
      "transfer",
      tokenProgram,
      [a, b, c],
      [3, ...u64(9)],
      { type: "transfer", info: { source: a, destination: b, amount: "9", authority: c } },
    ],
    [
      "transfer by several",
      tokenProgram,
      [a, b, c, d],
      [3, ...u64(9)],
      { type: "transfer", info: { multisigAuthority: c, signers: [d] } },
    ],
    [
      "transferChecked",
      tokenProgram,
      [a, b, c, d],
      [12, ...u64(1500), 3],
      {
        type: "transferChecked",
        info: {
          source: a,
          mint: b,
          destination: c,
          authority: d,
          tokenAmount: { amount: "1500", decimals: 3, uiAmountString: "1.5" },
        },
      },
    ],
    [
      "mintTo",
      tokenProgram,
      [a, b, c],
      [7, ...u64(4)],
      { type: "mintTo", info: { mint: a, account: b, amount: "4", mintAuthority: c } },
    ],
    [
      "mintToChecked",
      token2022Program,
      [a, b, c],
      [14, ...u64(4), 0],
      { type: "mintToChecked", info: { tokenAmount: { amount: "4" } } },
    ],
    [
      "burn",
      tokenProgram,
      [a, b, c],
      [8, ...u64(4)],
      { type: "burn", info: { account: a, mint: b, amount: "4", authority: c } },
    ],
    [
      "closeAccount",
      tokenProgram,
      [a, b, c],
      [9],
      { type: "closeAccount", info: { account: a, destination: b, owner: c } },
    ],
    [
      "initializeMint2",
      tokenProgram,
      [a],
      [20, 6, ...bytes32, 1, ...bytes32],
      {
        type: "initializeMint2",
        info: { mint: a, decimals: 6, mintAuthority: address(9), freezeAuthority: address(9) },
      },
    ],
    [
      "initializeAccount3",
      tokenProgram,
      [a, b],
      [18, ...bytes32],
      { type: "initializeAccount3", info: { account: a, mint: b, owner: address(9) } },
    ],
    [
      "a token account",
      associatedTokenProgram,
      [a, b, c, d, a, b],
      [],
      { type: "create", info: { source: a, account: b, wallet: c, mint: d } },
    ],
    ["a token account once", associatedTokenProgram, [a, b, c, d, a, b], [1], { type: "createIdempotent" }],
  ])("parses %s", (_, program, accounts, data, parsed) => {
    expect(shown(program, accounts, data)).toMatchObject({ programId: program, stackHeight: 1, parsed });
  });

  it("shows a memo as its text", () => {
    expect(shown(memoProgram, [], [104, 105])).toMatchObject({ program: "spl-memo", parsed: "hi" });
  });

  it.each<[string, string, readonly number[]]>([
    ["an unknown program", a, [1, 2, 3]],
    ["an unknown instruction", tokenProgram, [200]],
    ["no data at all", tokenProgram, []],
    ["data cut short", tokenProgram, [3, 1]],
    ["an owner cut short", systemProgram, [1, 0, 0, 0, 5]],
    ["a memo that is not UTF-8", memoProgram, [0xff]],
    ["an unknown kind of token account", associatedTokenProgram, [9]],
  ])("shows %s with its accounts and bytes", (_, program, data) => {
    expect(shown(program, [b, c], data)).toEqual({
      programId: program,
      accounts: [b, c],
      data: base58.encode(Uint8Array.from(data)),
      stackHeight: 1,
    });
  });

  it("never throws", () => {
    const programs = fc.constantFrom(systemProgram, tokenProgram, associatedTokenProgram, memoProgram);
    fc.assert(
      fc.property(programs, fc.array(fc.constantFrom(a, b, c)), fc.array(fc.nat(255)), (program, accounts, data) => {
        expect(shown(program, accounts, data)).toMatchObject({ programId: program });
      }),
    );
  });
});
