import { createHash } from "node:crypto";
import type { Address } from "@solana/kit";
import { expect, it } from "vitest";
import { amount } from "#src/core/amount";
import { type Bytes32, bytes32, concatBytes, fromBase58, toBase58, toHex, zero32 } from "#src/core/bytes";
import { commitDigest, signedBytes } from "#src/core/commit/commit-message";
import { epochRoots, marketTree, payoutTree } from "#src/core/commit/epoch-trees";
import { type EpochLeaves, writeLeafFile } from "#src/core/commit/leaf-file";
import { marketIdFromBytes } from "#src/core/market-id";
import { buildCommit, epochLeavesOf } from "#src/market/settlement/build-commit";
import type { ChainView, Escrow as MarketEscrow, Pinned } from "#src/market/settlement/chain-view";
import { checkCommit } from "#src/market/settlement/check-commit";
import type { LaneCut, MemberCut } from "#src/market/settlement/lane-cut";
import { payoutsOf } from "#src/market/settlement/pool-fold";
import { tokenAddress } from "#src/rails/solana/program/derived-addresses";
import { claim, claimMany, commit, refund } from "#src/rails/solana/program/instructions";
import { Chain } from "./chain.ts";
import { Escrow, type TestMarket } from "./escrow.ts";
import { balance } from "./tokens.ts";
import { testAddress, testHash } from "./values.ts";

/** The settlement of src/core and src/market, as operators and attestors run it, against the program itself. */

const hash = (bytes: Uint8Array): Bytes32 => bytes32(new Uint8Array(createHash("sha256").update(bytes).digest()));
const keyOf = (address: Address): Bytes32 => bytes32(fromBase58(address));
const addressOf = (key: Uint8Array): Address => toBase58(key) as Address;

class Network {
  readonly chain = new Chain();
  readonly escrow = new Escrow(this.chain);
  readonly market: TestMarket = this.escrow.market("requester", 1_000n);
  readonly pinned: Pinned = {
    cluster: testHash("cluster"),
    program: keyOf(this.chain.program),
    programHash: testHash("program"),
    network: keyOf(this.escrow.network),
    pool: keyOf(this.escrow.at.pool),
  };
  previous: { digest: Bytes32; leaves: EpochLeaves } | null = null;

  get view(): ChainView {
    const { networkAccount: network, pool } = this.escrow;
    const account = this.escrow.marketAccount(this.market);
    return {
      clock: this.chain.now,
      cluster: network.cluster,
      programHash: this.pinned.programHash,
      network: {
        operator: keyOf(network.operator),
        setVersion: network.setVersion,
        attestors: { threshold: network.current.threshold, keys: network.current.keys.map(keyOf) },
        maxValiditySeconds: network.maxValiditySeconds,
      },
      pool: {
        ...pool,
        network: keyOf(pool.network),
        isLive: pool.state === 0,
        deposited: amount(pool.deposited),
        refunded: amount(pool.refunded),
        allocated: amount(pool.allocated),
      },
      markets: [
        {
          account: keyOf(this.market.address),
          openedAt: Number(account.openedAt),
          closesAt: Number(account.closesAt),
          deposited: amount(account.deposited),
          specHash: account.specHash,
        },
      ],
    };
  }

  /** What operator and attestors come to; they agree, the attestors sign, and it lands. */
  settle(cut: LaneCut): EpochLeaves {
    const { pinned, view } = this;
    const { mint, tokenProgram } = this.escrow.at;
    const rules = {
      operator: view.network.operator,
      tokenAccountOf: (wallet: Bytes32) => keyOf(tokenAddress(addressOf(wallet), mint, tokenProgram)),
    };
    const payouts = payoutsOf([cut], rules);
    if ("code" in payouts) throw new Error(payouts.code);
    const [{ account, openedAt }] = view.markets as [ChainView["markets"][0]];
    const escrows: MarketEscrow[] = [{ market: cut.market, account, openedAt }];
    const asOf = this.chain.now;
    const previous = this.previous?.leaves.markets ?? [];
    const leaves = epochLeavesOf(payouts, { escrows, markets: view.markets, previous, asOf });
    if ("code" in leaves) throw new Error(leaves.code);
    const roots = epochRoots(hash, pinned.pool, leaves);
    const leafFileHash = hash(concatBytes(...writeLeafFile(pinned.pool, Number(view.pool.epoch) + 1, leaves)));
    const before = this.previous?.leaves.payouts ?? [];
    const message = buildCommit({ pinned, chain: view, leaves, roots, before, leafFileHash, asOf });
    const own = { type: "replayed", leaves, roots, totals: payouts.markets, escrows, latest: payouts.latest } as const;
    const proposal = { message, stored: { leaves, hash: leafFileHash } };
    const found = checkCommit(hash, { pinned, chain: view, previous: this.previous, own, proposal, signed: [] });
    expect(found).toMatchObject({ outcome: "ok" });
    const digest = commitDigest(hash, message);
    this.escrow.ok([this.escrow.signed(signedBytes("commit", digest)), commit(this.escrow.at, message.body)]);
    expect(toHex(this.escrow.pool.digest)).toBe(toHex(digest));
    this.previous = { digest, leaves };
    return leaves;
  }
}

const member = (contributor: number, name: string, released: bigint, held = 0n): MemberCut => ({
  contributor,
  key: keyOf(testAddress(name)),
  released: amount(released),
  held: amount(held),
  paying: null,
});

it("settles, pays leaves beside gaps, and refunds by the trees and messages of the source", () => {
  const network = new Network();
  const { escrow, chain, market } = network;
  const cutOf = (members: readonly MemberCut[], size: number, isClosed = false): LaneCut => ({
    market: marketIdFromBytes(market.id),
    lane: 0,
    epoch: size,
    size,
    root: testHash(`root ${size}`),
    timeMs: Number(chain.now) * 1_000,
    specHash: escrow.marketAccount(market).specHash,
    isClosed,
    deposited: amount(1_000n),
    allocated: amount(members.reduce((sum, { released, held }) => sum + released + held, 10n)),
    fee: amount(10n),
    members,
  });
  for (const name of ["ann", "bob", "cid"]) escrow.putDestination(name);

  // Nobody has the indexes 3 to 5: a pair of them is missing, and so is the node over it.
  const first = network.settle(cutOf([member(1, "ann", 300n, 50n), member(2, "bob", 200n), member(6, "cid", 5n)], 5));
  escrow.ok([escrow.openPage()]);
  const tree = payoutTree(hash, network.pinned.pool, first.payouts);
  const leafAt = (leaves: EpochLeaves, index: number) => {
    const leaf = leaves.payouts.find((each) => each.index === index) as EpochLeaves["payouts"][0];
    return { ...leaf, index: BigInt(index), destination: addressOf(leaf.destination) };
  };
  expect(tree.leaf(4)).toEqual(zero32);
  escrow.ok([claim(escrow.at, leafAt(first, 6), tree.proof(6).siblings)]);
  // The operator has no token account yet, and is skipped.
  const batch = { leaves: [0, 1].map((index) => leafAt(first, index)), height: 1, proof: tree.proof(0, 1).siblings };
  escrow.ok([claimMany(escrow.at, batch)]);
  const paid = (): bigint[] => ["ann", "bob", "cid"].map((name) => balance(chain, escrow.destination(name)));
  expect(paid()).toEqual([300n, 0n, 5n]);

  escrow.ok([escrow.close(market)]);
  chain.pass(61n);
  const last = [member(1, "ann", 310n, 40n), member(2, "bob", 220n), member(6, "cid", 5n)];
  const second = network.settle(cutOf(last, 9, true));
  const after = payoutTree(hash, network.pinned.pool, second.payouts);
  for (const index of [1, 2]) escrow.ok([claim(escrow.at, leafAt(second, index), after.proof(index).siblings)]);
  expect(paid()).toEqual([310n, 220n, 5n]);
  const { siblings } = marketTree(hash, network.pinned.pool, second.markets).proof(0);
  const { address, refundTo, rentPayer } = market;
  escrow.ok([
    refund(escrow.at, { market: address, refundTo, rentPayer, allocated: 585n, position: 0n, proof: siblings }),
  ]);
  expect(balance(chain, refundTo)).toBe(1_000n - 585n);
});
