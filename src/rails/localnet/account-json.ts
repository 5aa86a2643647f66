import { base58, base64 } from "@scure/base";
import type { StoredAccount } from "./accounts.ts";
import type { Config } from "./params.ts";
import { type DecimalsOf, parsedData } from "./parsed-accounts.ts";
import { invalidParams } from "./rpc-error.ts";
import type { WireJson } from "./wire-json.ts";
import { zstdFrame } from "./zstd.ts";

const encodings = ["binary", "base58", "base64", "base64+zstd", "jsonParsed"] as const;
export type AccountEncoding = (typeof encodings)[number];

const rentEpoch = (1n << 64n) - 1n;
const base58Max = 128;

export interface AccountFormat {
  readonly encoding: AccountEncoding;
  readonly slice: { readonly offset: number; readonly length: number } | null;
}

export function accountFormat(config: Config, byDefault: AccountEncoding = "binary"): AccountFormat {
  const slice = config.object("dataSlice");
  return {
    encoding: config.oneOf("encoding", encodings) ?? byDefault,
    slice:
      slice === null
        ? null
        : {
            offset: slice.integer("offset", Number.MAX_SAFE_INTEGER) ?? 0,
            length: slice.integer("length", Number.MAX_SAFE_INTEGER) ?? 0,
          },
  };
}

/** Sysvars are known by their `address`, everything else by what it is. */
export function accountJson(
  account: StoredAccount,
  format: AccountFormat,
  decimalsOf: DecimalsOf,
  address: string | null = null,
): WireJson {
  return {
    data: dataJson(account, format, decimalsOf, address),
    executable: account.executable,
    lamports: account.lamports,
    owner: account.owner,
    rentEpoch,
    space: account.data.length,
  };
}

function dataJson(
  account: StoredAccount,
  { encoding, slice }: AccountFormat,
  decimalsOf: DecimalsOf,
  address: string | null,
): WireJson {
  if (encoding === "jsonParsed") {
    const parsed = parsedData(account, decimalsOf, address);
    if (parsed !== null) return parsed;
  }
  const data = slice === null ? account.data : account.data.subarray(slice.offset, slice.offset + slice.length);
  if (encoding === "base64+zstd") return [base64.encode(zstdFrame(data)), "base64+zstd"];
  if (encoding === "base64" || encoding === "jsonParsed") return [base64.encode(data), "base64"];
  if (data.length > base58Max) {
    throw invalidParams("Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.");
  }
  return encoding === "binary" ? base58.encode(data) : [base58.encode(data), "base58"];
}
