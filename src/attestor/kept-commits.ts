import { type Bytes32, equalBytes, toHex } from "../core/bytes.ts";
import type { AttestorSet, AttestorSignature, VerifySignature } from "../core/commit/attestors.ts";
import { type CommitMessage, commitDigest, signedBytes } from "../core/commit/commit-message.ts";
import { type EpochLeaves, type LeafFile, readLeafFile } from "../core/commit/leaf-file.ts";
import type { Hash } from "../core/hash.ts";
import type { AttestorFolder } from "./folder.ts";
import type { KeptCommit } from "./kept-commit.ts";
import type { CommitSource, ShownCommit } from "./log-source.ts";

export interface Kept extends KeptCommit {
  readonly digest: Bytes32;
}

/** Where they are kept for good. */
export type CommitStore = Pick<
  AttestorFolder,
  "commits" | "storeCommit" | "storeLeafFile" | "leafFile" | "removeCommit"
>;

export interface KeptCommitsOptions {
  readonly folder: CommitStore;
  readonly hash: Hash;
  readonly verify: VerifySignature;
  readonly pool: Bytes32;
  /** What the bytes of a leaf file say, where attestors share that. @throws MALFORMED_ENCODING where they are none */
  readonly readLeaves?: ((leafFile: Uint8Array) => LeafFile) | undefined;
  /** How many leaf files are kept, the newest: at least those under the roots that a pool still takes. */
  readonly keep: number;
}

const readMax = 2;

const readWhole = (leafFile: Uint8Array): LeafFile => readLeafFile([leafFile]);

/** The messages whose leaves this attestor has: for its own next check, and for everybody who wants to be paid. */
export class KeptCommits {
  readonly #options: KeptCommitsOptions;
  readonly #commits = new Map<string, Kept>();
  /** Read lately: the pool's last commit, and the one that may become its next. */
  readonly #read = new Map<string, EpochLeaves>();

  private constructor(options: KeptCommitsOptions) {
    this.#options = options;
  }

  static async open(options: KeptCommitsOptions): Promise<KeptCommits> {
    const commits = new KeptCommits(options);
    for (const kept of await options.folder.commits()) {
      const digest = commitDigest(options.hash, kept.message);
      commits.#commits.set(toHex(digest), { ...kept, digest });
    }
    return commits;
  }

  /** The newest first. */
  list(): Kept[] {
    return [...this.#commits.values()].sort((a, b) => {
      const [x, y] = [a.message.body, b.message.body];
      return x.epoch === y.epoch ? Number(y.asOf - x.asOf) : Number(y.epoch - x.epoch);
    });
  }

  get(digest: Bytes32): Kept | null {
    return this.#commits.get(toHex(digest)) ?? null;
  }

  /**
   * Makes a message and its leaf file durable. The file comes first: a message that is listed has one.
   *
   * @throws the operating system's error
   */
  async keep(message: CommitMessage, leafFile: Uint8Array, leaves: EpochLeaves): Promise<void> {
    const { folder, hash } = this.#options;
    const digest = commitDigest(hash, message);
    await folder.storeLeafFile(digest, leafFile);
    await this.#store({ message, signatures: this.get(digest)?.signatures ?? [], digest });
    this.#remember(digest, leaves);
  }

  async drop(digest: Bytes32): Promise<void> {
    this.#commits.delete(toHex(digest));
    this.#read.delete(toHex(digest));
    await this.#options.folder.removeCommit(digest);
  }

  /** Adds signatures of this set that are valid and not there yet. */
  async addSignatures(digest: Bytes32, set: AttestorSet, signatures: readonly AttestorSignature[]): Promise<void> {
    const kept = this.get(digest);
    if (kept === null) return;
    const { verify } = this.#options;
    const signed = signedBytes("commit", digest);
    const known = [...kept.signatures];
    for (const { key, signature } of signatures) {
      if (known.some((each) => equalBytes(each.key, key))) continue;
      if (!set.keys.some((each) => equalBytes(each, key)) || !verify(key, signed, signature)) continue;
      known.push({ key, signature });
    }
    if (known.length > kept.signatures.length) await this.#store({ ...kept, signatures: known });
  }

  async #store({ digest, message, signatures }: Kept): Promise<void> {
    await this.#options.folder.storeCommit(digest, { message, signatures });
    this.#commits.set(toHex(digest), { digest, message, signatures });
  }

  /** Null where they are not kept, or not what the message names any more. */
  async leaves(digest: Bytes32): Promise<EpochLeaves | null> {
    const read = this.#read.get(toHex(digest));
    if (read !== undefined) return read;
    const kept = this.get(digest);
    const bytes = kept === null ? null : await this.#options.folder.leafFile(digest);
    if (kept === null || bytes === null) return null;
    const leaves = this.leavesIn(kept.message, bytes);
    if (leaves !== null) this.#remember(digest, leaves);
    return leaves;
  }

  #remember(digest: Bytes32, leaves: EpochLeaves): void {
    this.#read.delete(toHex(digest));
    this.#read.set(toHex(digest), leaves);
    const [oldest] = this.#read.keys();
    if (this.#read.size > readMax && oldest !== undefined) this.#read.delete(oldest);
  }

  /** Null where the file is not the one that the message names. */
  leavesIn({ body }: CommitMessage, leafFile: Uint8Array): EpochLeaves | null {
    const { hash, pool, readLeaves = readWhole } = this.#options;
    if (!equalBytes(hash(leafFile), body.leafFileHash)) return null;
    try {
      const { header, leaves } = readLeaves(leafFile);
      return equalBytes(header.pool, pool) && BigInt(header.epoch) === body.epoch ? leaves : null;
    } catch {
      return null;
    }
  }

  /**
   * Fetches what was committed without this attestor. Whoever gives it need not be trusted: the digest is the chain's.
   *
   * @throws what the first of the sources threw, where none had it
   */
  async fetch(digest: Bytes32, sources: readonly CommitSource[]): Promise<void> {
    const failures: Error[] = [];
    for (const source of sources) {
      try {
        const shown: ShownCommit | null = await source.commit(digest);
        if (shown === null || !equalBytes(shown.digest, digest)) continue;
        const leafFile = await source.leafFile(digest);
        const leaves = leafFile === null ? null : this.leavesIn(shown.message, leafFile);
        if (leafFile === null || leaves === null) continue;
        await this.keep(shown.message, leafFile, leaves);
        return;
      } catch (error) {
        failures.push(error as Error);
      }
    }
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  }

  /** Forgets the oldest, but never the one that the pool is at, nor what may still become its next. */
  async prune(current: Bytes32, epoch: bigint): Promise<void> {
    const old = this.list().filter(
      ({ digest, message: { body } }) => !equalBytes(digest, current) && body.epoch <= epoch,
    );
    for (const { digest } of old.slice(Math.max(0, this.#options.keep - 1))) await this.drop(digest);
  }
}
