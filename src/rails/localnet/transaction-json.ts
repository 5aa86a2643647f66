import { base58, base64 } from "@scure/base";
import { instructionJson, type PlainInstruction } from "./instruction-json.ts";
import type { InnerJson } from "./meta.ts";
import { type TransactionRecord, unpackMeta } from "./record.ts";
import { RpcError, rpcCodes } from "./rpc-error.ts";
import { readJson, type WireJson } from "./wire-json.ts";
import { isWritable, readTransaction, type WireMessage, type WireTransaction } from "./wire-transaction.ts";

export type TransactionEncoding = "json" | "jsonParsed" | "base58" | "base64";

interface Loaded {
  readonly writable: readonly string[];
  readonly readonly: readonly string[];
}

type Meta = { readonly innerInstructions: readonly InnerJson[]; readonly loadedAddresses: Loaded };

/** What getTransaction answers. */
export function transactionJson(
  record: TransactionRecord,
  encoding: TransactionEncoding,
  versionMax: number | null,
): { readonly [key: string]: WireJson | undefined } {
  const { transaction, version, meta } = readRecord(record, versionMax);
  return {
    slot: record.slot,
    blockTime: Math.floor(record.slotStartMs / 1000),
    version,
    transaction: encoded(transaction, encoding, meta.loadedAddresses),
    meta: encoding === "jsonParsed" ? parsedMeta(transaction.message, meta) : meta,
  };
}

/** Its accounts and balances alone, as getBlock shows them where no more is asked for. */
export function transactionAccountsJson(record: TransactionRecord, versionMax: number | null): WireJson {
  const { transaction, version, meta } = readRecord(record, versionMax);
  const { err, status, fee, preBalances, postBalances, preTokenBalances, postTokenBalances } = meta;
  return {
    version,
    transaction: {
      signatures: transaction.signatures.map((each) => base58.encode(each)),
      accountKeys: accountKeys(transaction.message, meta.loadedAddresses),
    },
    meta: { err, status, fee, preBalances, postBalances, preTokenBalances, postTokenBalances },
  };
}

type WholeMeta = Meta & { readonly [key: string]: WireJson };

/** Throws where the client does not read this version. */
function readRecord(
  record: TransactionRecord,
  versionMax: number | null,
): {
  readonly transaction: WireTransaction;
  readonly version: WireJson | undefined;
  readonly meta: WholeMeta;
} {
  const transaction = readTransaction(record.wire);
  const { version } = transaction.message;
  if (version !== "legacy" && version > (versionMax ?? -1)) {
    throw new RpcError(
      rpcCodes.version,
      `Transaction version (${version}) is not supported by the requesting client. Please try the request again with ` +
        `the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
    );
  }
  const meta = readJson(unpackMeta(record.meta)) as unknown as WholeMeta;
  return { transaction, version: versionMax === null ? undefined : version, meta };
}

function encoded(transaction: WireTransaction, encoding: TransactionEncoding, loaded: Loaded): WireJson {
  const { wire, signatures, message } = transaction;
  if (encoding === "base64") return [base64.encode(wire), "base64"];
  if (encoding === "base58") return [base58.encode(wire), "base58"];
  return {
    signatures: signatures.map((each) => base58.encode(each)),
    message: encoding === "json" ? plainMessage(message) : parsedMessage(message, loaded),
  };
}

function plainMessage(message: WireMessage): WireJson {
  return {
    header: {
      numRequiredSignatures: message.signers,
      numReadonlySignedAccounts: message.readonlySigners,
      numReadonlyUnsignedAccounts: message.readonlyOthers,
    },
    accountKeys: message.addresses,
    recentBlockhash: message.blockhash,
    instructions: message.instructions.map((each) => ({
      programIdIndex: each.program,
      accounts: [...each.accounts],
      data: base58.encode(each.data),
      stackHeight: 1,
    })),
    ...afterInstructions(message),
  };
}

function parsedMessage(message: WireMessage, loaded: Loaded): WireJson {
  const all = [...message.addresses, ...loaded.writable, ...loaded.readonly];
  return {
    accountKeys: accountKeys(message, loaded),
    recentBlockhash: message.blockhash,
    instructions: message.instructions.map((each) =>
      instructionJson(plain(all, each.program, [...each.accounts], each.data, 1)),
    ),
    ...afterInstructions(message),
  };
}

const accountKeys = (message: WireMessage, loaded: Loaded): WireJson =>
  [...message.addresses, ...loaded.writable, ...loaded.readonly].map((pubkey, i) => ({
    pubkey,
    signer: i < message.signers,
    writable:
      i < message.addresses.length ? isWritable(message, i) : i < message.addresses.length + loaded.writable.length,
    source: i < message.addresses.length ? "transaction" : "lookupTable",
  }));

function afterInstructions(message: WireMessage): { readonly [key: string]: WireJson } {
  if (message.version === "legacy") return {};
  if (message.budget !== null) {
    const { priorityFee, computeUnits, loadedBytes, heapBytes } = message.budget;
    return {
      transactionConfig: {
        priorityFeeLamports: priorityFee,
        computeUnitLimit: computeUnits,
        loadedAccountsDataSizeLimit: loadedBytes,
        heapSize: heapBytes,
      },
    };
  }
  return {
    addressTableLookups: message.lookups.map((each) => ({
      accountKey: base58.encode(each.table),
      writableIndexes: [...each.writable],
      readonlyIndexes: [...each.readonly],
    })),
  };
}

function parsedMeta(message: WireMessage, meta: Meta & { readonly [key: string]: WireJson }): WireJson {
  const { loadedAddresses, ...rest } = meta;
  const all = [...message.addresses, ...loadedAddresses.writable, ...loadedAddresses.readonly];
  return { ...rest, innerInstructions: parsedInner(all, meta.innerInstructions) };
}

/** Inner instructions of a message with these accounts, as `jsonParsed` shows them. */
export const parsedInner = (all: readonly string[], inner: readonly InnerJson[]): WireJson[] =>
  inner.map(({ index, instructions }) => ({
    index,
    instructions: instructions.map((each) =>
      instructionJson(plain(all, each.programIdIndex, each.accounts, base58.decode(each.data), each.stackHeight)),
    ),
  }));

const plain = (
  all: readonly string[],
  program: number,
  accounts: readonly number[],
  data: Uint8Array,
  stackHeight: number,
): PlainInstruction => ({
  program: all[program] as string,
  accounts: accounts.map((index) => all[index] as string),
  data,
  stackHeight,
});
