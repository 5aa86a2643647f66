import { attestedLog, attestorHeader, Commits } from "../client/commits.ts";
import { isApiError } from "../client/errors.ts";
import type { Signer } from "../client/keys.ts";
import type { ClientOptions } from "../client/options.ts";
import { Transport } from "../client/transport.ts";
import type { Commit } from "../contract/commits.ts";
import { routes } from "../contract/routes.ts";
import { type Bytes32, bytes32, fromBase58, fromBase64, toBase58, toBase64, toHex } from "../core/bytes.ts";
import { commitDigest, decodeCommit } from "../core/commit/commit-message.ts";
import type { Hash } from "../core/hash.ts";
import type { CommitSource, LogSource, ShownCommit } from "./log-source.ts";

/** What is proposed, and what came before it, on which others may still be signing. Asked for again and again. */
const commitsAsked = 3;

/** What a server or another attestor shows over HTTP. */
export function httpCommitSource(options: ClientOptions, hash: Hash, mint?: string): CommitSource {
  const commits = new Commits(new Transport(options));
  return {
    async commits() {
      const { items } = await commits.list({ limit: commitsAsked, mint }).page();
      return items.flatMap((each) => shownCommit(each, hash) ?? []);
    },
    commit: (digest) => orNull(commits.get(toHex(digest)), (found) => shownCommit(found, hash)),
    leafFile: (digest) => orNull(commits.leaves(toHex(digest)), (bytes) => bytes),
  };
}

/** The server takes a header for some minutes; it is made anew well before that. */
const headerMs = 30_000;

export interface HttpLogSourceOptions extends ClientOptions {
  readonly hash: Hash;
  /** The attestor's own: it reads what is sealed for others. */
  readonly signer: Signer;
  /** The home pool, by which the header names the network. */
  readonly pool: Bytes32;
  /** Whose pool's commits are asked for; the home token's where left out. */
  readonly mint?: string | undefined;
  readonly clock: () => number;
}

/** The operator's server. */
export function httpLogSource({ hash, signer, pool, mint, clock, ...options }: HttpLogSourceOptions): LogSource {
  const transport = new Transport(options);
  const commits = new Commits(transport);
  let header = { text: "", timeMs: Number.NEGATIVE_INFINITY };
  const authorization = async (): Promise<string> => {
    const timeMs = clock();
    if (Math.abs(timeMs - header.timeMs) > headerMs) {
      header = { text: await attestorHeader(signer, toBase58(pool), timeMs), timeMs };
    }
    return header.text;
  };
  return {
    ...httpCommitSource(options, hash, mint),
    async records(asked) {
      const { records } = await attestedLog(transport, await authorization(), asked);
      return records.map(({ sequence, encoded, attachment }) => ({
        sequence,
        encoded: fromBase64(encoded),
        attachment: attachment === null ? null : fromBase64(attachment),
      }));
    },
    async content(market, task) {
      return (await transport.call(routes.getTask, { params: { market, task: `${task}` } })).content;
    },
    async sign(digest, { key, signature }) {
      await commits.sign(toHex(digest), { key: toBase58(key), signature: toBase64(signature) });
    },
    async refuse({ digest, ...said }, { key, signature }) {
      await commits.refuse(toHex(digest), { ...said, key: toBase58(key), signature: toBase64(signature) });
    },
  };
}

/** Null where what is shown is no commit message. */
export function shownCommit(shown: Commit, hash: Hash): ShownCommit | null {
  try {
    const message = decodeCommit(fromBase64(shown.message));
    const signatures = shown.signatures.map(({ key, signature }) => ({
      key: bytes32(fromBase58(key)),
      signature: fromBase64(signature),
    }));
    return { digest: commitDigest(hash, message), message, state: shown.state, signatures };
  } catch {
    return null;
  }
}

async function orNull<T, R>(asked: Promise<T>, read: (found: T) => R | null): Promise<R | null> {
  try {
    return read(await asked);
  } catch (error) {
    if (isApiError(error) && error.status === 404) return null;
    throw error;
  }
}
