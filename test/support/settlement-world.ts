import { type Amount, amount } from "../../src/core/amount.ts";
import type { Bytes32 } from "../../src/core/bytes.ts";
import { concatBytes, toUtf8 } from "../../src/core/bytes.ts";
import type { CommitMessage } from "../../src/core/commit/commit-message.ts";
import { epochRoots, leafCountOf } from "../../src/core/commit/epoch-trees.ts";
import { type EpochLeaves, writeLeafFile } from "../../src/core/commit/leaf-file.ts";
import { type MarketId, marketId } from "../../src/core/market-id.ts";
import { buildCommit, epochLeavesOf } from "../../src/market/settlement/build-commit.ts";
import type { ChainMarket, ChainView, Escrow, Pinned } from "../../src/market/settlement/chain-view.ts";
import type { CommitCheck, OwnReplay } from "../../src/market/settlement/check-commit.ts";
import type { LaneCut, MemberCut } from "../../src/market/settlement/lane-cut.ts";
import { type FoldRules, payoutsOf } from "../../src/market/settlement/pool-fold.ts";
import { attestorSet } from "./attestors.ts";
import { named, sha256 } from "./market-hash.ts";

/** A pool of two markets on chain and in the log, its first commit landed, its second one proposed. */

export const tokenAccountOf = (wallet: Bytes32): Bytes32 => sha256(concatBytes(toUtf8("token account of "), wallet));
export const operator = named("operator");
export const foldRules: FoldRules = { operator, tokenAccountOf };

export const pinned: Pinned = {
  cluster: named("genesis"),
  program: named("program"),
  programHash: named("program's bytes"),
  network: named("network"),
  pool: named("pool"),
};

export const marketIds: readonly [MarketId, MarketId] = [
  marketId("000102030405060708090a0b0c0d0e0f"),
  marketId("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"),
];
export const escrows: readonly Escrow[] = [
  { market: marketIds[0], account: named("escrow a"), openedAt: 1_000 },
  { market: marketIds[1], account: named("escrow b"), openedAt: 1_100 },
];

export const member = (contributor: number, released: bigint, held = 0n): MemberCut => ({
  contributor,
  key: named(`key ${contributor}`),
  released: amount(released),
  held: amount(held),
  paying: null,
});

/** A lane whose fee is a tenth of what its members earned, and 1. */
export function laneCut(market: MarketId, members: readonly MemberCut[], parts: Partial<LaneCut> = {}): LaneCut {
  const earned = members.reduce((sum, { released, held }) => sum + released + held, 0n);
  const fee = parts.fee ?? amount(earned / 10n + 1n);
  return {
    market,
    lane: 0,
    epoch: 1,
    size: 10,
    root: named(`root of ${market}`),
    timeMs: 1_000_000,
    specHash: named(`spec of ${market}`),
    isClosed: false,
    deposited: amount(10_000n),
    allocated: amount(earned + fee),
    fee,
    members,
    ...parts,
  };
}

export const chainMarket = (at: number, parts: Partial<ChainMarket> = {}): ChainMarket => {
  const { market, account, openedAt } = escrows[at] as Escrow;
  const specHash = named(`spec of ${market}`);
  return { account, openedAt, closesAt: 0, deposited: amount(10_000n), specHash, ...parts };
};

/** One opened by a stranger: it has a leaf, and the log knows nothing of it. */
export const strangeMarket: ChainMarket = {
  account: named("escrow of a stranger"),
  openedAt: 1_200,
  closesAt: 0,
  deposited: amount(77n),
  specHash: named("another spec"),
};

export const firstCuts: readonly LaneCut[] = [
  laneCut(marketIds[0], [member(1, 100n), member(2, 50n, 20n)]),
  laneCut(marketIds[1], [member(2, 30n)]),
];
export const secondCuts: readonly LaneCut[] = [
  laneCut(marketIds[0], [member(1, 400n), member(2, 60n, 0n), member(5, 10n, 5n)], {
    size: 20,
    epoch: 2,
    root: named("second root"),
  }),
  firstCuts[1] as LaneCut,
];

export interface WorldParts {
  readonly cuts?: readonly LaneCut[];
  readonly before?: readonly LaneCut[];
  readonly markets?: readonly ChainMarket[];
  readonly rules?: FoldRules;
  readonly escrows?: readonly Escrow[];
  readonly body?: Partial<CommitMessage["body"]>;
  readonly context?: Partial<CommitMessage["context"]>;
  readonly pool?: Partial<ChainView["pool"]>;
  readonly chain?: Partial<Omit<ChainView, "pool">>;
}

export const firstAsOf = 2_000n;
export const secondAsOf = 3_000n;
const firstDigest = named("digest of the first commit");

interface Epoch {
  readonly leaves: EpochLeaves;
  readonly own: Extract<OwnReplay, { type: "replayed" }>;
}

/** What anybody with the log and the chain comes to. */
export function epochOf(
  cuts: readonly LaneCut[],
  markets: readonly ChainMarket[],
  previous: EpochLeaves["markets"],
  asOf: bigint,
  parts: WorldParts = {},
): Epoch {
  const folded = payoutsOf(cuts, parts.rules ?? foldRules);
  if ("code" in folded) throw new Error(folded.code);
  const bound = parts.escrows ?? escrows;
  const leaves = epochLeavesOf(folded, { escrows: bound, markets, previous, asOf });
  if ("code" in leaves) throw new Error(leaves.code);
  const roots = epochRoots(sha256, pinned.pool, leaves);
  return {
    leaves,
    own: { type: "replayed", leaves, roots, totals: folded.markets, escrows: bound, latest: folded.latest },
  };
}

export const leafFileHashOf = (leaves: EpochLeaves, epoch: number): Bytes32 =>
  sha256(concatBytes(...writeLeafFile(pinned.pool, epoch, leaves)));

const allocatedOf = (leaves: EpochLeaves): Amount =>
  amount(leaves.markets.reduce((sum, { allocated }) => sum + allocated, 0n));

/** A commit that an attestor signs, unless the parts say otherwise. */
export function worldWith(parts: WorldParts = {}): CommitCheck {
  const markets = parts.markets ?? [chainMarket(0), chainMarket(1), strangeMarket];
  const before = epochOf(parts.before ?? firstCuts, [chainMarket(0), chainMarket(1), strangeMarket], [], firstAsOf);
  const asOf = parts.body?.asOf ?? secondAsOf;
  const { leaves, own } = epochOf(parts.cuts ?? secondCuts, markets, before.leaves.markets, asOf, parts);
  const chain: ChainView = {
    clock: asOf + 5n,
    cluster: pinned.cluster,
    programHash: pinned.programHash,
    network: { operator, setVersion: 3, attestors: attestorSet(3), maxValiditySeconds: 300 },
    markets,
    ...parts.chain,
    pool: {
      network: pinned.network,
      isLive: true,
      epoch: 1n,
      floor: 0n,
      asOf: firstAsOf,
      leafCount: BigInt(leafCountOf(before.leaves.payouts)),
      deposited: amount(20_077n),
      refunded: amount(0n),
      allocated: allocatedOf(before.leaves),
      digest: firstDigest,
      ...parts.pool,
    },
  };
  const hash = leafFileHashOf(leaves, 2);
  const built = buildCommit({
    pinned,
    chain,
    leaves,
    roots: own.roots,
    before: before.leaves.payouts,
    leafFileHash: hash,
    asOf,
  });
  const message: CommitMessage = {
    context: { ...built.context, ...parts.context },
    body: { ...built.body, ...parts.body },
  };
  return {
    pinned,
    chain,
    previous: { digest: firstDigest, leaves: before.leaves },
    own,
    proposal: { message, stored: { leaves, hash } },
    signed: [],
  };
}
