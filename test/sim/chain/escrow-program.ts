import { type Amount, amount, zero } from "#src/core/amount";
import { type Bytes32, equalBytes, toHex, zero32 } from "#src/core/bytes";
import {
  type AttestorSet,
  type AttestorSignature,
  signatureProblem,
  type VerifySignature,
} from "#src/core/commit/attestors";
import { type CommitBody, type CommitContext, commitDigest, signedBytes } from "#src/core/commit/commit-message";
import type { Hash } from "#src/core/hash";
import { marketLeafHash, type PayoutLeaf, payoutLeafHash } from "#src/core/merkle/leaves";
import { type MerkleProof, rootOfProof } from "#src/core/merkle/proof";
import type { ProgramErrorName } from "#src/rails/solana/program/program-errors";

export type Said = "ok" | ProgramErrorName;

export interface ProgramTerms {
  readonly hash: Hash;
  readonly verify: VerifySignature;
  /** All of it but the digest of the commit before. */
  readonly place: Omit<CommitContext, "previousDigest">;
  readonly attestors: AttestorSet;
  readonly refundDelaySeconds: number;
  readonly deadAfterSeconds: number;
  readonly maxValiditySeconds: number;
}

export interface MarketAccount {
  readonly openedAt: bigint;
  closesAt: bigint;
  deposited: bigint;
}

/** What a refund is proved by; a market without a leaf has nothing. */
export interface AllocationProof extends MerkleProof {
  readonly allocated: Amount;
}

const rootsKept = 4;
const pageSlots = 256;

/**
 * What the escrow program does with a pool, in as many words as it takes: the same checks in the same order, by the same
 * names. `escrow-program.test.ts` asks both the same questions.
 */
export class EscrowProgram {
  readonly terms: ProgramTerms;
  epoch = 0n;
  floor = 0n;
  asOf = 0n;
  lastCommitAt: bigint;
  leafCount = 0n;
  deposited = 0n;
  refunded = 0n;
  allocated = 0n;
  claimed = 0n;
  isLive = true;
  digest: Bytes32 = zero32;
  #marketRoot: Bytes32 = zero32;
  readonly #payoutRoots = new Map<bigint, { readonly epoch: bigint; readonly root: Bytes32 }>();
  /** By the account's hexadecimal. */
  readonly markets = new Map<string, MarketAccount>();
  readonly pages = new Map<number, bigint[]>();

  constructor(terms: ProgramTerms, now: bigint) {
    this.terms = terms;
    this.lastCommitAt = now;
  }

  openMarket(now: bigint, account: Bytes32): Said {
    if (!this.isLive) return "POOL_WOUND_DOWN";
    if (this.markets.has(toHex(account))) return "ALREADY_THERE";
    this.markets.set(toHex(account), { openedAt: now, closesAt: 0n, deposited: 0n });
    return "ok";
  }

  deposit(account: Bytes32, value: bigint): Said {
    const market = this.markets.get(toHex(account));
    if (market === undefined) return "WRONG_OWNER";
    if (!this.isLive) return "POOL_WOUND_DOWN";
    if (market.closesAt !== 0n) return "MARKET_CLOSING";
    market.deposited += value;
    this.deposited += value;
    return "ok";
  }

  requestClose(now: bigint, account: Bytes32): Said {
    const market = this.markets.get(toHex(account));
    if (market === undefined) return "WRONG_OWNER";
    if (market.closesAt !== 0n) return "MARKET_CLOSING";
    market.closesAt = now + BigInt(this.terms.refundDelaySeconds);
    return "ok";
  }

  /** What the attestors sign where they sign this body now. */
  digestOf(body: CommitBody): Bytes32 {
    const { hash, place } = this.terms;
    return commitDigest(hash, { context: { ...place, previousDigest: this.digest }, body });
  }

  commit(
    now: bigint,
    body: CommitBody,
    signed: { readonly digest: Bytes32; readonly by: readonly AttestorSignature[] },
  ): Said {
    if (!this.isLive) return "POOL_WOUND_DOWN";
    const refused = this.#checkBody(now, body) ?? this.#checkSignatures(body, signed);
    if (refused !== null) return refused;
    const digest = this.digestOf(body);
    this.epoch = body.epoch;
    this.floor = body.floor;
    this.asOf = body.asOf;
    this.lastCommitAt = now;
    this.leafCount = body.leafCount;
    this.allocated = body.allocated;
    this.digest = digest;
    this.#marketRoot = body.marketRoot;
    this.#payoutRoots.set(body.epoch % BigInt(rootsKept), { epoch: body.epoch, root: body.payoutRoot });
    return "ok";
  }

  #checkBody(now: bigint, body: CommitBody): Said | null {
    if (body.epoch !== this.epoch + 1n) return "WRONG_EPOCH";
    if (body.floor < this.floor || body.floor > body.epoch) return "FLOOR_REFUSED";
    if (body.asOf < this.asOf || body.asOf > now) return "AS_OF_REFUSED";
    if (now > body.validUntil) return "EXPIRED";
    if (body.validUntil > body.asOf + BigInt(this.terms.maxValiditySeconds)) return "VALID_TOO_LONG";
    if (body.allocated < this.allocated) return "ALLOCATION_FELL";
    if (body.allocated > this.deposited - this.refunded) return "OVER_ALLOCATED";
    return body.leafCount < this.leafCount ? "LEAF_COUNT_FELL" : null;
  }

  #checkSignatures(
    body: CommitBody,
    { digest, by }: { readonly digest: Bytes32; readonly by: readonly AttestorSignature[] },
  ): Said | null {
    const { attestors, verify } = this.terms;
    if (!equalBytes(digest, this.digestOf(body))) return "SIGNATURES_OTHER_MESSAGE";
    const problem = signatureProblem(attestors, signedBytes("commit", digest), by, verify);
    if (problem === null) return null;
    return problem.reason === "SIGNATURES_TOO_FEW" ? "SIGNATURES_TOO_FEW" : "SIGNER_REFUSED";
  }

  openPage(number: number): Said {
    if (BigInt(number) * BigInt(pageSlots) >= this.leafCount) return "NO_SUCH_LEAF";
    if (this.pages.has(number)) return "ALREADY_THERE";
    this.pages.set(
      number,
      Array.from({ length: pageSlots }, () => 0n),
    );
    return "ok";
  }

  claimedOf(index: number): bigint {
    return this.pages.get(Math.floor(index / pageSlots))?.[index % pageSlots] ?? 0n;
  }

  /** The account of the leaf must be able to receive: that is for whoever asks. */
  claim(leaf: PayoutLeaf, proof: MerkleProof): Said {
    const { hash, place } = this.terms;
    const page = this.pages.get(Math.floor(leaf.index / pageSlots));
    if (page === undefined) return "WRONG_OWNER";
    if (BigInt(leaf.index) >= this.leafCount) return "NO_SUCH_LEAF";
    const root = rootOfProof(hash, payoutLeafHash(hash, place.pool, leaf), proof);
    if (root === null) return "PROOF_POSITION";
    if (!this.#isPayable(root)) return "UNKNOWN_ROOT";
    const due = leaf.cumulative + (this.isLive ? 0n : leaf.held);
    const before = page[leaf.index % pageSlots] as bigint;
    if (due <= before) return "NOTHING_DUE";
    if (due - before > this.allocated - this.claimed) return "OVER_CLAIMED";
    page[leaf.index % pageSlots] = due;
    this.claimed += due - before;
    return "ok";
  }

  #isPayable(root: Bytes32): boolean {
    return [...this.#payoutRoots.values()].some(
      (each) => equalBytes(each.root, root) && each.epoch >= this.floor && (this.isLive || each.epoch === this.epoch),
    );
  }

  /** What goes back is the second. */
  refund(account: Bytes32, proof: AllocationProof | null): [Said, bigint] {
    const market = this.markets.get(toHex(account));
    if (market === undefined) return ["WRONG_OWNER", 0n];
    const hasEnded = market.closesAt !== 0n && this.asOf >= market.closesAt;
    if (!hasEnded && this.isLive) return ["REFUND_TOO_EARLY", 0n];
    const problem = this.#checkAllocation(account, market, proof);
    if (problem !== null) return [problem, 0n];
    const allocated = proof?.allocated ?? zero;
    if (allocated > market.deposited) return ["OVER_ALLOCATED", 0n];
    const value = market.deposited - allocated;
    if (value > this.deposited - this.refunded - this.allocated) return ["OVER_ALLOCATED", 0n];
    this.refunded += value;
    this.markets.delete(toHex(account));
    return ["ok", value];
  }

  #checkAllocation(account: Bytes32, { openedAt }: MarketAccount, proof: AllocationProof | null): Said | null {
    if (openedAt > this.asOf) return proof === null ? null : "NOT_ALLOCATED_SO";
    const { hash, place } = this.terms;
    const allocated = proof?.allocated ?? amount(0n);
    const leaf = marketLeafHash(hash, place.pool, { account, openedAt: Number(openedAt), allocated });
    const root = rootOfProof(hash, leaf, proof ?? { position: 0, siblings: [] });
    if (root === null) return "PROOF_POSITION";
    return this.epoch > 0n && equalBytes(root, this.#marketRoot) ? null : "UNKNOWN_ROOT";
  }

  windDown(now: bigint): Said {
    if (!this.isLive) return "POOL_WOUND_DOWN";
    if (now <= this.lastCommitAt + BigInt(this.terms.deadAfterSeconds)) return "NOT_DEAD_YET";
    this.isLive = false;
    return "ok";
  }
}
