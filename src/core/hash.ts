import { type Bytes32, concatBytes, toUtf8 } from "./bytes.ts";
import { canonicalJson, type Json } from "./json.ts";

/** SHA-256 (FIPS 180-4), given by whoever calls: Node's crypto in the server, another implementation in a browser. */
export type Hash = (bytes: Uint8Array) => Bytes32;

/** The same of many messages, each behind the prefix: their hashes one after another. */
export type HashAll = (prefix: Uint8Array, messages: readonly Uint8Array[]) => Uint8Array;

/**
 * What each hashed or signed thing is prefixed with, so that bytes made for one purpose can never serve another. A
 * change of meaning changes the tag.
 */
export const tags = {
  spec: "earnest/spec/1",
  task: "earnest/task/1",
  body: "earnest/submission/1",
  request: "earnest/request/1",
  control: "earnest/control/1",
  questions: "earnest/questions/1",
  answers: "earnest/answers/1",
  model: "earnest/model/1",
  state: "earnest/state/4",
  head: "earnest/head/1",
  salt: "earnest/salt/1",
  payTo: "earnest/pay-to/1",
  attestor: "earnest/attestor/1",
  outcome: "earnest/outcome/1",
  crash: "earnest/crash/1",
  panel: "earnest/panel/1",
  running: "earnest/running/1",
  coverage: "earnest/coverage/1",
  commitment: "earnest/commitment/1",
  tunnel: "earnest/tunnel/1",
  update: "earnest/update/1",
  reputation: "earnest/reputation/1",
  challenge: "earnest/challenge/1",
} as const;

export type Tag = (typeof tags)[keyof typeof tags];

const tagBytes = new Map<Tag, Uint8Array>(
  Object.values(tags).map((tag) => [tag, concatBytes(toUtf8(tag), new Uint8Array(1))]),
);

/** The bytes that are hashed or signed under a tag: the tag, a zero byte, the content. */
export function taggedBytes(tag: Tag, bytes: Uint8Array): Uint8Array {
  return concatBytes(tagBytes.get(tag) as Uint8Array, bytes);
}

export const taggedHash = (hash: Hash, tag: Tag, bytes: Uint8Array): Bytes32 =>
  hashJoined(hash, tagBytes.get(tag) as Uint8Array, bytes);

let scratch = new Uint8Array(1_024);
/** Its first bytes, by their number: most of what is hashed is as long as something before. */
let beginnings: Uint8Array[] = [];

/** The hash of the parts one after another, joined in a buffer that is used again: a lane hashes all the time. */
export function hashJoined(hash: Hash, ...parts: readonly Uint8Array[]): Bytes32 {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > scratch.length) {
    scratch = new Uint8Array(2 * length);
    beginnings = [];
  }
  let offset = 0;
  for (const part of parts) {
    scratch.set(part, offset);
    offset += part.length;
  }
  return hash(beginning(length));
}

const beginningsMax = 1_024;

function beginning(length: number): Uint8Array {
  if (length > beginningsMax) return scratch.subarray(0, length);
  beginnings[length] ??= scratch.subarray(0, length);
  return beginnings[length];
}

/** One at a time, for whoever has no way to hash several at once. */
export const hashAllBy =
  (hash: Hash): HashAll =>
  (prefix, messages) => {
    const hashes = new Uint8Array(32 * messages.length);
    for (const [i, message] of messages.entries()) hashes.set(hashJoined(hash, prefix, message), 32 * i);
    return hashes;
  };

export const taggedHashes = (hashAll: HashAll, tag: Tag, messages: readonly Uint8Array[]): Uint8Array =>
  hashAll(tagBytes.get(tag) as Uint8Array, messages);

export const jsonHash = (hash: Hash, tag: Tag, value: Json): Bytes32 =>
  taggedHash(hash, tag, toUtf8(canonicalJson(value)));
