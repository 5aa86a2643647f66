import { base58 } from "@scure/base";
import { fromUtf8 } from "../../core/bytes.ts";
import {
  associatedTokenProgram,
  memoProgram,
  readU64,
  systemProgram,
  token2022Program,
  tokenProgram,
} from "./accounts.ts";
import { advanceNonce } from "./durable-nonce.ts";
import { uiAmount } from "./meta.ts";
import type { WireJson } from "./wire-json.ts";

export interface PlainInstruction {
  readonly program: string;
  readonly accounts: readonly string[];
  readonly data: Uint8Array;
  readonly stackHeight: number;
}

type Parsed = { readonly type: string; readonly info: WireJson } | string | null;
type Reader = (accounts: readonly string[], data: Uint8Array) => Parsed;

/**
 * An instruction as `jsonParsed` shows it. What is not known here is shown with its accounts and bytes, as every node
 * shows the instructions of programs it does not know.
 */
export function instructionJson({ program, accounts, data, stackHeight }: PlainInstruction): WireJson {
  const reader = readers[program];
  const parsed = reader === undefined ? null : attempt(() => reader.read(accounts, data));
  return parsed === null
    ? { accounts, data: base58.encode(data), programId: program, stackHeight }
    : { parsed, program: (reader as { name: string }).name, programId: program, stackHeight };
}

/** Bytes that do not make up the instruction they claim to be are shown unparsed. */
function attempt(read: () => Parsed): Parsed {
  try {
    return read();
  } catch {
    return null;
  }
}

const addressAt = (data: Uint8Array, at: number): string => {
  if (data.length < at + 32) throw new RangeError("no address here");
  return base58.encode(data.subarray(at, at + 32));
};
const u32At = (data: Uint8Array, at: number): number =>
  new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(at, true);

const readSystem: Reader = (accounts, data) => {
  const [first, second] = accounts;
  const kind = u32At(data, 0);
  if (kind === 0) {
    const info = {
      source: first,
      newAccount: second,
      lamports: readU64(data, 4),
      space: readU64(data, 12),
      owner: addressAt(data, 20),
    };
    return { type: "createAccount", info };
  }
  if (kind === 1) return { type: "assign", info: { account: first, owner: addressAt(data, 4) } };
  if (kind === 2) return { type: "transfer", info: { source: first, destination: second, lamports: readU64(data, 4) } };
  if (kind === 8) return { type: "allocate", info: { account: first, space: readU64(data, 4) } };
  return readNonce(kind, accounts, data);
};

function readNonce(kind: number, accounts: readonly string[], data: Uint8Array): Parsed {
  const [nonceAccount, second, third, fourth, fifth] = accounts;
  if (kind === advanceNonce) {
    return { type: "advanceNonce", info: { nonceAccount, recentBlockhashesSysvar: second, nonceAuthority: third } };
  }
  if (kind === 5) {
    const sysvars = { recentBlockhashesSysvar: third, rentSysvar: fourth };
    const info = { nonceAccount, destination: second, ...sysvars, nonceAuthority: fifth, lamports: readU64(data, 4) };
    return { type: "withdrawFromNonce", info };
  }
  if (kind === 6) {
    const sysvars = { recentBlockhashesSysvar: second, rentSysvar: third };
    return { type: "initializeNonce", info: { nonceAccount, ...sysvars, nonceAuthority: addressAt(data, 4) } };
  }
  if (kind !== 7) return null;
  return { type: "authorizeNonce", info: { nonceAccount, nonceAuthority: second, newAuthorized: addressAt(data, 4) } };
}

const readAssociated: Reader = (accounts, data) => {
  const type = data.length === 0 || data[0] === 0 ? "create" : data[0] === 1 ? "createIdempotent" : null;
  if (type === null) return null;
  const [source, account, wallet, mint, system, token] = accounts;
  return { type, info: { source, account, wallet, mint, systemProgram: system, tokenProgram: token } };
};

/** One signer, or a multisig with its signers after it. */
const authority = (name: string, accounts: readonly string[], at: number): { readonly [key: string]: WireJson } =>
  accounts.length <= at + 1
    ? { [name]: accounts[at] ?? null }
    : { [`multisig${name[0]?.toUpperCase()}${name.slice(1)}`]: accounts[at] ?? null, signers: accounts.slice(at + 1) };

const amountOf = (data: Uint8Array): { amount: string } => ({ amount: readU64(data, 1).toString() });
const tokenAmountOf = (data: Uint8Array): { tokenAmount: WireJson } => ({
  tokenAmount: uiAmount(readU64(data, 1), data[9] ?? 0),
});

const mintInfo = (mint: string | undefined, data: Uint8Array): WireJson => ({
  mint,
  decimals: data[1] ?? 0,
  mintAuthority: addressAt(data, 2),
  freezeAuthority: data[34] === 1 ? addressAt(data, 35) : undefined,
});

const tokenReaders: Readonly<Record<number, Reader>> = {
  0: ([mint], data) => ({ type: "initializeMint", info: mintInfo(mint, data) }),
  1: ([account, mint, owner]) => ({ type: "initializeAccount", info: { account, mint, owner } }),
  3: (accounts, data) => ({
    type: "transfer",
    info: { source: accounts[0], destination: accounts[1], ...amountOf(data), ...authority("authority", accounts, 2) },
  }),
  7: (accounts, data) => ({
    type: "mintTo",
    info: { mint: accounts[0], account: accounts[1], ...amountOf(data), ...authority("mintAuthority", accounts, 2) },
  }),
  8: (accounts, data) => ({
    type: "burn",
    info: { account: accounts[0], mint: accounts[1], ...amountOf(data), ...authority("authority", accounts, 2) },
  }),
  9: (accounts) => ({
    type: "closeAccount",
    info: { account: accounts[0], destination: accounts[1], ...authority("owner", accounts, 2) },
  }),
  12: (accounts, data) => ({
    type: "transferChecked",
    info: {
      source: accounts[0],
      mint: accounts[1],
      destination: accounts[2],
      ...tokenAmountOf(data),
      ...authority("authority", accounts, 3),
    },
  }),
  14: (accounts, data) => ({
    type: "mintToChecked",
    info: {
      mint: accounts[0],
      account: accounts[1],
      ...tokenAmountOf(data),
      ...authority("mintAuthority", accounts, 2),
    },
  }),
  18: ([account, mint], data) => ({ type: "initializeAccount3", info: { account, mint, owner: addressAt(data, 1) } }),
  20: ([mint], data) => ({ type: "initializeMint2", info: mintInfo(mint, data) }),
  21: ([mint]) => ({ type: "getAccountDataSize", info: { mint } }),
  22: ([account]) => ({ type: "initializeImmutableOwner", info: { account } }),
};

const readToken: Reader = (accounts, data) => tokenReaders[data[0] ?? -1]?.(accounts, data) ?? null;

const readers: Readonly<Record<string, { readonly name: string; readonly read: Reader }>> = {
  [systemProgram]: { name: "system", read: readSystem },
  [tokenProgram]: { name: "spl-token", read: readToken },
  [token2022Program]: { name: "spl-token-2022", read: readToken },
  [associatedTokenProgram]: { name: "spl-associated-token-account", read: readAssociated },
  [memoProgram]: { name: "spl-memo", read: (_, data) => fromUtf8(data) },
};
