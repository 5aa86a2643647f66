import type { Amount } from "../amount.ts";
import { type Bytes32, bytes32, concatBytes, equalBytes, toUtf8 } from "../bytes.ts";
import { type Codec, decode, encode, fixed, struct, u32, u64 } from "../codec.ts";
import type { Hash } from "../hash.ts";

/**
 * Where and on top of what a commit counts. The program reads all of it from accounts and never from arguments, so that
 * a signature holds for one place, one set of attestors and one history.
 */
export interface CommitContext {
  readonly program: Bytes32;
  /** Genesis hash of the cluster. */
  readonly cluster: Bytes32;
  readonly network: Bytes32;
  readonly pool: Bytes32;
  /** Counts the rotations of attestors. */
  readonly setVersion: number;
  /** Of the pool's last commit; zeros before the first. */
  readonly previousDigest: Bytes32;
}

/** What a commit fixes. Times are seconds since 1970. */
export interface CommitBody {
  readonly epoch: bigint;
  /** Roots of earlier epochs are dead. */
  readonly floor: bigint;
  /** Up to when it counts what happened on chain: markets opened by then have a leaf. */
  readonly asOf: bigint;
  readonly validUntil: bigint;
  /** Over all markets; what all contributors are owed, released or held. */
  readonly allocated: Amount;
  /** One more than the highest index. */
  readonly leafCount: bigint;
  readonly payoutRoot: Bytes32;
  readonly marketRoot: Bytes32;
  readonly logRoot: Bytes32;
  readonly leafFileHash: Bytes32;
}

const hash32 = fixed<Bytes32>(32);
const count = u64<bigint>();

/** An i64 of the program, which is never negative. */
const seconds: Codec<bigint> = {
  write: (writer, value) => count.write(writer, value <= secondsMax ? value : -1n),
  read: (reader) => {
    const value = count.read(reader);
    if (value > secondsMax) throw reader.malformed();
    return value;
  },
};
const secondsMax = 2n ** 63n - 1n;

/** 164 bytes. */
export const commitContextCodec: Codec<CommitContext> = struct({
  program: hash32,
  cluster: hash32,
  network: hash32,
  pool: hash32,
  setVersion: u32,
  previousDigest: hash32,
});

/** 176 bytes: the data of the instruction, behind its number. */
export const commitBodyCodec: Codec<CommitBody> = struct({
  epoch: count,
  floor: count,
  asOf: seconds,
  validUntil: seconds,
  allocated: u64<Amount>(),
  leafCount: count,
  payoutRoot: hash32,
  marketRoot: hash32,
  logRoot: hash32,
  leafFileHash: hash32,
});

export interface CommitMessage {
  readonly context: CommitContext;
  readonly body: CommitBody;
}

const messageCodec: Codec<CommitMessage> = struct({ context: commitContextCodec, body: commitBodyCodec });

/** What the digest is of: context and body, 340 bytes. */
export const encodeCommit = (message: CommitMessage): Uint8Array => encode(messageCodec, message);

/** @throws MALFORMED_ENCODING where the bytes are not those of a message. */
export const decodeCommit = (bytes: Uint8Array): CommitMessage => decode(messageCodec, bytes, "a commit message");

export const commitDigest = (hash: Hash, message: CommitMessage): Bytes32 => hash(encodeCommit(message));

/** What signed bytes begin with: 16 letters that say what is signed. A change of meaning changes the tag. */
const purposes = { commit: "earnest:commit:1", rotate: "earnest:rotate:1", cancel: "earnest:cancel:1" } as const;
export type SignedPurpose = keyof typeof purposes;

/** The 48 bytes that an attestor signs. */
export const signedBytes = (purpose: SignedPurpose, digest: Bytes32): Uint8Array =>
  concatBytes(toUtf8(purposes[purpose]), digest);

/** What signed bytes are of, or null where they are of nothing that an attestor signs. */
export function parseSignedBytes(bytes: Uint8Array): { purpose: SignedPurpose; digest: Bytes32 } | null {
  if (bytes.length !== 48) return null;
  for (const purpose of ["commit", "rotate", "cancel"] as const) {
    if (equalBytes(bytes.subarray(0, 16), toUtf8(purposes[purpose]))) {
      return { purpose, digest: bytes32(bytes.slice(16)) };
    }
  }
  return null;
}
