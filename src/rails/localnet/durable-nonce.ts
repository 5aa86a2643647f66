import { createHash } from "node:crypto";
import { base58 } from "@scure/base";
import { type StoredAccount, systemProgram } from "./accounts.ts";
import { isWritable, type WireMessage } from "./wire-transaction.ts";

/**
 * A durable nonce takes the place of a recent blockhash: a value in an account, which the transaction's first instruction
 * replaces. Who signs it may take days until it is sent; it is good for one transaction all the same.
 */
export interface NonceView {
  readonly authority: string;
  /** What a message says for its blockhash. */
  readonly value: string;
  readonly lamportsPerSignature: bigint;
}

export const nonceAccountSize = 80;
const [authorityAt, valueAt, valueEnd] = [8, 40, 72];
const [currentVersion, initialized] = [1, 1];
/** Of the system program. */
export const advanceNonce = 4;

/** Null for whatever is no nonce account that can be used. */
export function nonceView({ owner, data }: StoredAccount): NonceView | null {
  if (owner !== systemProgram || data.length !== nonceAccountSize) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0, true) !== currentVersion || view.getUint32(4, true) !== initialized) return null;
  return {
    authority: base58.encode(data.subarray(authorityAt, valueAt)),
    value: base58.encode(data.subarray(valueAt, valueEnd)),
    lamportsPerSignature: view.getBigUint64(valueEnd, true),
  };
}

/** The account whose value the message names, as nodes look for it; null where it goes by a blockhash. */
export function spentNonce(message: WireMessage, accountOf: (address: string) => StoredAccount | null): string | null {
  const [first] = message.instructions;
  const place = first?.accounts[0];
  if (first === undefined || place === undefined || message.addresses[first.program] !== systemProgram) return null;
  const { data } = first;
  if (data.length < 4 || new DataView(data.buffer, data.byteOffset).getUint32(0, true) !== advanceNonce) return null;
  const address = message.addresses[place];
  if (address === undefined || !isWritable(message, place)) return null;
  const account = accountOf(address);
  const nonce = account === null ? null : nonceView(account);
  if (nonce === null || nonce.value !== message.blockhash) return null;
  const isSigned = [...first.accounts].some((at) => at < message.signers && message.addresses[at] === nonce.authority);
  return isSigned ? address : null;
}

/** The account of a transaction that failed: its nonce is spent, which the runtime undoes with all else. */
export function withNextNonce(account: StoredAccount, { blockhash }: WireMessage): StoredAccount {
  const next = createHash("sha256").update("DURABLE_NONCE").update(base58.decode(blockhash)).digest();
  const data = Uint8Array.from(account.data);
  data.set(next, valueAt);
  return { ...account, data };
}
