import type { Instruction } from "@solana/kit";
import { beforeEach, describe, expect, it } from "vitest";
import { concatBytes, fromBase58 } from "#src/core/bytes";
import {
  type CommitBody,
  type CommitContext,
  commitDigest,
  encodeCommit,
  signedBytes,
} from "#src/core/commit/commit-message";
import { commit, type ProgramInstruction } from "#src/rails/solana/program/instructions";
import { keyOf, sha256 } from "#src/rails/solana/program/keys";
import { signaturesInstruction } from "#src/rails/solana/program/signatures-instruction";
import type { Chain } from "./chain.ts";
import { type BodyChange, delays, type Escrow, freshEscrow } from "./escrow.ts";
import { type AttestorKey, attestorKey, testAddress, testHash } from "./values.ts";

let chain: Chain;
let escrow: Escrow;
let attestors: readonly AttestorKey[];

beforeEach(() => {
  escrow = freshEscrow();
  chain = escrow.chain;
  attestors = escrow.attestors;
  const market = escrow.market("requester", 1_000n);
  escrow.pay("ann", 100n);
  escrow.allocate(market, 100n);
  escrow.ok(escrow.commit());
});

const commitSaid = (change: BodyChange = {}, signers?: readonly AttestorKey[]): string =>
  escrow.said(...escrow.commit(change, signers));

/** Signed for one body and context, sent with another body. */
function signedFor(signed: BodyChange, context: Partial<CommitContext>, sent: CommitBody): string {
  const message = escrow.message({ ...sent, ...signed } as CommitBody, context);
  return escrow.said(escrow.signed(message), commit(escrow.at, sent));
}

describe("what is signed", () => {
  it.each<[string, BodyChange]>([
    ["epoch", { epoch: 3n }],
    ["floor", { floor: 1n }],
    ["as_of", { asOf: 1n }],
    ["valid_until", { validUntil: 1_800_000_100n }],
    ["allocated", { allocated: 101n }],
    ["leaf_count", { leafCount: 2n }],
    ["payout_root", { payoutRoot: testHash("other") }],
    ["market_root", { marketRoot: testHash("other") }],
    ["log_root", { logRoot: testHash("other") }],
    ["leaf_file_hash", { leafFileHash: testHash("other") }],
  ])("is the body: another %s is another message", (_, change) => {
    expect(signedFor(change, {}, escrow.body())).toBe("SIGNATURES_OTHER_MESSAGE");
  });

  it.each<[string, Partial<CommitContext>]>([
    ["program", { program: keyOf(testAddress("other")) }],
    ["cluster", { cluster: testHash("other") }],
    ["network", { network: keyOf(testAddress("other")) }],
    ["pool", { pool: keyOf(testAddress("other")) }],
    ["set of attestors", { setVersion: 1 }],
    ["history", { previousDigest: testHash("other") }],
  ])("is the context: a signature for another %s is worth nothing", (_, change) => {
    expect(signedFor({}, change, escrow.body())).toBe("SIGNATURES_OTHER_MESSAGE");
  });

  it("is under its own tag: a signature for a rotation or a cancellation is worth nothing", () => {
    const body = escrow.body();
    const digest = commitDigest(sha256, { context: escrow.context(), body });
    for (const tag of ["earnest:rotate:1", "earnest:cancel:1", "earnest:commit:2"]) {
      const message = concatBytes(Buffer.from(tag), digest);
      expect(escrow.said(escrow.signed(message), commit(escrow.at, body)), tag).toBe("SIGNATURES_OTHER_MESSAGE");
    }
  });

  it("becomes the history that the next one names", () => {
    const body = escrow.body();
    const digest = commitDigest(sha256, { context: escrow.context(), body });
    escrow.ok([escrow.signed(signedBytes("commit", digest)), commit(escrow.at, body)]);
    expect(escrow.pool.digest).toEqual(digest);
  });
});

/** Signed numbers: a huge one is a negative one. No encoder of ours writes it. */
function negativeAsOfSaid(): string {
  const [asOfEnd, contextSize] = [24, 164];
  const body = escrow.body({ asOf: 0n });
  const encoded = Uint8Array.from(encodeCommit({ context: escrow.context(), body }));
  encoded[contextSize + asOfEnd - 1] = 0x80;
  const { data, ...rest } = commit(escrow.at, body);
  const changed = Uint8Array.from(data);
  changed[asOfEnd] = 0x80;
  const signatures = escrow.signed(signedBytes("commit", sha256(encoded)));
  return escrow.said(signatures, { ...rest, data: changed });
}

describe("messages at the wrong time", () => {
  it("the same one does not count twice", () => {
    const instructions = escrow.commit();
    escrow.ok(instructions);
    expect(escrow.said(...instructions)).toBe("WRONG_EPOCH");
  });

  it("of two for one epoch only the first counts, whoever signed the second", () => {
    const second = escrow.commit({ logRoot: testHash("another history") });
    escrow.ok(escrow.commit());
    expect(escrow.said(...second)).toBe("WRONG_EPOCH");
  });

  it("one on top of another history is refused", () => {
    // Signed by everybody for epoch 3, before epoch 2 was another than they thought.
    const body = escrow.body({ epoch: 3n });
    const message = escrow.message(body, { previousDigest: testHash("planned") });
    escrow.ok(escrow.commit());
    expect(escrow.said(escrow.signed(message), commit(escrow.at, body))).toBe("SIGNATURES_OTHER_MESSAGE");
  });

  it.each([0n, 1n, 3n])("epoch %i is not the next", (epoch) => expect(commitSaid({ epoch })).toBe("WRONG_EPOCH"));

  it("counts until valid_until, and not a second longer", () => {
    const withheld = escrow.commit({ validUntil: chain.now + 30n });
    chain.pass(31n);
    expect(escrow.said(...withheld)).toBe("EXPIRED");
    const inTime = escrow.commit({ validUntil: chain.now + 30n });
    chain.pass(30n);
    expect(escrow.said(...inTime)).toBe("ok");
  });

  it("cannot be made to be valid for longer than the network allows", () => {
    const longest = chain.now + BigInt(delays.maxValiditySeconds);
    expect(commitSaid({ validUntil: longest + 1n })).toBe("VALID_TOO_LONG");
    expect(commitSaid({ validUntil: (1n << 63n) - 1n })).toBe("VALID_TOO_LONG");
    expect(commitSaid({ validUntil: longest })).toBe("ok");
  });

  it("cannot reach into the future, nor behind the last one", () => {
    expect(commitSaid({ asOf: chain.now + 1n, validUntil: chain.now + 10n })).toBe("AS_OF_REFUSED");
    chain.pass(10n);
    expect(commitSaid({ asOf: escrow.pool.asOf - 1n })).toBe("AS_OF_REFUSED");
    expect(negativeAsOfSaid()).toBe("AS_OF_REFUSED");
    expect(commitSaid({ asOf: escrow.pool.asOf })).toBe("ok");
  });
});

describe("what was promised is not taken back", () => {
  it("the floor never falls, and is at most the epoch", () => {
    expect(commitSaid({ floor: 3n })).toBe("FLOOR_REFUSED");
    expect(commitSaid({ floor: 2n })).toBe("ok");
    expect(commitSaid({ floor: 1n })).toBe("FLOOR_REFUSED");
    expect(commitSaid({ floor: 2n })).toBe("ok");
  });

  it("allocated never falls, and stays within what was deposited and not refunded", () => {
    expect(commitSaid({ allocated: 99n })).toBe("ALLOCATION_FELL");
    expect(commitSaid({ allocated: 1_001n })).toBe("OVER_ALLOCATED");
    expect(commitSaid({ allocated: (1n << 64n) - 1n })).toBe("OVER_ALLOCATED");
    expect(commitSaid({ allocated: 1_000n })).toBe("ok");
  });

  it("the number of leaves never falls", () => {
    expect(commitSaid({ leafCount: 0n })).toBe("LEAF_COUNT_FELL");
    expect(commitSaid({ leafCount: 1n })).toBe("ok");
  });

  it("the last four roots stay, each at its place", () => {
    for (let i = 0; i < 5; i++) escrow.ok(escrow.commit({ payoutRoot: testHash(`root ${escrow.pool.epoch + 1n}`) }));
    const { payoutRoots, epoch } = escrow.pool;
    expect(epoch).toBe(6n);
    expect(payoutRoots).toEqual([4, 5, 6, 3].map((each) => testHash(`root ${each}`)));
  });
});

describe("who signs", () => {
  const pick = (...places: number[]): AttestorKey[] => places.map((place) => attestors[place] as AttestorKey);

  it("any three of five, in their order", () => {
    for (const places of [
      [0, 1, 2],
      [2, 3, 4],
      [0, 2, 4],
      [0, 1, 2, 3],
    ]) {
      expect(commitSaid({}, pick(...places)), places.join()).toBe("ok");
    }
  });

  it.each<[string, number[], string]>([
    ["two are too few", [0, 1], "SIGNATURES_TOO_FEW"],
    ["one who signs twice counts once", [0, 1, 1], "SIGNER_REFUSED"],
    ["one who signs three times counts once", [2, 2, 2], "SIGNER_REFUSED"],
    ["out of order", [1, 0, 2], "SIGNER_REFUSED"],
    ["first again at the end", [0, 1, 0], "SIGNER_REFUSED"],
  ])("%s", (_, places, error) => expect(commitSaid({}, pick(...places))).toBe(error));

  it("an outsider spoils it, even among enough others", () => {
    expect(commitSaid({}, [...pick(0, 1), attestorKey("outsider")])).toBe("SIGNER_REFUSED");
    expect(commitSaid({}, [...pick(0, 1, 2), attestorKey("outsider")])).toBe("SIGNER_REFUSED");
  });

  it("a zero key is nobody, though unused places of the set are zero", () => {
    const nobody = "11111111111111111111111111111111" as AttestorKey["address"];
    const zero: AttestorKey = {
      address: nobody,
      sign: (message) => ({ ...attestorKey("outsider").sign(message), key: nobody }),
    };
    expect(commitSaid({}, [...pick(0, 1), zero])).not.toBe("ok");
  });

  it("a broken signature fails in the precompile", () => {
    const [signatures, instruction] = escrow.commit() as [Instruction, Instruction];
    const data = Uint8Array.from(signatures.data ?? []);
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    // InvalidSignature of the precompile.
    expect(escrow.said({ ...signatures, data }, instruction)).toBe("Custom 2");
  });
});

describe("where the signatures stand", () => {
  const parts = (): [Instruction, Instruction] => escrow.commit() as [Instruction, Instruction];
  const memo: Instruction = {
    programAddress: "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr" as Instruction["programAddress"],
    data: Buffer.from("between"),
  };

  it("directly before, wherever in the transaction", () => {
    const [signatures, instruction] = parts();
    expect(escrow.said(memo, signatures, instruction)).toBe("ok");
  });

  it("nowhere", () => {
    const [, instruction] = parts();
    expect(escrow.said(instruction)).toBe("SIGNATURES_MISSING");
    expect(escrow.said(memo, instruction)).toBe("SIGNATURES_MISSING");
  });

  it("too early, or behind", () => {
    const [signatures, instruction] = parts();
    expect(escrow.said(signatures, memo, instruction)).toBe("SIGNATURES_MISSING");
    expect(escrow.said(instruction, signatures)).toBe("SIGNATURES_MISSING");
  });

  it("one instruction of signatures does not serve two commits", () => {
    const [signatures, instruction] = parts();
    const next = commit(escrow.at, escrow.body({ epoch: escrow.pool.epoch + 2n }));
    expect(escrow.said(signatures, instruction, next)).toBe("SIGNATURES_MISSING");
  });

  it("in an instruction that only looks like the precompile's", () => {
    const [signatures, instruction] = parts();
    expect(escrow.said({ ...memo, data: signatures.data ?? new Uint8Array(0) }, instruction)).not.toBe("ok");
  });

  it("in an empty precompile instruction", () => {
    const [signatures, instruction] = parts();
    const { programAddress } = signatures;
    expect(escrow.said({ programAddress, data: Uint8Array.of(0, 0) }, instruction)).toBe("SIGNATURES_TOO_FEW");
  });

  /** The offsets of entry `i` (count and padding, then 14 bytes each): seven numbers of two bytes. */
  const withOffset = (signatures: Instruction, entry: number, field: number, value: number): Instruction => {
    const data = Buffer.from(signatures.data ?? []);
    data.writeUInt16LE(value, 2 + 14 * entry + 2 * field);
    return { ...signatures, data };
  };

  it.each([
    ["signature", 1],
    ["key", 3],
    ["message", 6],
  ])("with the %s in another instruction, although it is valid there", (_, field) => {
    const [signatures, instruction] = parts();
    for (const entry of [0, 1, 2]) {
      // The same bytes stand in instruction 0, so that the precompile is content.
      const elsewhere = withOffset(signatures, entry, field, 0);
      expect(escrow.said(signatures, elsewhere, instruction), `entry ${entry}`).toBe("SIGNATURES_MALFORMED");
      // Also where that instruction is this one, by its number.
      expect(escrow.said(elsewhere, instruction), `entry ${entry} by number`).toBe("SIGNATURES_MALFORMED");
    }
  });

  it("with the message at the very beginning of the data, where counts and offsets stand", () => {
    const [signatures, instruction] = parts();
    const offsets = Buffer.from(signatures.data ?? []).subarray(0, 48);
    const keys = attestors.slice(0, 3).map((key) => key.sign(offsets));
    const forged = signaturesInstruction(offsets, keys);
    // Each entry's message is what stands at offset 0: itself.
    const moved = [0, 1, 2].reduce((all, entry) => withOffset(all, entry, 4, 0), forged);
    const said = escrow.said(moved, instruction);
    expect(said).not.toBe("ok");
  });

  it("with attestors who signed different messages", () => {
    const [, instruction] = parts();
    const message = escrow.message(escrow.body());
    const other = signedBytes("commit", testHash("other"));
    const [first, second, third] = attestors.slice(0, 3).map((key, i) => key.sign(i === 1 ? other : message));
    const both = concatBytes(message, other);
    const one = signaturesInstruction(both, [first, second, third] as never);
    const messageAt = Buffer.from(one.data ?? []).readUInt16LE(2 + 8);
    const sized = [0, 1, 2].reduce((all, entry) => withOffset(all, entry, 5, 48), one);
    const pointed = withOffset(sized, 1, 4, messageAt + 48);
    expect(escrow.said(pointed, instruction)).toBe("SIGNATURES_MALFORMED");
  });

  it("in an account that imitates the instructions sysvar", () => {
    const [signatures, instruction] = parts() as [Instruction, ProgramInstruction];
    // Signed by nobody: the precompile never sees it.
    const data = Buffer.from(signatures.data ?? []);
    data.fill(0, data.length - 64);
    const forged = Buffer.alloc(6 + 2 + 32 + 2 + data.length + 2);
    for (const [i, value] of [2, 6, 6, 0].entries()) forged.writeUInt16LE(value, 2 * i);
    forged.set(fromBase58(signatures.programAddress), 8);
    forged.writeUInt16LE(data.length, 40);
    forged.set(data, 42);
    forged.writeUInt16LE(1, forged.length - 2);
    const imitation = testAddress("imitation");
    chain.put(imitation, chain.program, forged);
    const accounts = instruction.accounts.map((each, i) => (i === 2 ? { ...each, address: imitation } : each));
    expect(escrow.said({ ...instruction, accounts })).toBe("WRONG_ADDRESS");
  });

  it("with a longer message that begins with ours", () => {
    const [, instruction] = parts();
    const message = concatBytes(escrow.message(escrow.body()), Uint8Array.of(0));
    expect(escrow.said(escrow.signed(message), instruction)).toBe("SIGNATURES_MALFORMED");
  });
});
