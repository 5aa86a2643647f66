import { beforeEach, describe, expect, it } from "vitest";
import { bytes32 } from "#src/core/bytes";
import { pageAddress } from "#src/rails/solana/program/derived-addresses";
import { claim, type PayoutLeaf } from "#src/rails/solana/program/instructions";
import { proofMax } from "#src/rails/solana/program/layouts";
import type { Chain } from "./chain.ts";
import { type Escrow, freshEscrow, root } from "./escrow.ts";
import { balance } from "./tokens.ts";
import { deepTree, marketHash, payoutHash, Tree } from "./trees.ts";
import { testAddress, testHash } from "./values.ts";

let chain: Chain;
let escrow: Escrow;

beforeEach(() => {
  escrow = freshEscrow();
  chain = escrow.chain;
  const market = escrow.market("requester", 10_000n);
  for (const name of ["ann", "bob", "cid"]) {
    escrow.pay(name, 100n);
    escrow.putDestination(name);
  }
  escrow.allocate(market, 1_000n);
  escrow.ok(escrow.commit());
  escrow.ok([escrow.openPage()]);
});

const paid = (name: string): bigint => balance(chain, escrow.destination(name));
const made = (value: Uint8Array) => bytes32(Uint8Array.from(value));

describe("a claim", () => {
  it("pays what the leaf says and the page does not yet, and no more", () => {
    escrow.ok([escrow.claim(1)]);
    expect(escrow.said(escrow.claim(1))).toBe("NOTHING_DUE");
    escrow.change(1, { cumulative: 130n });
    escrow.ok(escrow.commit());
    escrow.ok([escrow.claim(1)]);
    expect(paid("bob")).toBe(130n);
    const page = escrow.pageAccount(pageAddress(chain.program, escrow.at.pool, 0n));
    expect(page.claimed.slice(0, 3)).toEqual([0n, 130n, 0n]);
    expect(escrow.pool.claimed).toBe(130n);
  });

  it("twice in one transaction pays once", () => {
    expect(escrow.said(escrow.claim(0), escrow.claim(0))).toBe("NOTHING_DUE");
    expect(paid("ann")).toBe(0n);
  });

  it("does not pay what is held", () => {
    escrow.change(0, { held: 500n });
    escrow.ok(escrow.commit());
    escrow.ok([escrow.claim(0)]);
    expect(paid("ann")).toBe(100n);
  });

  it.each<[string, Partial<PayoutLeaf>]>([
    ["amount", { cumulative: 101n }],
    ["held amount", { held: 1n }],
    ["index", { index: 2n }],
  ])("with another %s is refused", (_, change) => {
    const leaf = { ...(escrow.payouts[0] as PayoutLeaf), ...change };
    expect(escrow.said(claim(escrow.at, leaf, escrow.payoutTree().proof(0)))).toBe("UNKNOWN_ROOT");
  });

  it("to another destination is refused, whoever owns it", () => {
    const own = escrow.token("ann");
    const leaf = { ...(escrow.payouts[0] as PayoutLeaf), destination: own };
    expect(escrow.said(claim(escrow.at, leaf, escrow.payoutTree().proof(0)))).toBe("UNKNOWN_ROOT");
  });

  it("is counted on the page of its index and on no other", () => {
    // Two pages exist where there are more than 256 leaves.
    escrow.ok(escrow.commit({ leafCount: 300n }));
    escrow.ok([escrow.openPage(1n)]);
    const page = pageAddress(chain.program, escrow.at.pool, 1n);
    const leaf = escrow.payouts[0] as PayoutLeaf;
    expect(escrow.said(claim(escrow.at, leaf, escrow.payoutTree().proof(0), page))).toBe("WRONG_PAGE");
  });

  it("counts leaf 255 and leaf 256 on different pages", () => {
    const leaves = [255, 256].map((index) => {
      const destination = escrow.putDestination(`place ${index}`);
      return { index: BigInt(index), destination, cumulative: 7n, held: 0n };
    });
    const hashes = Array.from({ length: 257 }, (_, i) => testHash(`leaf ${i}`) as Uint8Array);
    for (const leaf of leaves) hashes[Number(leaf.index)] = payoutHash(escrow.at.pool, leaf);
    const tree = new Tree(hashes);
    escrow.ok(escrow.commit({ leafCount: 257n, payoutRoot: root(tree) }));
    escrow.ok([escrow.openPage(1n)]);
    for (const leaf of leaves) escrow.ok([claim(escrow.at, leaf, tree.proof(Number(leaf.index)))]);
    const claimed = [0n, 1n].map(
      (page) => escrow.pageAccount(pageAddress(chain.program, escrow.at.pool, page)).claimed,
    );
    expect([claimed[0]?.[255], claimed[1]?.[0]]).toEqual([7n, 7n]);
  });

  it("is for a leaf that a commit has counted", () => {
    const leaf = { ...escrow.pay("dan", 5n) };
    escrow.putDestination("dan");
    // The root has it, the count does not.
    escrow.ok(escrow.commit({ leafCount: 3n }));
    expect(escrow.said(claim(escrow.at, leaf, escrow.payoutTree().proof(3)))).toBe("NO_SUCH_LEAF");
    escrow.ok(escrow.commit({ leafCount: 4n }));
    expect(escrow.said(claim(escrow.at, leaf, escrow.payoutTree().proof(3)))).toBe("ok");
  });

  it("never takes more than is allocated, whatever was signed", () => {
    escrow.change(0, { cumulative: 1_001n });
    escrow.ok(escrow.commit({ allocated: 1_000n }));
    expect(escrow.said(escrow.claim(0))).toBe("OVER_CLAIMED");
    escrow.change(0, { cumulative: 1_000n });
    escrow.ok(escrow.commit({ allocated: 1_000n }));
    escrow.ok([escrow.claim(0)]);
    expect(escrow.said(escrow.claim(1))).toBe("OVER_CLAIMED");
  });

  it("goes down with a leaf that falls: what was paid stays, nothing is due", () => {
    escrow.ok([escrow.claim(0)]);
    escrow.change(0, { cumulative: 50n });
    escrow.ok(escrow.commit());
    expect(escrow.said(escrow.claim(0))).toBe("NOTHING_DUE");
  });
});

describe("an old root", () => {
  it("stays good for three more commits, and not for a fourth", () => {
    const old = escrow.claim(0);
    for (let i = 0; i < 3; i++) escrow.ok(escrow.commit({ payoutRoot: testHash(`later ${i}`) }));
    expect(escrow.pool.epoch).toBe(4n);
    const late = escrow.claim(1);
    escrow.ok([old]);
    escrow.ok(escrow.commit({ payoutRoot: testHash("the fourth") }));
    expect(escrow.said(late)).toBe("UNKNOWN_ROOT");
  });

  it("is dead from the moment the floor is above it", () => {
    // A stolen key: the leaf gets another destination, and the floor rises to the commit that says so.
    const [stolen, tooLate] = [escrow.claim(0), escrow.claim(1)];
    escrow.change(0, { destination: escrow.putDestination("ann's new key") });
    escrow.change(1, { destination: escrow.putDestination("bob's new key") });
    escrow.ok(escrow.commit());
    escrow.ok([stolen]);
    escrow.ok(escrow.commit({ floor: 2n }));
    expect(escrow.said(tooLate)).toBe("UNKNOWN_ROOT");
    escrow.ok([escrow.claim(1)]);
    expect([paid("bob"), paid("bob's new key")]).toEqual([0n, 100n]);
  });

  it("below, at and above the floor", () => {
    const first = escrow.claim(0);
    escrow.change(0, { cumulative: 110n });
    escrow.ok(escrow.commit());
    const second = escrow.claim(0);
    escrow.change(0, { cumulative: 120n });
    escrow.ok(escrow.commit({ floor: 2n }));
    expect(escrow.said(first)).toBe("UNKNOWN_ROOT");
    expect(escrow.said(second)).toBe("ok");
    expect(escrow.said(escrow.claim(0))).toBe("ok");
    expect(paid("ann")).toBe(120n);
  });

  it("is not the empty places of the ring, nor a market root", () => {
    const leaf = escrow.payouts[0] as PayoutLeaf;
    const zeros = new Uint8Array(32);
    expect(escrow.said(claim(escrow.at, leaf, [zeros, zeros]))).toBe("UNKNOWN_ROOT");
  });

  it("there is none before the first commit", () => {
    const other = freshEscrow();
    expect(other.said(other.openPage())).toBe("NO_SUCH_LEAF");
  });
});

describe("the depth of a proof", () => {
  const deep = (depth: number, index: bigint): { leaf: PayoutLeaf; proof: Uint8Array[]; payoutRoot: Uint8Array } => {
    const leaf = { index, destination: escrow.putDestination("deep"), cumulative: 9n, held: 0n };
    const proof = Array.from({ length: depth }, (_, i) => testHash(`sibling ${i}`) as Uint8Array);
    return { leaf, proof, payoutRoot: deepTree(payoutHash(escrow.at.pool, leaf), index, proof) };
  };

  it.each([
    [0, 0n],
    [1, 1n],
    [31, (1n << 31n) - 1n],
    [proofMax, (1n << 32n) - 1n],
  ])("may be %i", (depth, index) => {
    const { leaf, proof, payoutRoot } = deep(depth, index);
    escrow.ok(escrow.commit({ leafCount: 1n << 33n, payoutRoot: made(payoutRoot) }));
    if (index >= 256n) escrow.ok([escrow.openPage(index >> 8n)]);
    escrow.ok([claim(escrow.at, leaf, proof)], { version: 1 });
    expect(paid("deep")).toBe(9n);
  });

  it("is at most 32", () => {
    const { leaf, proof, payoutRoot } = deep(33, 0n);
    escrow.ok(escrow.commit({ leafCount: 1n << 33n, payoutRoot: made(payoutRoot) }));
    expect(chain.send([claim(escrow.at, leaf, proof)], { version: 1 }).said).toBe("PROOF_TOO_LONG");
  });

  it("must reach as far as the index: no leaf stands in two places", () => {
    const { leaf, proof, payoutRoot } = deep(2, 1n);
    escrow.ok(escrow.commit({ leafCount: 100n, payoutRoot: made(payoutRoot) }));
    // The same path with an index four places further.
    expect(escrow.said(claim(escrow.at, { ...leaf, index: 5n }, proof))).toBe("PROOF_POSITION");
    expect(escrow.said(claim(escrow.at, leaf, proof))).toBe("ok");
  });

  it("a proof that is cut or prolonged is refused", () => {
    const proof = escrow.payoutTree().proof(0);
    const leaf = escrow.payouts[0] as PayoutLeaf;
    expect(escrow.said(claim(escrow.at, leaf, proof.slice(0, -1)))).toBe("UNKNOWN_ROOT");
    expect(escrow.said(claim(escrow.at, leaf, [...proof, new Uint8Array(32)]))).toBe("UNKNOWN_ROOT");
    expect(escrow.said(claim(escrow.at, leaf, [...proof].reverse()))).toBe("UNKNOWN_ROOT");
  });
});

describe("one kind of hash is never another", () => {
  it("a market leaf is no payout leaf", () => {
    // The attacker picks what the amounts would have to be for the bytes to agree; the first byte never does.
    const leaf = { market: testAddress("market"), openedAt: 0n, allocated: 5n };
    const asPayout = { index: 0n, destination: escrow.putDestination("ann"), cumulative: 5n, held: 0n };
    escrow.ok(escrow.commit({ payoutRoot: made(marketHash(escrow.at.pool, leaf)) }));
    expect(escrow.said(claim(escrow.at, asPayout, []))).toBe("UNKNOWN_ROOT");
  });

  it("an inner node is no payout leaf", () => {
    const tree = escrow.payoutTree();
    escrow.ok(escrow.commit({ payoutRoot: made(tree.node(1, 0)) }));
    const leaf = { ...(escrow.payouts[0] as PayoutLeaf), destination: escrow.putDestination("ann") };
    expect(escrow.said(claim(escrow.at, leaf, []))).toBe("UNKNOWN_ROOT");
  });

  it("a leaf of another pool is none of this", () => {
    const leaf = escrow.payouts[0] as PayoutLeaf;
    escrow.ok(escrow.commit({ payoutRoot: made(payoutHash(testAddress("other pool"), leaf)) }));
    expect(escrow.said(claim(escrow.at, leaf, []))).toBe("UNKNOWN_ROOT");
  });

  it("a missing leaf, 32 zero bytes, pays nobody", () => {
    const leaf = escrow.payouts[0] as PayoutLeaf;
    escrow.ok(escrow.commit({ payoutRoot: made(new Uint8Array(32)) }));
    expect(escrow.said(claim(escrow.at, leaf, []))).toBe("UNKNOWN_ROOT");
  });
});
