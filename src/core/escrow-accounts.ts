import { type Bytes32, bytes32, equalBytes, fromBase58, toBase58, toUtf8 } from "./bytes.ts";
import { type Codec, type Decoded, fixed, struct, u8, u32, u64 } from "./codec.ts";
import { attestorsMax } from "./commit/attestors.ts";
import { earnestError } from "./errors.ts";

/**
 * The accounts of the escrow program, as program/layouts.h has them: read by the rail, and by whoever checks a receipt
 * against the chain, in a page too.
 */
const layoutVersion = 1;
export const rootsKept = 4;
export const pageSlots = 256;

/** `Address` is what a layer calls base58 text of 32 bytes. */
export const addressCodec = <Address extends string>(): Codec<Address> => ({
  write: (w, v) => w.raw(bytes32(fromBase58(v))),
  read: (r) => toBase58(r.raw(32)) as Address,
});
const hash: Codec<Bytes32> = fixed<Bytes32>(32);
const amount = u64<bigint>();
/** Seconds since 1970. The program's are signed, and never negative. */
const seconds = u64<bigint>();

export interface OnChainAttestors<Address> {
  /** How many of them sign. */
  readonly threshold: number;
  readonly keys: readonly Address[];
}

const zeros = (size: number): Codec<Uint8Array> => ({
  write: (w) => w.raw(new Uint8Array(size)),
  read: (r) => {
    const raw = r.raw(size);
    if (raw.some((byte) => byte !== 0)) throw r.malformed();
    return raw;
  },
});

/** Count, threshold and eight places, of which those behind the count are zero. */
const attestorsCodec = <Address>(address: Codec<Address>): Codec<OnChainAttestors<Address>> => ({
  write: (w, { threshold, keys }) => {
    if (keys.length > attestorsMax) throw tooMany(keys.length);
    w.u8(keys.length);
    w.u8(threshold);
    for (const key of keys) address.write(w, key);
    w.raw(new Uint8Array(32 * (attestorsMax - keys.length)));
  },
  read: (r) => {
    const [count, threshold] = [r.u8(), r.u8()];
    if (count > attestorsMax) throw r.malformed();
    const keys = Array.from({ length: count }, () => address.read(r));
    zeros(32 * (attestorsMax - count)).read(r);
    return { threshold, keys };
  },
});

const tooMany = (length: number) =>
  earnestError("MALFORMED_REQUEST", { where: "attestors", problem: `${length} are more than ${attestorsMax}` });

/** A list of exactly this length, without one before it. */
const times = <T>(count: number, codec: Codec<T>): Codec<T[]> => ({
  write: (w, v) => {
    for (const item of v) codec.write(w, item);
  },
  read: (r) => Array.from({ length: count }, () => codec.read(r)),
});

/** The tag is the account's name, padded with zeros to eight letters. */
const tagOf = (name: string): Uint8Array => toUtf8(name.padEnd(8, "\0"));

/** Whether these are the bytes of such an account, of whatever version. */
export const isTagged = (name: string, data: Uint8Array): boolean => equalBytes(tagOf(name), data.subarray(0, 8));

const tag = (name: string): Codec<string> => {
  const wanted = tagOf(name);
  return {
    write: (w) => w.raw(wanted),
    read: (r) => {
      if (!equalBytes(wanted, r.raw(8))) throw r.malformed();
      return name;
    },
  };
};

const version: Codec<number> = {
  write: (w) => w.u8(layoutVersion),
  read: (r) => {
    if (r.u8() !== layoutVersion) throw r.malformed();
    return layoutVersion;
  },
};

const header = (name: string) => ({ tag: tag(name), version, bump: u8 });

/** How each account is laid out. */
export const escrowCodecs = <Address extends string>() => {
  const address = addressCodec<Address>();
  const attestors = attestorsCodec(address);
  return {
    networkCodec: struct({
      ...header("network"),
      flags: zeros(6),
      creator: address,
      id: amount,
      operator: address,
      cluster: hash,
      refundDelaySeconds: u32,
      deadAfterSeconds: u32,
      rotationDelaySeconds: u32,
      maxValiditySeconds: u32,
      setVersion: u32,
      proposals: u32,
      pendingAt: seconds,
      pendingDigest: hash,
      current: attestors,
      pending: attestors,
      reserved: zeros(68),
    }),
    poolCodec: struct({
      ...header("pool"),
      /** 0: live; 1: wound down. */
      state: u8,
      decimals: u8,
      number: u32,
      network: address,
      mint: address,
      tokenProgram: address,
      vault: address,
      epoch: amount,
      floor: amount,
      asOf: seconds,
      lastCommitAt: seconds,
      leafCount: amount,
      deposited: amount,
      refunded: amount,
      allocated: amount,
      claimed: amount,
      digest: hash,
      marketRoot: hash,
      payoutRoots: times(rootsKept, hash),
      reserved: zeros(64),
    }),
    marketCodec: struct({
      ...header("market"),
      flags: zeros(6),
      pool: address,
      requester: address,
      refundTo: address,
      rentPayer: address,
      specHash: hash,
      id: fixed(16),
      openedAt: seconds,
      /** 0 while the market is open. */
      closesAt: seconds,
      deposited: amount,
      reserved: zeros(32),
    }),
    pageCodec: struct({
      ...header("page"),
      flags: zeros(6),
      pool: address,
      number: amount,
      claimed: times(pageSlots, amount),
    }),
  };
};

type Codecs<Address extends string> = ReturnType<typeof escrowCodecs<Address>>;
export type NetworkAccount<Address extends string = string> = Decoded<Codecs<Address>["networkCodec"]>;
export type PoolAccount<Address extends string = string> = Decoded<Codecs<Address>["poolCodec"]>;
export type MarketAccount<Address extends string = string> = Decoded<Codecs<Address>["marketCodec"]>;
export type PageAccount<Address extends string = string> = Decoded<Codecs<Address>["pageCodec"]>;
