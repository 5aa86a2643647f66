import { deflateRawSync, inflateRawSync } from "node:zlib";
import {
  bool,
  bytes,
  type Codec,
  type Decoded,
  fixed,
  list,
  optional,
  struct,
  text,
  u64,
  varint,
} from "../../core/codec.ts";
import type { StoredAccount } from "./accounts.ts";
import { addressBytes, addressText } from "./address-text.ts";

const address: Codec<string> = {
  write: (w, v) => w.raw(addressBytes(v)),
  read: (r) => addressText(r.raw(32)),
};

export const accountCodec: Codec<StoredAccount> = struct({
  lamports: u64(),
  owner: address,
  executable: bool,
  data: bytes,
});

export const changeCodec = struct({ address, account: optional(accountCodec) });

/**
 * One transaction and what it did: the accounts it wrote, as they stood afterwards (so that reload executes nothing and
 * depends on no version of the runtime), and the `meta` that getTransaction shows, as JSON (compressed: logs repeat
 * themselves).
 */
export const recordCodec = struct({
  sequence: varint,
  slot: varint,
  slotStartMs: varint,
  signature: fixed(64),
  error: text(),
  memo: text(),
  loaded: list(address),
  wire: bytes,
  meta: bytes,
  changes: list(changeCodec),
});

export type Change = Decoded<typeof changeCodec>;
export type TransactionRecord = Decoded<typeof recordCodec>;

export const packMeta = (json: string): Uint8Array => deflateRawSync(json, { level: 1 });
export const unpackMeta = (packed: Uint8Array): string => inflateRawSync(packed).toString("utf8");
