import type { Address } from "@solana/kit";
import { beforeEach, describe, expect, it } from "vitest";
import { claimMany, type PayoutLeaf } from "#src/rails/solana/program/instructions";
import type { Chain } from "./chain.ts";
import { type Escrow, freshEscrow } from "./escrow.ts";
import { balance, putMint, putToken, token2022 } from "./tokens.ts";
import { testAddress } from "./values.ts";

let chain: Chain;
let escrow: Escrow;
const names = ["ann", "bob", "cid", "dan", "eve", "fay", "gil"];

function world(tokenProgram?: Address): void {
  escrow = freshEscrow(tokenProgram === undefined ? {} : { tokenProgram });
  chain = escrow.chain;
  const market = escrow.market("requester", 10_000n);
  for (const [i, name] of names.entries()) {
    escrow.pay(name, BigInt(10 + i));
    escrow.putDestination(name);
  }
  escrow.allocate(market, 1_000n);
  escrow.ok(escrow.commit());
  escrow.ok([escrow.openPage()]);
}
beforeEach(() => world());

const balances = (): bigint[] => names.map((name) => balance(chain, escrow.destination(name)));
const claimed = (): bigint[] => escrow.pageAccount(page()).claimed.slice(0, names.length);
const page = (): Address => escrow.claim(0).accounts[1]?.address as Address;

describe("a batch", () => {
  it.each([
    ["all seven, in a subtree of eight places", 0, 3, [10n, 11n, 12n, 13n, 14n, 15n, 16n]],
    ["the second four, of which the last is missing", 4, 2, [0n, 0n, 0n, 0n, 14n, 15n, 16n]],
    ["two in the middle", 2, 1, [0n, 0n, 12n, 13n, 0n, 0n, 0n]],
    ["one alone", 5, 0, [0n, 0n, 0n, 0n, 0n, 15n, 0n]],
    ["the last, whose sibling is missing", 6, 1, [0n, 0n, 0n, 0n, 0n, 0n, 16n]],
    ["more places than the tree has", 0, 4, [0n, 0n, 0n, 0n, 0n, 0n, 0n]],
  ])("pays %s", (_, first, height, expected) => {
    const said = escrow.said(escrow.claimMany(first, height));
    // A subtree above the root would be another root.
    expect(said).toBe(height > 3 ? "UNKNOWN_ROOT" : "ok");
    expect(balances()).toEqual(expected);
    expect(claimed()).toEqual(expected);
  });

  it("pays once, however often and in whatever pieces it is sent", () => {
    escrow.ok([escrow.claim(1)]);
    escrow.ok([escrow.claimMany(0, 1), escrow.claimMany(0, 2)]);
    escrow.ok([escrow.claimMany(0, 3)]);
    escrow.ok([escrow.claimMany(0, 3)]);
    expect(balances()).toEqual([10n, 11n, 12n, 13n, 14n, 15n, 16n]);
    expect(escrow.pool.claimed).toBe(91n);
  });

  it("that comes after all of its claims does nothing, and does not fail", () => {
    escrow.ok([escrow.claimMany(0, 3)]);
    const before = escrow.pool;
    expect(escrow.said(escrow.claimMany(0, 3))).toBe("ok");
    expect(escrow.pool).toEqual(before);
  });

  it("of which one claim was sent before pays the rest", () => {
    const batch = escrow.claimMany(0, 3);
    escrow.ok([escrow.claim(3)]);
    escrow.ok([batch]);
    expect(balances()).toEqual([10n, 11n, 12n, 13n, 14n, 15n, 16n]);
  });
});

describe("a destination that cannot receive is skipped without being credited", () => {
  const broken: readonly [string, (at: Address) => void][] = [
    ["closed", (at) => chain.set(at, { lamports: 0n, owner: testAddress("nobody"), data: new Uint8Array(0) })],
    ["never created", (at) => chain.fund(at, 1n)],
    ["frozen", (at) => putToken(chain, at, escrow.mint, testAddress("bob"), { state: 2 })],
    ["not initialised", (at) => putToken(chain, at, escrow.mint, testAddress("bob"), { state: 0 })],
    ["of another mint", (at) => putToken(chain, at, testAddress("other mint"), testAddress("bob"))],
    ["of another program", (at) => putToken(chain, at, escrow.mint, testAddress("bob"), { program: token2022 })],
    ["a mint", (at) => putMint(chain, at)],
    ["too short", (at) => chain.put(at, escrow.at.tokenProgram, new Uint8Array(164))],
  ];

  it.each(broken)("%s", (_, breakIt) => {
    breakIt(escrow.destination("bob"));
    escrow.ok([escrow.claimMany(0, 3)]);
    expect(claimed()).toEqual([10n, 0n, 12n, 13n, 14n, 15n, 16n]);
    expect(escrow.pool.claimed).toBe(80n);
    escrow.putDestination("bob");
    escrow.ok([escrow.claimMany(0, 3)]);
    expect(balances()).toEqual([10n, 11n, 12n, 13n, 14n, 15n, 16n]);
  });

  it("all at once", () => {
    for (const name of names) putToken(chain, escrow.destination(name), escrow.mint, testAddress(name), { state: 2 });
    expect(escrow.said(escrow.claimMany(0, 3))).toBe("ok");
    expect(escrow.pool.claimed).toBe(0n);
  });

  it("the vault itself", () => {
    escrow.change(1, { destination: escrow.at.vault });
    escrow.ok(escrow.commit());
    escrow.ok([escrow.claimMany(0, 3)]);
    expect(claimed()).toEqual([10n, 0n, 12n, 13n, 14n, 15n, 16n]);
    expect(balance(chain, escrow.at.vault)).toBe(10_000n - 80n);
  });

  it.each([
    ["wants a memo", [{ type: 8, value: Uint8Array.of(1) }], 0n],
    ["wanted one once", [{ type: 8, value: Uint8Array.of(0) }], 11n],
    ["has an immutable owner, as all associated ones", [{ type: 7, value: new Uint8Array(0) }], 11n],
    ["is guarded against other programs", [{ type: 11, value: Uint8Array.of(1) }], 11n],
    ["is not transferable", [{ type: 13, value: new Uint8Array(0) }], 0n],
    ["has an extension nobody knows", [{ type: 999, value: new Uint8Array(4) }], 0n],
    [
      "wants a memo, behind something else",
      [
        { type: 7, value: new Uint8Array(0) },
        { type: 8, value: Uint8Array.of(1) },
      ],
      0n,
    ],
  ])("one of Token-2022 that %s", (_, extensions, expected) => {
    world(token2022);
    putToken(chain, escrow.destination("bob"), escrow.mint, testAddress("bob"), { program: token2022, extensions });
    escrow.ok([escrow.claimMany(0, 3)]);
    expect(claimed()).toEqual([10n, expected, 12n, 13n, 14n, 15n, 16n]);
    expect(balance(chain, escrow.destination("bob"))).toBe(expected);
  });
});

describe("a single claim to such a destination is refused, and stays owed", () => {
  it.each([
    ["frozen", { state: 2 }],
    ["of another mint", { mint: testAddress("other mint") }],
  ])("%s", (_, { mint = escrow.mint, ...options }: { mint?: Address; state?: number }) => {
    putToken(chain, escrow.destination("bob"), mint, testAddress("bob"), options);
    expect(escrow.said(escrow.claim(1))).toBe("TOKEN_ACCOUNT_UNUSABLE");
    expect(claimed()[1]).toBe(0n);
  });

  it("the vault", () => {
    escrow.change(1, { destination: escrow.at.vault });
    escrow.ok(escrow.commit());
    expect(escrow.said(escrow.claim(1))).toBe("ACCOUNT_ALIASED");
  });
});

describe("what is no batch is refused", () => {
  const batch = (leaves: readonly PayoutLeaf[], height: number): string => {
    const first = Number(leaves[0]?.index ?? 0n);
    const proof = escrow.payoutTree().proof(first >>> height, height);
    return escrow.said(claimMany(escrow.at, { leaves, height, proof }, page()));
  };

  it("a subtree that is not aligned", () => {
    expect(batch(escrow.payouts.slice(1, 3), 1)).toBe("BATCH_REFUSED");
    expect(batch(escrow.payouts.slice(2, 6), 2)).toBe("BATCH_REFUSED");
  });

  it("more leaves than places, or none", () => {
    expect(batch(escrow.payouts.slice(0, 3), 1)).toBe("BATCH_REFUSED");
    expect(batch([], 0)).toBe("BATCH_REFUSED");
  });

  it("higher than five", () => {
    expect(batch(escrow.payouts, 6)).toBe("BATCH_REFUSED");
    expect(batch(escrow.payouts, 255)).toBe("BATCH_REFUSED");
  });

  it("a leaf left out, changed, or in another's place", () => {
    expect(batch(escrow.payouts.slice(0, 6), 3)).toBe("UNKNOWN_ROOT");
    const [ann, bob] = escrow.payouts as [PayoutLeaf, PayoutLeaf];
    expect(batch([ann, { ...bob, cumulative: 12n }], 1)).toBe("UNKNOWN_ROOT");
    expect(batch([ann, { ...bob, destination: ann.destination }], 1)).toBe("UNKNOWN_ROOT");
  });

  it("a page that counts other leaves", () => {
    escrow.ok(escrow.commit({ leafCount: 300n }));
    escrow.ok([escrow.openPage(1n)]);
    const second = escrow.openPage(1n).accounts[2]?.address as Address;
    const leaves = escrow.payouts.slice(0, 2);
    const proof = escrow.payoutTree().proof(0, 1);
    expect(escrow.said(claimMany(escrow.at, { leaves, height: 1, proof }, second))).toBe("WRONG_PAGE");
    expect(escrow.said(claimMany(escrow.at, { leaves, height: 1, proof }, page()))).toBe("ok");
  });

  it("leaves that no commit has counted", () => {
    const [ann, bob] = escrow.payouts as [PayoutLeaf, PayoutLeaf];
    const far = [ann, bob].map((leaf, i) => ({ ...leaf, index: BigInt(8 + i) }));
    expect(batch(far, 1)).toBe("NO_SUCH_LEAF");
  });

  it("a root whose leaves say more than is allocated", () => {
    escrow.change(2, { cumulative: 990n });
    escrow.ok(escrow.commit());
    expect(escrow.said(escrow.claimMany(0, 3))).toBe("OVER_CLAIMED");
    expect(balances()).toEqual(names.map(() => 0n));
  });

  it("sums that would only fit if they wrapped around", () => {
    escrow.change(1, { cumulative: (1n << 64n) - 5n });
    escrow.ok(escrow.commit());
    expect(escrow.said(escrow.claimMany(0, 3))).toBe("OVER_CLAIMED");
  });
});

describe("one destination for several leaves", () => {
  it("gets all of them", () => {
    escrow.change(1, { destination: escrow.destination("ann") });
    escrow.ok(escrow.commit());
    escrow.ok([escrow.claimMany(0, 3)]);
    expect(balance(chain, escrow.destination("ann"))).toBe(21n);
  });
});

describe("once the pool is wound down", () => {
  it("a batch pays what is held too, and only by the newest root", () => {
    escrow.change(0, { held: 5n });
    const old = escrow.claimMany(0, 3);
    escrow.ok(escrow.commit());
    escrow.change(0, { held: 6n });
    escrow.ok(escrow.commit());
    chain.pass(3_601n);
    escrow.ok([escrow.windDown()]);
    expect(escrow.said(old)).toBe("UNKNOWN_ROOT");
    escrow.ok([escrow.claimMany(0, 3)]);
    expect(claimed()).toEqual([16n, 11n, 12n, 13n, 14n, 15n, 16n]);
  });

  it("an amount that overflows with what is held is refused", () => {
    escrow.change(0, { cumulative: (1n << 64n) - 1n, held: 1n });
    escrow.ok(escrow.commit());
    chain.pass(3_601n);
    escrow.ok([escrow.windDown()]);
    expect(escrow.said(escrow.claimMany(0, 3))).toBe("OVERFLOW");
    expect(escrow.said(escrow.claim(0))).toBe("OVERFLOW");
  });
});
