import { type Bytes32, concatBytes } from "./bytes.ts";
import { encode, fixed, list, struct, text, u16, u32, varint } from "./codec.ts";
import { type Hash, type HashAll, jsonHash, taggedBytes, taggedHash, taggedHashes, tags } from "./hash.ts";
import type { Json } from "./json.ts";
import type { MarketId } from "./market-id.ts";
import type { Slot } from "./slot.ts";

/** The hash a submission's body goes by in the log. */
export const bodyHashOf = (hash: Hash, body: Json): Bytes32 => jsonHash(hash, tags.body, body);

/** The same of a body that is in its canonical bytes already. */
export const bodyBytesHash = (hash: Hash, canonical: Uint8Array): Bytes32 => taggedHash(hash, tags.body, canonical);

/** The same of many bodies, one after another. */
export const bodyHashes = (hashAll: HashAll, canonical: readonly Uint8Array[]): Uint8Array =>
  taggedHashes(hashAll, tags.body, canonical);

/**
 * What a contributor commits to before it shows a body: nobody else can show it in its place, since the key is in it, nor
 * guess it, since bodies are salted.
 */
export const commitmentOf = (hash: Hash, contributor: Bytes32, body: Bytes32): Bytes32 =>
  taggedHash(hash, tags.commitment, concatBytes(contributor, body));

const statementCodec = struct({
  market: text<MarketId>(),
  timeMs: varint,
  submissions: list(struct({ task: u32, ordinal: u16, body: fixed<Bytes32>(32) })),
});

/** What a session key signs for one request of 1 to 100 submissions; the log lets anybody rebuild it. */
export function submissionsStatement(
  market: MarketId,
  timeMs: number,
  submissions: readonly (Slot & { readonly body: Bytes32 })[],
): Uint8Array {
  return taggedBytes(tags.request, encode(statementCodec, { market, timeMs, submissions: [...submissions] }));
}

const linkCodec = struct({ before: fixed<Bytes32>(32), task: u32, ordinal: u16, body: fixed<Bytes32>(32) });

/** The running hash of a session after some more of its submissions, in the order of the log; it begins with zeros. */
export function runningHash(
  hash: Hash,
  before: Bytes32,
  submissions: readonly (Slot & { readonly body: Bytes32 })[],
): Bytes32 {
  let running = before;
  for (const { task, ordinal, body } of submissions) {
    running = taggedHash(hash, tags.running, encode(linkCodec, { before: running, task, ordinal, body }));
  }
  return running;
}

const coverageCodec = struct({
  market: text<MarketId>(),
  lane: u16,
  session: fixed<Bytes32>(32),
  count: varint,
  running: fixed<Bytes32>(32),
});

/** What a session key signs to cover the first `count` submissions that a session brought to a lane with its token alone. */
export const coverageStatement = (covered: {
  readonly market: MarketId;
  readonly lane: number;
  readonly session: Bytes32;
  readonly count: number;
  readonly running: Bytes32;
}): Uint8Array => taggedBytes(tags.coverage, encode(coverageCodec, covered));

const headCodec = struct({
  market: text<MarketId>(),
  lane: u16,
  sequence: varint,
  root: fixed<Bytes32>(32),
  timeMs: varint,
});

/** What the server signs once a batch: the root of a lane's log up to a sequence. */
export const headStatement = (head: {
  readonly market: MarketId;
  readonly lane: number;
  readonly sequence: number;
  readonly root: Bytes32;
  readonly timeMs: number;
}): Uint8Array => taggedBytes(tags.head, encode(headCodec, head));

const payToCodec = struct({ pool: fixed<Bytes32>(32), number: varint, wallet: fixed<Bytes32>(32) });

/**
 * What a contributor's key signs to be paid at another wallet from now on. Of several the highest number counts, the time
 * in milliseconds by custom; the pool is named so that the wish holds in one network.
 */
export const payToStatement = (wish: {
  readonly pool: Bytes32;
  readonly number: number;
  readonly wallet: Bytes32;
}): Uint8Array => taggedBytes(tags.payTo, encode(payToCodec, wish));

const attestorCodec = struct({ pool: fixed<Bytes32>(32), timeMs: varint });

/** What an attestor signs to read what is sealed for others: good for the pool and some minutes around the time. */
export const attestorStatement = (asked: { readonly pool: Bytes32; readonly timeMs: number }): Uint8Array =>
  taggedBytes(tags.attestor, encode(attestorCodec, asked));

const tunnelCodec = struct({ gateway: text(), nonce: fixed<Bytes32>(32) });

/** What a node's key signs to open a tunnel: the gateway's name and its nonce, so that it opens no other. */
export const tunnelStatement = (asked: { readonly gateway: string; readonly nonce: Bytes32 }): Uint8Array =>
  taggedBytes(tags.tunnel, encode(tunnelCodec, asked));

const outcomeCodec = struct({
  digest: fixed<Bytes32>(32),
  outcome: text<"abstain" | "refuse">(),
  code: text(),
  place: text(),
  what: text(),
});

/** Why an attestor does not sign the commit message of a digest: signed, so that nobody else can say it. */
export interface OutcomeStatement {
  readonly digest: Bytes32;
  readonly outcome: "abstain" | "refuse";
  readonly code: string;
  readonly place: string;
  readonly what: string;
}

export const outcomeStatement = (said: OutcomeStatement): Uint8Array =>
  taggedBytes(tags.outcome, encode(outcomeCodec, said));

/** Who may ask for what: the text of a sign-in, after the Sign-In-With-Solana message form. */
export interface SignInMessage {
  readonly domain: string;
  /** Base58 of the contributor's key. */
  readonly address: string;
  readonly nonce: string;
  /** RFC 3339, UTC, with three decimals: as `toISOString` writes it. */
  readonly issuedAt: string;
  readonly expirationTime: string;
  /** Base58 of the key that may sign requests until then. */
  readonly sessionKey: string;
}

const signInLines = (m: SignInMessage): readonly string[] => [
  `${m.domain} wants you to sign in with your Solana account:`,
  m.address,
  "",
  "Sign in to Earnest. This costs nothing and moves no money.",
  "",
  "Version: 1",
  `Nonce: ${m.nonce}`,
  `Issued At: ${m.issuedAt}`,
  `Expiration Time: ${m.expirationTime}`,
  "Resources:",
  `- earnest:session:${m.sessionKey}`,
];

export const signInText = (message: SignInMessage): string => signInLines(message).join("\n");

/** The fields of a sign-in text, or null where it is not exactly of this form. */
export function parseSignInText(signed: string): SignInMessage | null {
  const lines = signed.split("\n");
  const after = (line: string | undefined, prefix: string): string =>
    line?.startsWith(prefix) ? line.slice(prefix.length) : "";
  const [domainLine = "", address = ""] = lines;
  const message: SignInMessage = {
    domain: domainLine.split(" ")[0] ?? "",
    address,
    nonce: after(lines[6], "Nonce: "),
    issuedAt: after(lines[7], "Issued At: "),
    expirationTime: after(lines[8], "Expiration Time: "),
    sessionKey: after(lines[10], "- earnest:session:"),
  };
  return signInText(message) === signed && message.nonce !== "" && message.sessionKey !== "" ? message : null;
}
