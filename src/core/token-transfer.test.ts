import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../test/support/market-hash.ts";
import {
  accountOf,
  create,
  limit,
  messageOf,
  move,
  people,
  someAddress,
  stealSol,
} from "../../test/support/transfer-message.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "./bytes.ts";
import { isTokenAccountOf, readTokenTransfer } from "./token-transfer.ts";

const bytes = (text: string): Bytes32 => bytes32(fromBase58(text));

describe("a message that sends tokens", () => {
  it("says whose, how many, where to, and who pays", () => {
    const said = readTokenTransfer(messageOf([limit(), create(), move(7)]));
    expect(said).toEqual({
      feePayer: bytes(people.payer),
      owner: bytes(people.owner),
      source: bytes(accountOf(people.owner)),
      destination: bytes(accountOf(people.to)),
      mint: bytes(people.mint),
      tokenProgram: bytes("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"),
      amount: 7n,
      creates: bytes(people.to),
    });
    expect(readTokenTransfer(messageOf([move(7)]))?.creates).toBeNull();
  });

  it("knows Token-2022 as well", () => {
    const program = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
    expect(readTokenTransfer(messageOf([{ ...move(), program }]))?.tokenProgram).toEqual(bytes(program));
  });

  it.each([
    ["SOL of the owner besides", messageOf([move(), stealSol])],
    ["SOL of the owner before", messageOf([stealSol, move()])],
    ["a second transfer", messageOf([move(), move()])],
    ["two accounts", messageOf([create(), create(someAddress("x")), move()])],
    ["an account after the transfer", messageOf([move(), create()])],
    [
      "an account that the owner pays",
      messageOf([
        { ...create(), accounts: ["", ...create().accounts.slice(1)].map((each) => each || people.owner) },
        move(),
      ]),
    ],
    ["an account that is not the destination", messageOf([create(someAddress("x")), move()])],
    ["no transfer", messageOf([limit(), create()])],
    ["nothing", messageOf([])],
    ["a transfer by somebody else", messageOf([move(7, { by: people.payer })])],
    ["a transfer with further signers", messageOf([{ ...move(), accounts: [...move().accounts, people.payer] }])],
    ["an unchecked transfer", messageOf([{ ...move(), data: [3, ...move().data.slice(1, 9)] }])],
    ["an approval", messageOf([{ ...move(), data: [13, ...move().data.slice(1)] }])],
    ["another program", messageOf([{ ...move(), program: someAddress("program") }])],
    ["a heap for a program", messageOf([{ ...limit(), data: [1, 0, 0, 1, 0] }, move()])],
    ["a budget with accounts", messageOf([{ ...limit(), accounts: [people.owner] }, move()])],
    ["one signer", messageOf([move()], { signers: [people.owner], readonlySigners: 0 })],
    ["three signers", messageOf([move()], { signers: [people.payer, people.owner, people.to] })],
    ["an owner that could be charged", messageOf([move()], { readonlySigners: 0 })],
    ["lookup tables", messageOf([move()], { tables: 1 })],
    ["another version", messageOf([move()], { version: 0x81 })],
    ["a text", new TextEncoder().encode("earnest.example wants you to sign in")],
  ])("is not one with %s", (_, message) => {
    expect(readTokenTransfer(message)).toBeNull();
  });

  it("is refused where it is cut or longer, and never read wrongly", () => {
    const message = messageOf([limit(), create(), move()]);
    for (let i = 0; i < message.length; i++) expect(readTokenTransfer(message.subarray(0, i))).toBeNull();
    expect(readTokenTransfer(new Uint8Array([...message, 0]))).toBeNull();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => readTokenTransfer(noise) === null));
  });

  it("differs in what it says where any byte differs, but for the blockhash, the budget, decimals and who may be written", () => {
    const message = messageOf([create(), move()]);
    const said = JSON.stringify(readTokenTransfer(message), (_, value) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    const silent: number[] = [];
    for (let i = 0; i < message.length; i++) {
      const other = message.slice();
      other[i] = (other[i] as number) ^ 0x40;
      const read = JSON.stringify(readTokenTransfer(other), (_, value) =>
        typeof value === "bigint" ? `${value}` : value,
      );
      if (read === said) silent.push(i);
    }
    // The count of keys that are not written, 32 bytes of blockhash, and the decimals, which the token program checks.
    expect(silent).toHaveLength(1 + 32 + 1);
  });
});

describe("a wallet's token account", () => {
  const place = {
    wallet: bytes(people.owner),
    mint: bytes(people.mint),
    tokenProgram: bytes("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"),
  };
  it("is told from any other", () => {
    const account = bytes(accountOf(people.owner));
    expect(isTokenAccountOf(sha256, account, place)).toBe(true);
    for (const other of [people.to, people.mint]) {
      expect(isTokenAccountOf(sha256, account, { ...place, wallet: bytes(other) })).toBe(false);
    }
    expect(isTokenAccountOf(sha256, account, { ...place, mint: bytes(people.to) })).toBe(false);
    expect(isTokenAccountOf(sha256, bytes(people.owner), place)).toBe(false);
  });

  it("is the one that everybody derives", () => {
    expect(toBase58(bytes(accountOf(people.owner)))).toBe(accountOf(people.owner));
  });
});
