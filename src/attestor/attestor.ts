import type { Signer } from "../client/keys.ts";
import { type Bytes32, equalBytes, toHex, zero32 } from "../core/bytes.ts";
import type { VerifySignature } from "../core/commit/attestors.ts";
import { type CommitMessage, signedBytes } from "../core/commit/commit-message.ts";
import type { EpochLeaves } from "../core/commit/leaf-file.ts";
import type { Hash } from "../core/hash.ts";
import { outcomeStatement } from "../core/statements.ts";
import {
  type CommitCheck,
  type CommitOutcome,
  checkCommit,
  type PreviousCommit,
} from "../market/settlement/check-commit.ts";
import { type Abstention, type Difference, difference, placeText } from "../market/settlement/differences.ts";
import { type SignedMessage, withSigned } from "../market/settlement/signed-once.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { ChainSight, ChainSource, PoolSight } from "./chain-source.ts";
import type { AttestorEvent } from "./events.ts";
import type { AttestorFolder } from "./folder.ts";
import type { KeptCommits } from "./kept-commits.ts";
import type { CommitSource, LogSource, ShownCommit } from "./log-source.ts";
import type { Pins } from "./pins.ts";
import { type LaneStore, PoolReplay } from "./pool-replay.ts";

/** What must be on the disk before a signature leaves the machine, and what need not be replayed again. */
export type AttestorStore = Pick<AttestorFolder, "signed" | "storeSigned" | "leafFile"> & LaneStore;

export interface AttestorOptions {
  /** The operator's server. */
  readonly source: LogSource;
  /** One's own: what the log says was executed is executed again. */
  readonly sandbox: Pick<Sandbox, "execute">;
  /** One's own node. */
  readonly chain: ChainSource;
  /** Other attestors, for signatures and leaf files that the server does not give. */
  readonly peers?: readonly CommitSource[];
  readonly folder: AttestorStore;
  readonly kept: KeptCommits;
  readonly pins: Pins;
  /** What markets of the pool name as their token; absent in the home pool, whose name none. */
  readonly mint?: string | undefined;
  readonly signer: Signer;
  readonly hash: Hash;
  readonly verify: VerifySignature;
  /** Of this machine, in milliseconds. */
  readonly clock: () => number;
  readonly tell: (event: AttestorEvent) => void;
}

type NotSigned = Exclude<CommitOutcome, { readonly outcome: "ok" }>;

/** What was said of a message that is not signed. */
interface Said {
  readonly outcome: "refuse" | "abstain";
  readonly difference: Difference;
  isPosted: boolean;
  /** When it is looked at again; infinity: never. */
  retryAtMs: number;
  pauseMs: number;
}

const dayMs = 86_400_000;
const firstPauseMs = 500;
const pauseMsMax = 15_000;

/**
 * Follows the operator's log and signs the commits that it comes to by itself. Each step may be interrupted anywhere, by
 * a crash as well: nothing is signed before that it will be is on the disk, and what was done is found there again.
 */
export class Attestor {
  readonly replay: PoolReplay;
  readonly #options: AttestorOptions;
  readonly #said = new Map<string, Said>();
  #signed: readonly SignedMessage[];
  #seen: Bytes32 | null = null;
  #storedAtMs: number;

  private constructor(options: AttestorOptions, signed: readonly SignedMessage[]) {
    const { source, sandbox, chain, folder, hash, verify, pins, mint } = options;
    this.#options = options;
    this.#signed = signed;
    this.#storedAtMs = options.clock();
    this.replay = new PoolReplay({
      source,
      sandbox,
      chain,
      store: folder,
      hash,
      verify,
      pool: pins.pool,
      mint,
      tokenAccountOf: chain.tokenAccountOf,
    });
  }

  /** @throws DATA_FOLDER_UNAVAILABLE where the record of what was signed is lost: then nothing may be signed */
  static async open(options: AttestorOptions): Promise<Attestor> {
    return new Attestor(options, await options.folder.signed());
  }

  /**
   * Looks at the chain and at what the operator proposes, and does what is to be done. Returns what it saw of the pool.
   *
   * @throws CHAIN_UNAVAILABLE; what the source throws where it does not answer
   */
  async step(): Promise<PoolSight> {
    const { source, chain, kept, pins, tell, clock } = this.#options;
    // A lane that stands still for long could not be replayed again: exact places are forgotten.
    if (clock() - this.#storedAtMs > dayMs) {
      this.#storedAtMs = clock();
      await this.replay.storeLanes(true);
    }
    const now = await chain.poolNow();
    await this.#noteCommitted(now);
    const shown = await source.commits();
    for (const { digest, signatures } of shown) await kept.addSignatures(digest, now.attestors, signatures);
    if (!now.attestors.keys.some((key) => equalBytes(key, pins.key))) {
      tell({ type: "waiting", problem: "this key is not among the network's attestors: nothing is signed" });
      return now;
    }
    // What has just landed may still be shown as proposed.
    const proposal = shown.find(({ state, digest }) => state === "proposed" && !equalBytes(digest, now.digest));
    if (proposal !== undefined) await this.#look(proposal);
    return now;
  }

  async #noteCommitted({ digest, epoch }: PoolSight): Promise<void> {
    if (this.#seen !== null && equalBytes(digest, this.#seen)) return;
    const isNews = this.#seen !== null;
    const { kept, tell, source, peers = [] } = this.#options;
    this.#seen = digest;
    this.#said.clear();
    if (equalBytes(digest, zero32)) return;
    if (isNews) tell({ type: "committed", epoch, digest: toHex(digest) });
    await kept.prune(digest, epoch);
    // For those who want to be paid; what is missing then is asked for again before the next message is checked.
    if (kept.get(digest) === null) await kept.fetch(digest, [source, ...peers]).catch(() => undefined);
  }

  async #look(proposal: ShownCommit): Promise<void> {
    const { kept, pins, source, clock } = this.#options;
    const { digest } = proposal;
    const own = kept.get(digest)?.signatures.find(({ key }) => equalBytes(key, pins.key));
    if (own !== undefined) {
      const isThere = proposal.signatures.some(({ key }) => equalBytes(key, pins.key));
      if (!isThere) await source.sign(digest, own);
      return;
    }
    const said = this.#said.get(toHex(digest));
    if (said !== undefined && (!said.isPosted || clock() < said.retryAtMs)) return await this.#post(digest, said);
    await this.#consider(proposal);
  }

  async #consider({ digest, message }: ShownCommit): Promise<void> {
    const startedMs = this.#options.clock();
    const entriesBefore = this.replay.entries;
    const sight = await this.#options.chain.view();
    // The others were quicker: it landed since the step began.
    if (equalBytes(sight.view.pool.digest, digest)) return;
    const outcome = (await this.#checkPlace(message, sight)) ?? (await this.#checkWhole(digest, message, sight));
    if (outcome.outcome !== "ok") return await this.#say(digest, message, outcome);
    const failure = await this.#sign(digest, outcome.signing, sight);
    if (failure !== null) return await this.#say(digest, message, failure);
    const leaves = (await this.#options.kept.leaves(digest)) as EpochLeaves;
    this.#options.tell({
      type: "signed",
      epoch: message.body.epoch,
      digest: toHex(digest),
      lanes: leaves.lanes.length,
      entries: this.replay.entries - entriesBefore,
      contributors: leaves.payouts.length,
      allocated: message.body.allocated,
      tookMs: Math.round(this.#options.clock() - startedMs),
    });
  }

  /** What can be told without the log: nothing is fetched for a message that is for somewhere else. */
  async #checkPlace(message: CommitMessage, { view }: ChainSight): Promise<CommitOutcome | null> {
    const own = { type: "failed", problem: "" } as const;
    const outcome = this.#check({ chain: view, previous: null, own, proposal: { message, stored: null } });
    const isOurs = outcome.outcome === "abstain" && outcome.difference.code === "OWN_MACHINE_FAILED";
    return isOurs ? null : outcome;
  }

  #check(parts: Omit<CommitCheck, "pinned" | "signed">): CommitOutcome {
    const { hash, pins } = this.#options;
    return checkCommit(hash, { pinned: pins, signed: this.#signed, ...parts });
  }

  async #checkWhole(digest: Bytes32, message: CommitMessage, sight: ChainSight): Promise<CommitOutcome> {
    const { kept, source, folder } = this.#options;
    const inMessage = { type: "message", field: "leafFileHash" } as const;
    const isKept = kept.get(digest) !== null;
    const bytes = isKept ? await folder.leafFile(digest) : await source.leafFile(digest);
    if (bytes === null) return abstain("LEAF_FILE_NOT_STORED", "the server does not give it");
    const leaves = kept.leavesIn(message, bytes);
    if (leaves === null) return { outcome: "refuse", difference: difference("LEAF_FILE_DIFFERS", inMessage) };
    try {
      if (!isKept) await kept.keep(message, bytes, leaves);
    } catch (error) {
      return abstain("LEAF_FILE_NOT_STORED", (error as Error).message);
    }
    const previous = await this.#previous(sight);
    const { lanes } = leaves;
    const before = previous?.leaves ?? { markets: [], lanes: [] };
    const own = await this.replay.replay({ lanes, chain: sight, previous: before, asOf: message.body.asOf });
    const stored = { leaves, hash: message.body.leafFileHash };
    return this.#check({ chain: sight.view, previous, own, proposal: { message, stored } });
  }

  /** The leaves under the pool's last commit: one's own, or those of whoever has them. */
  async #previous({ view: { pool } }: ChainSight): Promise<PreviousCommit | null> {
    if (equalBytes(pool.digest, zero32)) return null;
    const { kept, source, peers = [] } = this.#options;
    // Where nobody has them, that is said of the message.
    if (kept.get(pool.digest) === null) await kept.fetch(pool.digest, [source, ...peers]).catch(() => undefined);
    const leaves = await kept.leaves(pool.digest);
    return leaves === null ? null : { digest: pool.digest, leaves };
  }

  /** Null where it was signed. The record is on the disk before there is a signature that could leave the machine. */
  async #sign(digest: Bytes32, signing: SignedMessage, { view }: ChainSight): Promise<NotSigned | null> {
    const { folder, signer, kept, source, pins } = this.#options;
    const signed = withSigned(this.#signed, signing, view.clock);
    try {
      await folder.storeSigned(signed);
    } catch (error) {
      return abstain("OWN_MACHINE_FAILED", `its record of signatures: ${(error as Error).message}`);
    }
    this.#signed = signed;
    const own = { key: pins.key, signature: await signer.sign(signedBytes("commit", digest)) };
    this.replay.markSigned();
    try {
      await kept.addSignatures(digest, view.network.attestors, [own]);
      await this.replay.storeLanes();
    } catch (error) {
      // It is on record that it may be signed again.
      this.#options.tell({ type: "waiting", problem: (error as Error).message });
    }
    this.#said.delete(toHex(digest));
    await source.sign(digest, own);
    return null;
  }

  async #say(digest: Bytes32, message: CommitMessage, outcome: NotSigned): Promise<void> {
    const { clock, kept, tell } = this.#options;
    const { difference: found } = outcome;
    const before = this.#said.get(toHex(digest));
    const isNews = before?.difference.code !== found.code;
    // Another message of the epoch may still land; when it cannot any more, this one may be signed.
    const isFinal = outcome.outcome === "refuse" && found.code !== "SIGNED_ANOTHER";
    const pauseMs = isNews ? firstPauseMs : Math.min(2 * (before?.pauseMs ?? 0), pauseMsMax);
    const said: Said = {
      outcome: outcome.outcome,
      difference: found as Difference,
      isPosted: !isNews,
      retryAtMs: isFinal ? Number.POSITIVE_INFINITY : clock() + pauseMs,
      pauseMs,
    };
    this.#said.set(toHex(digest), said);
    if (isNews) {
      const type = outcome.outcome === "refuse" ? "refused" : "abstained";
      tell({ type, epoch: message.body.epoch, digest: toHex(digest), difference: found });
    }
    if (isFinal) await kept.drop(digest);
    await this.#post(digest, said);
  }

  async #post(digest: Bytes32, said: Said): Promise<void> {
    if (said.isPosted) return;
    const { source, signer, pins } = this.#options;
    const { code, place, what } = said.difference;
    const told = { digest, outcome: said.outcome, code, place: cut(placeText(place), 200), what: cut(what, 2_000) };
    await source.refuse(told, { key: pins.key, signature: await signer.sign(outcomeStatement(told)) });
    said.isPosted = true;
  }
}

/** As long as the server takes, and of what it takes: values may come from strangers. */
const cut = (text: string, lengthMax: number): string => text.replace(/[\p{Cc}]+/gu, " ").slice(0, lengthMax);

const abstain = (code: Abstention, what: string): NotSigned => ({
  outcome: "abstain",
  difference: difference(code, { type: "message", field: "leafFileHash" }, what),
});
