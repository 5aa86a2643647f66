import type { Address } from "@solana/kit";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../../../core/bytes.ts";
import { type Codec, type Decoded, fixed, struct, u8, u32, u64 } from "../../../core/codec.ts";
import { earnestError } from "../../../core/errors.ts";

/** The accounts and longer instruction data of the escrow program, as program/layouts.h has them. */
export const layoutVersion = 1;
export const attestorsMax = 8;
export const rootsKept = 4;
export const pageSlots = 256;
export const proofMax = 32;
export const batchMax = 32;

export const address: Codec<Address> = {
  write: (w, v) => w.raw(bytes32(fromBase58(v))),
  read: (r) => toBase58(r.raw(32)) as Address,
};
export const hash: Codec<Bytes32> = fixed<Bytes32>(32);
export const amount = u64<bigint>();
/** Seconds since 1970. The program's are signed, and never negative. */
export const seconds = u64<bigint>();

export interface AttestorSet {
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
const attestors: Codec<AttestorSet> = {
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
};

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
const tag = (name: string): Codec<string> => {
  const wanted = Buffer.from(name.padEnd(8, "\0"), "latin1");
  return {
    write: (w) => w.raw(wanted),
    read: (r) => {
      if (!wanted.equals(r.raw(8))) throw r.malformed();
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

export const networkCodec = struct({
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
});
export type NetworkAccount = Decoded<typeof networkCodec>;

export const poolStates = ["live", "woundDown"] as const;

export const poolCodec = struct({
  ...header("pool"),
  /** Index into `poolStates`. */
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
});
export type PoolAccount = Decoded<typeof poolCodec>;

export const marketCodec = struct({
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
});
export type MarketAccount = Decoded<typeof marketCodec>;

export const pageCodec = struct({
  ...header("page"),
  flags: zeros(6),
  pool: address,
  number: amount,
  claimed: times(pageSlots, amount),
});
export type PageAccount = Decoded<typeof pageCodec>;
