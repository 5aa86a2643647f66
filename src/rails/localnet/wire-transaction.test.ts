import {
  type AccountMeta,
  AccountRole,
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  generateKeyPairSigner,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { isWritable, readTransaction, WireError } from "./wire-transaction.ts";

const lifetime = { blockhash: "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi" as Blockhash, lastValidBlockHeight: 1n };
const table = "8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR" as Address;
let payer: KeyPairSigner;
let other: KeyPairSigner;
let examples: { legacy: Uint8Array; v0: Uint8Array; lookup: Uint8Array; v1: Uint8Array };

const instructions = (): [Instruction, Instruction] => [
  getTransferSolInstruction({ source: payer, destination: other.address, amount: 5n }),
  {
    programAddress: "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr" as Address,
    accounts: [{ address: other.address, role: AccountRole.READONLY_SIGNER, signer: other } as AccountMeta],
    data: new Uint8Array([104, 105]),
  },
];

beforeAll(async () => {
  [payer, other] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
  const encoder = getTransactionEncoder();
  const legacy = pipe(
    createTransactionMessage({ version: "legacy" }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions(instructions(), m),
  );
  const v0 = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions(instructions(), m),
  );
  const far = { address: table, role: AccountRole.WRITABLE };
  const lookup = compressTransactionMessageUsingAddressLookupTables(
    appendTransactionMessageInstructions([{ ...instructions()[1], accounts: [far] }], v0),
    { [table]: [other.address, table] },
  );
  const v1 = pipe(
    createTransactionMessage({ version: 1 }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => setTransactionMessageConfig({ computeUnitLimit: 9, priorityFeeLamports: 7n }, m),
    (m) => appendTransactionMessageInstructions(instructions(), m),
  );
  const [a, b, c, d] = await Promise.all([
    signTransactionMessageWithSigners(legacy),
    signTransactionMessageWithSigners(v0),
    signTransactionMessageWithSigners(lookup),
    signTransactionMessageWithSigners(v1),
  ]);
  const bytes = (transaction: typeof a | typeof b | typeof c | typeof d) => new Uint8Array(encoder.encode(transaction));
  examples = { legacy: bytes(a), v0: bytes(b), lookup: bytes(c), v1: bytes(d) };
});

describe("readTransaction", () => {
  it.each(["legacy", "v0", "lookup"] as const)("reads %s as kit does", (name) => {
    const read = readTransaction(examples[name]);
    const decoded = getTransactionDecoder().decode(examples[name]);
    const message = getCompiledTransactionMessageDecoder().decode(decoded.messageBytes);
    if (message.version === 1) throw new Error("not an older message");
    expect(read.message.bytes).toEqual(new Uint8Array(decoded.messageBytes));
    expect(read.message.version).toBe(message.version);
    expect(read.message.addresses).toEqual(message.staticAccounts);
    expect(read.message.blockhash).toBe(message.lifetimeToken);
    expect(read.message.signers).toBe(message.header.numSignerAccounts);
    expect(read.message.instructions.map((each) => each.program)).toEqual(
      message.instructions.map((each) => each.programAddressIndex),
    );
    expect(read.signatures).toHaveLength(2);
  });

  it("reads what lookup tables load", () => {
    expect(readTransaction(examples.lookup).message.lookups).toHaveLength(1);
    expect([...(readTransaction(examples.lookup).message.lookups[0]?.writable ?? [])]).toEqual([1]);
  });

  it("reads v1 with its budget", () => {
    const { message, signatures } = readTransaction(examples.v1);
    expect(message.budget).toMatchObject({ priorityFee: 7n, computeUnits: 9, heapBytes: null });
    expect(message.addresses.slice(0, 2)).toEqual([payer.address, other.address]);
    expect(signatures).toHaveLength(2);
  });

  it("tells what may be written", () => {
    const { message } = readTransaction(examples.v0);
    const writable = message.addresses.filter((_, i) => isWritable(message, i));
    expect(new Set(writable)).toEqual(new Set([payer.address, other.address]));
  });

  it.each(["legacy", "v0", "lookup", "v1"] as const)("refuses every truncation and extension of %s", (name) => {
    const whole = examples[name];
    for (let length = 0; length < whole.length; length++) {
      expect(() => readTransaction(whole.slice(0, length)), `${length} bytes`).toThrow(WireError);
    }
    expect(() => readTransaction(Uint8Array.of(...whole, 0))).toThrow(WireError);
  });

  it("refuses lengths that are not in their shortest form", () => {
    const long = Uint8Array.of(0x82, 0x00, ...examples.v0.slice(1));
    expect(() => readTransaction(long)).toThrow("shortest form");
  });

  it("refuses more bytes than a packet holds", () => {
    expect(() => readTransaction(new Uint8Array(1233))).toThrow("at most 1232");
    expect(() => readTransaction(Uint8Array.of(0x81, ...new Uint8Array(4096)))).toThrow("at most 4096");
  });

  it("either reads mutated bytes or says that it cannot", () => {
    const mutation = fc.record({
      name: fc.constantFrom("legacy", "v0", "lookup", "v1"),
      edits: fc.array(fc.tuple(fc.nat(1500), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(mutation, ({ name, edits }) => {
        const bytes = Uint8Array.from(examples[name]);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        try {
          const { message } = readTransaction(bytes);
          for (const each of message.instructions) expect(each.program).toBeLessThan(message.keys.length);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
