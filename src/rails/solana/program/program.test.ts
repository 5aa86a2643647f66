import { readFileSync } from "node:fs";
import { type Address, getProgramDerivedAddress } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { bytes32, fromBase58, toHex, toUtf8 } from "../../../core/bytes.ts";
import { decode, encode } from "../../../core/codec.ts";
import { type CommitBody, commitBodyCodec, commitDigest } from "../../../core/commit/commit-message.ts";
import { encodeRotation, rotationDigest } from "../../../core/commit/rotation-message.ts";
import { marketAddress, networkAddress, pageAddress, poolAddress, tokenAddress } from "./derived-addresses.ts";
import { claim, claimMany, instructionNumbers, poolAddresses } from "./instructions.ts";
import { keyOf, sha256 } from "./keys.ts";
import {
  type MarketAccount,
  marketCodec,
  type NetworkAccount,
  networkCodec,
  type PageAccount,
  type PoolAccount,
  pageCodec,
  poolCodec,
} from "./layouts.ts";
import { programErrorName, programErrors } from "./program-errors.ts";
import { signatureOrder, signaturesInstruction } from "./signatures-instruction.ts";

const filled = (byte: number, size = 32): Uint8Array => new Uint8Array(size).fill(byte);
const hash = (byte: number) => bytes32(filled(byte));
const program = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM" as Address;
const other = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA" as Address;

const body: CommitBody = {
  epoch: 1n,
  floor: 0n,
  asOf: 1_800_000_000n,
  validUntil: 1_800_000_060n,
  allocated: amount(650n),
  leafCount: 3n,
  payoutRoot: hash(1),
  marketRoot: hash(2),
  logRoot: hash(3),
  leafFileHash: hash(4),
};

describe("errors", () => {
  const numbers = Object.values(programErrors).map(([number]) => number);

  it("have numbers of their own, which no other program's errors have", () => {
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.min(...numbers)).toBeGreaterThan(7_000);
  });

  it("are found by their number", () => {
    expect(programErrorName(7_001)).toBe("UNKNOWN_INSTRUCTION");
    expect(programErrorName(1)).toBeUndefined();
  });

  it("are the ones that the program is compiled with", () => {
    const header = readFileSync(new URL("../../../../program/errors.h", import.meta.url), "utf8");
    const listed = [...header.matchAll(/ERROR_(\w+) = (\d+)/g)].map(([, name, number]) => [name, Number(number)]);
    expect(listed).toEqual(Object.entries(programErrors).map(([name, [number]]) => [name, number]));
  });
});

describe("addresses", () => {
  const u64 = (value: number): Uint8Array => Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0);
  const id = filled(9, 16);

  it.each<[string, Address, Uint8Array[]]>([
    ["network", networkAddress(program, other, 7n), [toUtf8("network"), fromBase58(other), u64(7)]],
    [
      "pool",
      poolAddress(program, other, program, 3),
      [toUtf8("pool"), fromBase58(other), fromBase58(program), u64(3).slice(0, 4)],
    ],
    [
      "market",
      marketAddress(program, other, program, id),
      [toUtf8("market"), fromBase58(other), fromBase58(program), id],
    ],
    ["page", pageAddress(program, other, 5n), [toUtf8("page"), fromBase58(other), u64(5)]],
  ])("of a %s are those that kit derives", async (_, derived, seeds) => {
    const [expected] = await getProgramDerivedAddress({ programAddress: program, seeds });
    expect(derived).toBe(expected);
  });

  it("of a token account are those of the associated token program", async () => {
    const [expected] = await getProgramDerivedAddress({
      programAddress: "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL" as Address,
      seeds: [program, other, program].map((each) => fromBase58(each)),
    });
    expect(tokenAddress(program, program, other)).toBe(expected);
  });
});

describe("messages, which are signed and never change their bytes", () => {
  const [program32, network] = [keyOf(program), keyOf(other)];
  const context = {
    program: program32,
    cluster: hash(5),
    network,
    pool: program32,
    setVersion: 6,
    previousDigest: hash(7),
  };

  it("a commit's", () => {
    expect(encode(commitBodyCodec, body)).toHaveLength(176);
    expect(toHex(commitDigest(sha256, { context, body }))).toBe(
      "52f0ef884f674b6cd644d5e6ec3440ad4729725385fe9980c8f1288e7373ceb0",
    );
  });

  it("a rotation's", () => {
    const rotation = { validUntil: 1_800_000_060n, attestors: { threshold: 2, keys: [program32, network] } };
    expect(encodeRotation(rotation)).toHaveLength(8 + 2 + 64);
    const { setVersion, cluster } = context;
    const place = { program: program32, cluster, network, setVersion, proposals: 9 };
    expect(toHex(rotationDigest(sha256, place, rotation))).toBe(
      "011d17f79a2959e652e53f66a3bbea2fef9c6eacea0928f54d78202786258f33",
    );
  });
});

describe("signatures", () => {
  it("are put into the order in which the attestors stand", () => {
    const set = { threshold: 2, keys: [other, program] };
    const [one, two] = [
      { key: program, signature: filled(1, 64) },
      { key: other, signature: filled(2, 64) },
    ];
    expect(signatureOrder(set, [one, two])).toEqual([two, one]);
    expect(signatureOrder(set, [two, one, one])).toEqual([two, one]);
    const stranger = { key: poolAddress(program, other, program, 0), signature: filled(3, 64) };
    expect(signatureOrder(set, [stranger, one])).toEqual([one]);
  });

  it("stand behind one copy of the message", () => {
    const { data = new Uint8Array(0) } = signaturesInstruction(filled(7, 48), [
      { key: program, signature: filled(1, 64) },
      { key: other, signature: filled(2, 64) },
    ]);
    const view = new DataView(data.buffer, data.byteOffset);
    const offsets = [0, 1].map((i) => Array.from({ length: 7 }, (_, j) => view.getUint16(2 + 14 * i + 2 * j, true)));
    expect([data[0], data[1], data.length]).toEqual([2, 0, 2 + 28 + 48 + 2 * 96]);
    expect(offsets).toEqual([
      [110, 0xffff, 78, 0xffff, 30, 48, 0xffff],
      [206, 0xffff, 174, 0xffff, 30, 48, 0xffff],
    ]);
    expect(Buffer.from(data.subarray(30, 78)).equals(filled(7, 48))).toBe(true);
  });
});

describe("accounts", () => {
  const header = { version: 1, bump: 254 };
  const network: NetworkAccount = {
    tag: "network",
    ...header,
    flags: filled(0, 6),
    creator: other,
    id: 7n,
    operator: program,
    cluster: hash(1),
    refundDelaySeconds: 1,
    deadAfterSeconds: 2,
    rotationDelaySeconds: 3,
    maxValiditySeconds: 4,
    setVersion: 5,
    proposals: 6,
    pendingAt: 0n,
    pendingDigest: hash(0),
    current: { threshold: 2, keys: [program, other] },
    pending: { threshold: 0, keys: [] },
    reserved: filled(0, 68),
  };
  const pool: PoolAccount = {
    tag: "pool",
    ...header,
    state: 1,
    decimals: 6,
    number: 9,
    network: other,
    mint: program,
    tokenProgram: other,
    vault: program,
    epoch: 1n,
    floor: 2n,
    asOf: 3n,
    lastCommitAt: 4n,
    leafCount: 5n,
    deposited: 6n,
    refunded: 7n,
    allocated: 8n,
    claimed: 9n,
    digest: hash(1),
    marketRoot: hash(2),
    payoutRoots: [3, 4, 5, 6].map(hash),
    reserved: filled(0, 64),
  };
  const market: MarketAccount = {
    tag: "market",
    ...header,
    flags: filled(0, 6),
    pool: other,
    requester: program,
    refundTo: other,
    rentPayer: program,
    specHash: hash(1),
    id: filled(2, 16),
    openedAt: 3n,
    closesAt: 4n,
    deposited: 5n,
    reserved: filled(0, 32),
  };
  const page: PageAccount = {
    tag: "page",
    ...header,
    flags: filled(0, 6),
    pool: other,
    number: 7n,
    claimed: Array.from({ length: 256 }, (_, i) => BigInt(i)),
  };

  it("have the sizes that the program gives them, and decode to what was encoded", () => {
    const sizes = [encode(networkCodec, network), encode(poolCodec, pool), encode(marketCodec, market)];
    expect([...sizes, encode(pageCodec, page)].map(({ length }) => length)).toEqual([768, 472, 248, 2_104]);
    expect(decode(networkCodec, encode(networkCodec, network), "network")).toEqual(network);
    expect(decode(poolCodec, encode(poolCodec, pool), "pool")).toEqual(pool);
    expect(decode(marketCodec, encode(marketCodec, market), "market")).toEqual(market);
    expect(decode(pageCodec, encode(pageCodec, page), "page")).toEqual(page);
  });

  it.each([
    ["another tag", 0, 0x78],
    ["another version", 8, 2],
    ["flags that nobody knows", 10, 1],
    ["something in the reserved bytes", 767, 1],
    ["more attestors than there can be", 184, 9],
    ["a key behind the last attestor", 186 + 64, 1],
  ])("with %s are refused", (_, at, value) => {
    const bytes = Uint8Array.from(encode(networkCodec, network));
    bytes[at] = value;
    expect(() => decode(networkCodec, bytes, "network")).toThrow("network");
  });

  it("that are cut or prolonged are refused", () => {
    const bytes = encode(poolCodec, pool);
    expect(() => decode(poolCodec, bytes.subarray(0, -1), "pool")).toThrow("pool");
    expect(() => decode(poolCodec, Uint8Array.from([...bytes, 0]), "pool")).toThrow("pool");
  });

  it("refuse to be written with too many attestors", () => {
    const keys = Array.from({ length: 9 }, () => program);
    expect(() => encode(networkCodec, { ...network, current: { threshold: 5, keys } })).toThrow("9 are more than 8");
  });
});

describe("instructions", () => {
  const at = poolAddresses({ program, network: other, mint: program, number: 0, tokenProgram: other });
  const leaf = { index: 300n, destination: other, cumulative: 5n, held: 6n };

  it("have the numbers that the program knows", () => {
    const header = readFileSync(new URL("../../../../program/earnest.h", import.meta.url), "utf8");
    const listed = [...header.matchAll(/^ {2}([A-Z_]+) = (\d+)/gm)].map(([, name = "", number]) => {
      return [name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), Number(number)];
    });
    expect(listed).toEqual(Object.entries(instructionNumbers));
  });

  it("a claim names the page of its index", () => {
    const made = claim(at, leaf, [filled(1), filled(2)]);
    expect(made.accounts[1]?.address).toBe(pageAddress(program, at.pool, 1n));
    expect(made.data).toHaveLength(1 + 25 + 64);
    expect([...made.data.subarray(0, 3)]).toEqual([9, 44, 1]);
    expect(made.data[25]).toBe(2);
  });

  it("a batch names its first leaf, how high the subtree is and how many are there", () => {
    const leaves = [leaf, { ...leaf, index: 301n }, { ...leaf, index: 302n }];
    const made = claimMany(at, { leaves, height: 2, proof: [filled(1)] });
    expect([...made.data.subarray(0, 12)]).toEqual([10, 44, 1, 0, 0, 0, 0, 0, 0, 2, 3, 1]);
    expect(made.data).toHaveLength(1 + 11 + 3 * 16 + 32);
    expect(made.accounts).toHaveLength(4 + 3);
  });
});
