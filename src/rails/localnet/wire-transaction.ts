import { addressText } from "./address-text.ts";

/**
 * A strict reader of Solana's transaction formats (legacy, v0, v1). The runtime's own reader aborts the whole process
 * on bytes it cannot read, so nothing reaches it that was not read here first, to the last byte.
 */
export interface WireTransaction {
  readonly wire: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  readonly message: WireMessage;
}

export interface WireMessage {
  readonly bytes: Uint8Array;
  readonly version: "legacy" | 0 | 1;
  readonly signers: number;
  readonly readonlySigners: number;
  readonly readonlyOthers: number;
  readonly keys: readonly Uint8Array[];
  readonly addresses: readonly string[];
  readonly blockhash: string;
  readonly instructions: readonly WireInstruction[];
  readonly lookups: readonly WireLookup[];
  /** The budget a v1 message carries in itself. */
  readonly budget: WireBudget | null;
}

export interface WireInstruction {
  readonly program: number;
  readonly accounts: Uint8Array;
  readonly data: Uint8Array;
}

export interface WireLookup {
  readonly table: Uint8Array;
  readonly writable: Uint8Array;
  readonly readonly: Uint8Array;
}

export interface WireBudget {
  readonly mask: number;
  readonly priorityFee: bigint;
  readonly computeUnits: number | null;
  readonly loadedBytes: number | null;
  readonly heapBytes: number | null;
}

export class WireError extends Error {}

export const wireSizeMax = 1232;
export const wireSizeMaxV1 = 4096;
const signatureSize = 64;

/** @throws WireError */
export function readTransaction(wire: Uint8Array): WireTransaction {
  if (wire[0] === 0x81) return readV1Transaction(wire);
  if (wire.length > wireSizeMax) throw new WireError(`transaction is ${wire.length} bytes, at most ${wireSizeMax}`);
  const cursor = new Cursor(wire);
  const signatures = cursor.many(cursor.compact(), () => cursor.take(signatureSize));
  const message = readMessage(wire.slice(cursor.offset));
  requireSignatures(signatures, message);
  return { wire, signatures, message };
}

/** v1 puts the signatures after the message, without their number. */
function readV1Transaction(wire: Uint8Array): WireTransaction {
  if (wire.length > wireSizeMaxV1) throw new WireError(`transaction is ${wire.length} bytes, at most ${wireSizeMaxV1}`);
  const end = wire.length - (wire[1] ?? 0) * signatureSize;
  if (end < 0) throw new WireError("transaction is too short for its signatures");
  const message = readMessage(wire.slice(0, end));
  const cursor = new Cursor(wire.slice(end));
  const signatures = cursor.many(message.signers, () => cursor.take(signatureSize));
  requireSignatures(signatures, message);
  return { wire, signatures, message };
}

function requireSignatures(signatures: readonly Uint8Array[], message: WireMessage): void {
  if (signatures.length !== message.signers) throw new WireError("number of signatures differs from the header");
}

/** @throws WireError */
export function readMessage(bytes: Uint8Array): WireMessage {
  const cursor = new Cursor(bytes);
  const first = cursor.peek();
  const message =
    first === 0x81 ? readV1Message(bytes, cursor) : readOlderMessage(bytes, cursor, first < 0x80 ? "legacy" : 0);
  cursor.end();
  sanitize(message);
  return message;
}

function readOlderMessage(bytes: Uint8Array, cursor: Cursor, version: "legacy" | 0): WireMessage {
  if (version === 0 && cursor.u8() !== 0x80) throw new WireError("unknown transaction version");
  const [signers, readonlySigners, readonlyOthers] = [cursor.u8(), cursor.u8(), cursor.u8()];
  const keys = cursor.many(cursor.compact(), () => cursor.take(32));
  const blockhash = addressText(cursor.take(32));
  const instructions = cursor.many(cursor.compact(), () => ({
    program: cursor.u8(),
    accounts: cursor.take(cursor.compact()),
    data: cursor.take(cursor.compact()),
  }));
  const lookups =
    version === "legacy"
      ? []
      : cursor.many(cursor.compact(), () => ({
          table: cursor.take(32),
          writable: cursor.take(cursor.compact()),
          readonly: cursor.take(cursor.compact()),
        }));
  const addresses = keys.map(addressText);
  const header = { bytes, version, signers, readonlySigners, readonlyOthers };
  return { ...header, keys, addresses, blockhash, instructions, lookups, budget: null };
}

/** SIMD-0385: fixed-size counts, the budget in the header, instruction headers before their payloads. */
function readV1Message(bytes: Uint8Array, cursor: Cursor): WireMessage {
  cursor.u8();
  const [signers, readonlySigners, readonlyOthers] = [cursor.u8(), cursor.u8(), cursor.u8()];
  const mask = cursor.u32();
  const blockhash = addressText(cursor.take(32));
  const [instructionCount, keyCount] = [cursor.u8(), cursor.u8()];
  const keys = cursor.many(keyCount, () => cursor.take(32));
  const budget = readBudget(cursor, mask);
  const headers = cursor.many(instructionCount, () => ({
    program: cursor.u8(),
    accounts: cursor.u8(),
    data: cursor.u16(),
  }));
  const instructions = headers.map((header) => ({
    program: header.program,
    accounts: cursor.take(header.accounts),
    data: cursor.take(header.data),
  }));
  const addresses = keys.map(addressText);
  const header = { bytes, version: 1 as const, signers, readonlySigners, readonlyOthers };
  return { ...header, keys, addresses, blockhash, instructions, lookups: [], budget };
}

function readBudget(cursor: Cursor, mask: number): WireBudget {
  if (mask > 0b11111 || ((mask & 0b11) !== 0 && (mask & 0b11) !== 0b11)) throw new WireError("unknown budget fields");
  return {
    mask,
    priorityFee: (mask & 0b11) === 0b11 ? cursor.u64() : 0n,
    computeUnits: (mask & 0b100) === 0 ? null : cursor.u32(),
    loadedBytes: (mask & 0b1000) === 0 ? null : cursor.u32(),
    heapBytes: (mask & 0b10000) === 0 ? null : cursor.u32(),
  };
}

/** The checks of the runtime's `sanitize`: indexes in range, a writable fee payer, no key twice. */
function sanitize(message: WireMessage): void {
  const loaded = message.lookups.reduce((sum, each) => sum + each.writable.length + each.readonly.length, 0);
  const total = message.keys.length + loaded;
  if (message.signers === 0 || message.readonlySigners >= message.signers) throw new WireError("no writable fee payer");
  if (message.signers + message.readonlyOthers > message.keys.length) throw new WireError("header exceeds the keys");
  if (total > 256) throw new WireError("more than 256 accounts");
  if (new Set(message.addresses).size !== message.keys.length) throw new WireError("an account is listed twice");
  for (const instruction of message.instructions) {
    if (instruction.program === 0 || instruction.program >= message.keys.length) {
      throw new WireError("program index out of range");
    }
    if (instruction.accounts.some((index) => index >= total)) throw new WireError("account index out of range");
  }
  if (message.lookups.some((each) => each.writable.length + each.readonly.length === 0)) {
    throw new WireError("a lookup loads nothing");
  }
}

/** Whether the account at this index may be written, among the message's own keys. */
export function isWritable(message: WireMessage, index: number): boolean {
  return index < message.signers
    ? index < message.signers - message.readonlySigners
    : index < message.keys.length - message.readonlyOthers;
}

class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #advance(size: number): number {
    const at = this.offset;
    if (size > this.#bytes.length - at) throw new WireError(`transaction ends at byte ${at}, in the middle of a field`);
    this.offset = at + size;
    return at;
  }

  peek(): number {
    const byte = this.#bytes[this.offset];
    if (byte === undefined) throw new WireError("transaction has no message");
    return byte;
  }

  u8 = (): number => this.#view.getUint8(this.#advance(1));
  u16 = (): number => this.#view.getUint16(this.#advance(2), true);
  u32 = (): number => this.#view.getUint32(this.#advance(4), true);
  u64 = (): bigint => this.#view.getBigUint64(this.#advance(8), true);

  /** Solana's compact-u16, in its shortest form only. */
  compact(): number {
    let value = 0;
    for (let shift = 0; shift <= 14; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if ((byte === 0 && shift > 0) || value > 0xffff) break;
        return value;
      }
    }
    throw new WireError("a length is not in its shortest form");
  }

  take(size: number): Uint8Array {
    const at = this.#advance(size);
    return this.#bytes.slice(at, at + size);
  }

  many<T>(count: number, read: () => T): T[] {
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  end(): void {
    if (this.offset !== this.#bytes.length) throw new WireError("transaction has bytes left over");
  }
}
