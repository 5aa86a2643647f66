import { type Bytes32, equalBytes, toHex } from "../core/bytes.ts";
import { signaturesToSend } from "../core/commit/attestors.ts";
import type { ChainSource, PoolSight } from "./chain-source.ts";
import type { AttestorEvent } from "./events.ts";
import type { Kept, KeptCommits } from "./kept-commits.ts";
import type { CommitSource } from "./log-source.ts";

export interface DeliveryOptions {
  readonly chain: ChainSource;
  readonly kept: KeptCommits;
  readonly peers: readonly CommitSource[];
  /** How long the operator has, from when a message was seen to have enough signatures. */
  readonly graceMs: number;
  readonly clock: () => number;
  readonly tell: (event: AttestorEvent) => void;
}

/**
 * Messages that attestors signed and nobody sent. Anyone may send a commit, so it does not take the operator: attestors
 * show each other their signatures, and whoever has enough of them, and some SOL, brings the message onto the chain.
 */
export class SignedMessages {
  readonly #options: DeliveryOptions;
  /** Since when a message has enough signatures. */
  readonly #completeSince = new Map<string, number>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** @throws what the chain refuses it with; CHAIN_UNAVAILABLE */
  async step(now: PoolSight): Promise<void> {
    const next = this.#options.kept.list().filter((each) => mayBeNext(each, now));
    for (const { digest } of next) {
      if (!this.#isComplete(digest, now)) await this.#askPeers(digest, now);
      if (!this.#isComplete(digest, now)) continue;
      const name = toHex(digest);
      const since = this.#completeSince.get(name) ?? this.#options.clock();
      this.#completeSince.set(name, since);
      if (this.#options.clock() - since < this.#options.graceMs) continue;
      if (await this.#send(digest, now)) return;
    }
  }

  #isComplete(digest: Bytes32, { attestors }: PoolSight): boolean {
    const signatures = this.#options.kept.get(digest)?.signatures ?? [];
    return signaturesToSend(attestors, signatures).length >= attestors.threshold;
  }

  async #askPeers(digest: Bytes32, { attestors }: PoolSight): Promise<void> {
    for (const peer of this.#options.peers) {
      // One that is away is no reason not to ask the others.
      const shown = await peer.commit(digest).catch(() => null);
      if (shown !== null) await this.#options.kept.addSignatures(digest, attestors, shown.signatures);
    }
  }

  async #send(digest: Bytes32, { attestors }: PoolSight): Promise<boolean> {
    const { chain, kept, tell } = this.#options;
    const found = kept.get(digest);
    if (found === null || chain.send === null) return false;
    const { body } = found.message;
    const signatures = signaturesToSend(attestors, found.signatures);
    const standing = await chain.send({ body, digest, signatures });
    if (standing === "committed") tell({ type: "sent", epoch: body.epoch, digest: toHex(digest) });
    return true;
  }
}

/** A message that follows the pool's last commit, and can still land. */
const mayBeNext = ({ message: { context, body } }: Kept, { epoch, digest, clock }: PoolSight): boolean =>
  body.epoch === epoch + 1n && equalBytes(context.previousDigest, digest) && clock <= body.validUntil;
