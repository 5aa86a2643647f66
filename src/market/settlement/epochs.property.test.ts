import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attestorSet } from "../../../test/support/attestors.ts";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import {
  chainMarket,
  escrows,
  foldRules,
  laneCut,
  leafFileHashOf,
  marketIds,
  member,
  operator,
  pinned,
} from "../../../test/support/settlement-world.ts";
import { amount, zero } from "../../core/amount.ts";
import { type Bytes32, concatBytes, equalBytes, zero32 } from "../../core/bytes.ts";
import { type CommitMessage, commitDigest } from "../../core/commit/commit-message.ts";
import { epochRoots, payoutTree } from "../../core/commit/epoch-trees.ts";
import { type EpochLeaves, readLeafFile, writeLeafFile } from "../../core/commit/leaf-file.ts";
import { payoutLeafHash } from "../../core/merkle/leaves.ts";
import { verifyProof } from "../../core/merkle/proof.ts";
import { MerkleTree } from "../../core/merkle/tree.ts";
import { buildCommit, epochLeavesOf } from "./build-commit.ts";
import type { ChainView } from "./chain-view.ts";
import { type CommitOutcome, checkCommit, type OwnReplay } from "./check-commit.ts";
import type { LaneCut, MemberCut } from "./lane-cut.ts";
import { PoolFold } from "./pool-fold.ts";
import { type SignedMessage, withSigned } from "./signed-once.ts";

/**
 * An operator who keeps its fold and its tree from epoch to epoch, an attestor who starts anew each time, and a chain
 * that counts as the program does.
 */
class Pool {
  readonly #fold = new PoolFold(foldRules);
  readonly #tree = new MerkleTree(sha256);
  readonly #cuts: LaneCut[] = marketIds.map((market) => laneCut(market, [], { fee: zero }));
  #leaves: EpochLeaves = { payouts: [], markets: [], lanes: [] };
  #signed: readonly SignedMessage[] = [];
  #pool: ChainView["pool"] = {
    network: pinned.network,
    isLive: true,
    epoch: 0n,
    floor: 0n,
    asOf: 0n,
    leafCount: 0n,
    deposited: amount(20_000n),
    refunded: zero,
    allocated: zero,
    digest: zero32,
  };

  /** Somebody earns, or moves to another address. */
  earn(at: number, contributor: number, released: bigint, held: bigint, moves: boolean): void {
    const cut = this.#cuts[at] as LaneCut;
    const members = new Map(cut.members.map((each) => [each.contributor, each]));
    const before = members.get(contributor) ?? member(contributor, 0n);
    const number = (before.paying?.number ?? 0) + 1;
    const after: MemberCut = {
      ...before,
      released: amount(before.released + released),
      held: amount(before.held + held),
      paying: moves ? { number, wallet: named(`wallet ${contributor} ${number}`) } : before.paying,
    };
    members.set(contributor, after);
    const size = cut.size + 1;
    const fee = amount(cut.fee + (released + held) / 20n);
    const parts = { size, root: named(`root ${at} ${size}`), fee };
    this.#cuts[at] = laneCut(cut.market, [...members.values()], parts);
  }

  get #chain(): ChainView {
    return {
      clock: this.#pool.asOf + 11n,
      cluster: pinned.cluster,
      programHash: pinned.programHash,
      network: { operator, setVersion: 0, attestors: attestorSet(3), maxValiditySeconds: 60 },
      pool: this.#pool,
      markets: [chainMarket(0), chainMarket(1)],
    };
  }

  /** The operator's leaves and message, with a tree that hashed what changed alone. */
  propose(): { readonly message: CommitMessage; readonly leaves: EpochLeaves } {
    for (const cut of this.#cuts) expect(this.#fold.take(cut)).toBe(null);
    for (const index of this.#fold.takeChanged()) {
      const leaf = this.#fold.leaf(index);
      if (leaf !== null) this.#tree.update(index, payoutLeafHash(sha256, pinned.pool, leaf));
    }
    const leaves = this.#leavesOf(this.#fold);
    const roots = epochRoots(sha256, pinned.pool, leaves);
    expect(this.#tree.root()).toEqual(roots.payoutRoot);
    const message = buildCommit({
      pinned,
      chain: this.#chain,
      leaves,
      roots,
      before: this.#leaves.payouts,
      leafFileHash: leafFileHashOf(leaves, Number(this.#pool.epoch) + 1),
      asOf: this.#asOf,
    });
    return { message, leaves };
  }

  get #asOf(): bigint {
    return this.#pool.asOf === 0n ? 2_000n : this.#pool.asOf + 10n;
  }

  #leavesOf(fold: PoolFold): EpochLeaves {
    const markets = fold.markets();
    if (!(markets instanceof Map)) throw new Error(markets.code);
    const payouts = { leaves: fold.payouts(), lanes: fold.lanes(), markets, latest: fold.latest() };
    const onChain = { escrows, markets: this.#chain.markets, previous: this.#leaves.markets, asOf: this.#asOf };
    const leaves = epochLeavesOf(payouts, onChain);
    if ("code" in leaves) throw new Error(leaves.code);
    return leaves;
  }

  attest(message: CommitMessage, leaves: EpochLeaves, signed = this.#signed): CommitOutcome {
    const fold = new PoolFold(foldRules);
    for (const cut of this.#cuts.toReversed()) expect(fold.take(cut)).toBe(null);
    const mine = this.#leavesOf(fold);
    const totals = fold.markets() as Extract<OwnReplay, { type: "replayed" }>["totals"];
    return checkCommit(sha256, {
      pinned,
      chain: { ...this.#chain, clock: message.body.asOf + 1n },
      previous: { digest: this.#pool.digest, leaves: this.#leaves },
      own: {
        type: "replayed",
        leaves: mine,
        roots: epochRoots(sha256, pinned.pool, mine),
        totals,
        escrows,
        latest: fold.latest(),
      },
      proposal: { message, stored: { leaves, hash: leafFileHashOf(leaves, Number(message.body.epoch)) } },
      signed,
    });
  }

  /** The commit lands. */
  commit(message: CommitMessage, leaves: EpochLeaves): void {
    const { epoch, floor, asOf, leafCount, allocated } = message.body;
    const digest = commitDigest(sha256, message);
    expect(allocated).toBeGreaterThanOrEqual(this.#pool.allocated);
    expect(leafCount).toBeGreaterThanOrEqual(this.#pool.leafCount);
    expect(allocated).toBeLessThanOrEqual(this.#pool.deposited);
    this.#pool = { ...this.#pool, epoch, floor, asOf, leafCount, allocated, digest };
    this.#leaves = leaves;
  }

  sign(signing: SignedMessage): void {
    this.#signed = withSigned(this.#signed, signing, this.#pool.asOf);
  }
}

const workArbitrary = fc.record({
  at: fc.nat({ max: 1 }),
  contributor: fc.integer({ min: 1, max: 9 }),
  released: fc.bigInt({ min: 0n, max: 90n }),
  held: fc.bigInt({ min: 0n, max: 20n }),
  moves: fc.nat({ max: 9 }).map((n) => n === 0),
});
const epochsArbitrary = fc.array(fc.array(workArbitrary, { maxLength: 6 }), { minLength: 1, maxLength: 5 });

const work = (pool: Pool, some: readonly (typeof workArbitrary extends fc.Arbitrary<infer T> ? T : never)[]): void => {
  for (const { at, contributor, released, held, moves } of some) pool.earn(at, contributor, released, held, moves);
};

describe("epoch after epoch", () => {
  it("an attestor who starts anew signs what an operator added up step by step, and once", () => {
    fc.assert(
      fc.property(epochsArbitrary, (epochs) => {
        const pool = new Pool();
        for (const some of epochs) {
          work(pool, some);
          const { message, leaves } = pool.propose();
          const found = pool.attest(message, leaves);
          expect(found.outcome).toBe("ok");
          if (found.outcome === "ok") pool.sign(found.signing);
          const later = { ...message, body: { ...message.body, validUntil: message.body.validUntil - 1n } };
          expect(pool.attest(later, leaves)).toMatchObject({ difference: { code: "SIGNED_ANOTHER" } });
          expect(pool.attest(message, leaves).outcome).toBe("ok");
          pool.commit(message, leaves);
          expect(pool.attest(message, leaves)).toMatchObject({ difference: { code: "WRONG_EPOCH" } });
        }
      }),
      { numRuns: 60 },
    );
  });

  it("whoever holds the leaf file proves every payout, without the operator", () => {
    fc.assert(
      fc.property(epochsArbitrary, (epochs) => {
        const pool = new Pool();
        for (const some of epochs) work(pool, some);
        const { message, leaves } = pool.propose();
        const file = concatBytes(...writeLeafFile(pinned.pool, 1, leaves));
        const kept = readLeafFile([file]).leaves;
        expect(equalBytes(sha256(file), message.body.leafFileHash)).toBe(true);
        const tree = payoutTree(sha256, pinned.pool, kept.payouts);
        for (const leaf of kept.payouts) {
          const hash = payoutLeafHash(sha256, pinned.pool, leaf);
          expect(verifyProof(sha256, hash, tree.proof(leaf.index), message.body.payoutRoot)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("nothing of a message can be altered and still be signed", () => {
    const flip = (bytes: Bytes32): Bytes32 => bytes.with(0, (bytes[0] as number) ^ 1) as Bytes32;
    const pool = new Pool();
    pool.earn(0, 1, 50n, 10n, false);
    const { message, leaves } = pool.propose();
    for (const [part, fields] of [
      ["context", message.context],
      ["body", message.body],
    ] as const) {
      for (const [name, value] of Object.entries(fields)) {
        // Its times are the operator's choice within limits, which are tested elsewhere.
        if (name === "validUntil" || name === "asOf") continue;
        const other =
          value instanceof Uint8Array ? flip(value as Bytes32) : typeof value === "bigint" ? value + 1n : value + 1;
        const altered = { ...message, [part]: { ...fields, [name]: other } };
        expect([name, pool.attest(altered, leaves).outcome]).not.toEqual([name, "ok"]);
      }
    }
  });
});
