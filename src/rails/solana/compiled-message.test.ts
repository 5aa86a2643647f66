import {
  AccountRole,
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransaction,
  createTransactionMessage,
  decompileTransactionMessage,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  getTransactionEncoder,
  type Instruction,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase58 } from "../../core/bytes.ts";
import { readTransaction } from "../localnet/wire-transaction.ts";
import { compileMessage, type MessageParts, signedWire, signersOf } from "./compiled-message.ts";

const addressOf = (number: number): Address => toBase58(new Uint8Array(32).fill(number)) as Address;
const blockhash = addressOf(200);
const payer = addressOf(1);
const budget = { computeUnits: 70_000, loadedBytes: 8 << 20, priorityFeeLamports: 1n << 40n };

const someInstructions = fc.array(
  fc.record({
    programAddress: fc.integer({ min: 100, max: 104 }).map(addressOf),
    accounts: fc.array(
      fc.record({
        address: fc.integer({ min: 1, max: 12 }).map(addressOf),
        role: fc.constantFrom(
          AccountRole.READONLY,
          AccountRole.WRITABLE,
          AccountRole.READONLY_SIGNER,
          AccountRole.WRITABLE_SIGNER,
        ),
      }),
      { maxLength: 20 },
    ),
    data: fc.uint8Array({ maxLength: 200 }),
  }),
  { minLength: 1, maxLength: 4 },
);

/** The same transaction by kit, without signatures. */
function byKit({ instructions, budget: asked }: MessageParts) {
  const lifetime = { blockhash: blockhash as string as Blockhash, lastValidBlockHeight: 1n };
  if (asked === null) {
    return pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayer(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
      (m) => appendTransactionMessageInstructions(instructions, m),
      compileTransaction,
    );
  }
  const { computeUnits, loadedBytes, priorityFeeLamports } = asked;
  const config = { computeUnitLimit: computeUnits, loadedAccountsDataSizeLimit: loadedBytes, priorityFeeLamports };
  return pipe(
    createTransactionMessage({ version: 1 }),
    (m) => setTransactionMessageFeePayer(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => setTransactionMessageConfig(config, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
    compileTransaction,
  );
}

/** Who signs, by kit and by us, in the order of the message. */
const unsigned = (message: Uint8Array): Uint8Array =>
  signedWire(
    message,
    Array.from({ length: signersOf(message) }, () => new Uint8Array(64)),
  );

describe.each([
  ["version 0", null],
  ["version 1", budget],
])("a message of %s", (_, asked) => {
  it("says what kit's says, in as many bytes", () => {
    fc.assert(
      fc.property(someInstructions, (instructions) => {
        const parts: MessageParts = { payer, blockhash, instructions, budget: asked };
        const [kits, message] = [byKit(parts), compileMessage(parts)];
        expect(message).toHaveLength(kits.messageBytes.length);
        expect(decompiled(message)).toEqual(decompiled(new Uint8Array(kits.messageBytes)));
      }),
      { numRuns: 200 },
    );
  });

  it("is read again from its transaction, by kit and by a node", () => {
    const instructions: Instruction[] = [
      { programAddress: addressOf(100), accounts: [{ address: addressOf(2), role: AccountRole.WRITABLE }] },
    ];
    const parts: MessageParts = { payer, blockhash, instructions, budget: asked };
    const wire = unsigned(compileMessage(parts));
    expect(wire).toEqual(new Uint8Array(getTransactionEncoder().encode(byKit(parts))));
    const read = readTransaction(wire);
    expect(new Uint8Array(getTransactionDecoder().decode(wire).messageBytes)).toEqual(read.message.bytes);
    expect(read.message).toMatchObject({ blockhash, addresses: [payer, addressOf(2), addressOf(100)] });
  });
});

const decompiled = (message: Uint8Array) =>
  decompileTransactionMessage(getCompiledTransactionMessageDecoder().decode(message) as never);
