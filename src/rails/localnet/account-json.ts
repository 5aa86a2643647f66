import { base58, base64 } from "@scure/base";
import { isMint, isTokenAccount, readU64, type StoredAccount, tokenAccountView, tokenProgram } from "./accounts.ts";
import { uiAmount } from "./meta.ts";
import type { Config } from "./params.ts";
import { invalidParams } from "./rpc-error.ts";
import type { WireJson } from "./wire-json.ts";

export type AccountEncoding = "binary" | "base58" | "base64" | "jsonParsed";
export type DecimalsOf = (mint: string) => number;

const rentEpoch = (1n << 64n) - 1n;
const base58Max = 128;

export interface AccountFormat {
  readonly encoding: AccountEncoding;
  readonly slice: { readonly offset: number; readonly length: number } | null;
}

export function accountFormat(config: Config, byDefault: AccountEncoding = "binary"): AccountFormat {
  const slice = config.object("dataSlice");
  return {
    encoding: config.oneOf("encoding", ["binary", "base58", "base64", "jsonParsed"]) ?? byDefault,
    slice:
      slice === null
        ? null
        : {
            offset: slice.integer("offset", Number.MAX_SAFE_INTEGER) ?? 0,
            length: slice.integer("length", Number.MAX_SAFE_INTEGER) ?? 0,
          },
  };
}

export function accountJson(account: StoredAccount, format: AccountFormat, decimalsOf: DecimalsOf): WireJson {
  return {
    data: dataJson(account, format, decimalsOf),
    executable: account.executable,
    lamports: account.lamports,
    owner: account.owner,
    rentEpoch,
    space: account.data.length,
  };
}

function dataJson(account: StoredAccount, { encoding, slice }: AccountFormat, decimalsOf: DecimalsOf): WireJson {
  if (encoding === "jsonParsed") {
    const parsed = parsedData(account, decimalsOf);
    if (parsed !== null) return parsed;
  }
  const data = slice === null ? account.data : account.data.subarray(slice.offset, slice.offset + slice.length);
  if (encoding === "base64" || encoding === "jsonParsed") return [base64.encode(data), "base64"];
  if (data.length > base58Max) {
    throw invalidParams("Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.");
  }
  return encoding === "binary" ? base58.encode(data) : [base58.encode(data), "base58"];
}

function parsedData(account: StoredAccount, decimalsOf: DecimalsOf): WireJson {
  const parsed = isTokenAccount(account)
    ? { type: "account", info: tokenAccountInfo(account, decimalsOf) }
    : isMint(account)
      ? { type: "mint", info: mintInfo(account.data) }
      : null;
  if (parsed === null) return null;
  const program = account.owner === tokenProgram ? "spl-token" : "spl-token-2022";
  return { program, parsed, space: account.data.length };
}

function tokenAccountInfo(account: StoredAccount, decimalsOf: DecimalsOf): WireJson {
  const { data } = account;
  const { mint, owner, amount } = tokenAccountView(account);
  const decimals = decimalsOf(mint);
  const delegate = optionalAddress(data, 72);
  const reserve = optionalU64(data, 109);
  return {
    isNative: reserve !== null,
    mint,
    owner,
    state: data[108] === 2 ? "frozen" : "initialized",
    tokenAmount: uiAmount(amount, decimals),
    delegate: delegate ?? undefined,
    delegatedAmount: delegate === null ? undefined : uiAmount(readU64(data, 121), decimals),
    rentExemptReserve: reserve === null ? undefined : uiAmount(reserve, decimals),
    closeAuthority: optionalAddress(data, 129) ?? undefined,
  };
}

const mintInfo = (data: Uint8Array): WireJson => ({
  mintAuthority: optionalAddress(data, 0),
  supply: readU64(data, 36).toString(),
  decimals: data[44] ?? 0,
  isInitialized: data[45] === 1,
  freezeAuthority: optionalAddress(data, 46),
});

/** A COption of the token program: four bytes of tag, then the value. */
const optionalAddress = (data: Uint8Array, at: number): string | null =>
  data[at] === 0 ? null : base58.encode(data.subarray(at + 4, at + 36));

const optionalU64 = (data: Uint8Array, at: number): bigint | null => (data[at] === 0 ? null : readU64(data, at + 4));
