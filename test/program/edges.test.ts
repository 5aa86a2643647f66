import { beforeEach, describe, expect, it } from "vitest";
import { pageAddress } from "#src/rails/solana/program/derived-addresses";
import { Chain } from "./chain.ts";
import { Escrow, freshEscrow } from "./escrow.ts";
import { balance, putToken } from "./tokens.ts";
import { testAddress } from "./values.ts";

const largest = (1n << 64n) - 1n;

describe("amounts of 64 bits", () => {
  it("the largest deposit, allocation, claim and refund", () => {
    const escrow = freshEscrow();
    const { chain } = escrow;
    const market = escrow.market("requester");
    putToken(chain, market.source, escrow.mint, market.requester, { amount: largest });
    escrow.ok([escrow.deposit(market, largest)]);
    escrow.pay("ann", largest - 1n);
    escrow.putDestination("ann");
    escrow.allocate(market, largest - 1n);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.openPage()]);
    escrow.ok([escrow.claim(0)]);
    chain.pass(3_601n);
    escrow.ok([escrow.windDown()]);
    escrow.ok([escrow.refund(market)]);
    expect([balance(chain, escrow.destination("ann")), balance(chain, market.refundTo)]).toEqual([largest - 1n, 1n]);
  });

  it("what was deposited in all must fit: a pool is full before its counter wraps around", () => {
    const escrow = freshEscrow();
    const { chain } = escrow;
    const market = escrow.market("requester");
    putToken(chain, market.source, escrow.mint, market.requester, { amount: largest });
    escrow.ok([escrow.deposit(market, largest)]);
    putToken(chain, escrow.at.vault, escrow.mint, escrow.at.pool);
    putToken(chain, market.source, escrow.mint, market.requester, { amount: 1n });
    expect(escrow.said(escrow.deposit(market, 1n))).toBe("OVERFLOW");
    expect(escrow.pool.deposited).toBe(largest);
  });

  it("the largest index that has a page", () => {
    const escrow = freshEscrow();
    escrow.ok(escrow.commit({ leafCount: largest }));
    const last = (largest - 1n) / 256n;
    expect(escrow.said(escrow.openPage(last + 1n))).toBe("NO_SUCH_LEAF");
    expect(escrow.said(escrow.openPage(largest))).toBe("NO_SUCH_LEAF");
    expect(escrow.said(escrow.openPage(last))).toBe("ok");
  });
});

describe("pages", () => {
  it.each([
    [0n, 0n, "NO_SUCH_LEAF"],
    [1n, 0n, "ok"],
    [256n, 0n, "ok"],
    [256n, 1n, "NO_SUCH_LEAF"],
    [257n, 1n, "ok"],
    [257n, 2n, "NO_SUCH_LEAF"],
  ])("with %i leaves, page %i: %s", (leafCount, number, expected) => {
    const escrow = freshEscrow();
    escrow.ok(escrow.commit({ leafCount }));
    expect(escrow.said(escrow.openPage(number))).toBe(expected);
  });

  it("open once: what was claimed cannot be forgotten", () => {
    const escrow = freshEscrow();
    escrow.ok(escrow.commit({ leafCount: 1n }));
    escrow.ok([escrow.openPage()]);
    expect(escrow.said(escrow.openPage())).toBe("ALREADY_THERE");
  });
});

describe("donations", () => {
  it("change nothing: neither what can be allocated nor what is refunded", () => {
    const escrow = freshEscrow();
    const { chain } = escrow;
    const market = escrow.market("requester", 100n);
    putToken(chain, escrow.at.vault, escrow.mint, escrow.at.pool, { amount: 1_000_100n });
    expect(escrow.said(...escrow.commit({ allocated: 101n }))).toBe("OVER_ALLOCATED");
    escrow.ok([escrow.deposit(market, 5n)]);
    expect(escrow.pool.deposited).toBe(105n);
    chain.pass(3_601n);
    escrow.ok([escrow.windDown()]);
    escrow.ok([escrow.refund(market)]);
    expect([balance(chain, market.refundTo), balance(chain, escrow.at.vault)]).toEqual([105n, 1_000_000n]);
  });
});

describe("an address that somebody has sent lamports to", () => {
  let escrow: Escrow;
  let chain: Chain;
  beforeEach(() => {
    escrow = freshEscrow();
    chain = escrow.chain;
  });
  const lamportsOf = (size: number): bigint => chain.svm.minimumBalanceForRentExemption(BigInt(size));

  it.each([
    ["one lamport", (): bigint => 1n],
    ["one less than it needs", () => lamportsOf(248) - 1n],
    ["exactly what it needs", () => lamportsOf(248)],
    ["more than it needs", () => lamportsOf(248) + 12_345n],
  ])("is opened all the same: %s", (_, sent) => {
    const { market, open } = escrow.preparedMarket("requester");
    const lamports = sent();
    chain.fund(market.address, lamports);
    const before = chain.get(market.rentPayer)?.lamports ?? 0n;
    escrow.ok([open]);
    const account = chain.get(market.address);
    const needed = lamportsOf(248);
    expect(account?.lamports).toBe(lamports > needed ? lamports : needed);
    const paid = before - (chain.get(market.rentPayer)?.lamports ?? 0n);
    expect(paid).toBe(lamports > needed ? 0n : needed - lamports);
    expect(account?.owner).toBe(chain.program);
  });

  it("holds for pages, pools and networks too", () => {
    escrow.ok(escrow.commit({ leafCount: 1n }));
    chain.fund(pageAddress(chain.program, escrow.at.pool, 0n), 1n);
    escrow.ok([escrow.openPage()]);
    const other = freshEscrow({ isUnopened: true });
    chain.fund(other.network, 1n);
    chain.fund(other.at.pool, 5n);
    other.ok([other.createNetwork()]);
    other.ok([other.openPool()]);
    expect(other.pool.network).toBe(other.network);
  });
});

describe("rent", () => {
  it.each([
    ["as it is", 6_960n, 1, "ok"],
    ["lower", 5_080n, 1, "ok"],
    ["as it was, counted in years", 3_480n, 2, "ok"],
    ["free", 0n, 1, "ok"],
    ["in a way that is not known", 3_480n, 1.5, "RENT_UNKNOWN"],
  ])("%s", (_, lamportsPerByte, threshold, expected) => {
    const chain = new Chain();
    const escrow = new Escrow(chain);
    const { market, open } = escrow.preparedMarket("requester");
    chain.setRent(lamportsPerByte, threshold);
    expect(escrow.said(open)).toBe(expected);
    if (expected !== "ok" || lamportsPerByte === 0n) return;
    expect(chain.get(market.address)?.lamports).toBe((128n + 248n) * lamportsPerByte * BigInt(threshold));
  });

  it("is asked of a payer who has enough", () => {
    const escrow = freshEscrow();
    const { market, open } = escrow.preparedMarket("poor");
    escrow.chain.fund(market.rentPayer, 1_000n);
    // The system program's: ResultWithNegativeLamports.
    expect(escrow.said(open)).toBe("Custom 1");
  });
});

describe("one pool for a network, mint and number", () => {
  it("cannot be opened twice", () => {
    const escrow = freshEscrow();
    expect(escrow.said(escrow.openPool())).toBe("ALREADY_THERE");
  });

  it("what stands in it is what was asked for", () => {
    const escrow = freshEscrow();
    const { pool, ...place } = escrow.at;
    const { program: _, ...expected } = place;
    expect(escrow.pool).toMatchObject({
      ...expected,
      state: 0,
      decimals: 6,
      epoch: 0n,
      lastCommitAt: escrow.chain.now,
    });
    const market = escrow.market("requester");
    const { requester, refundTo, rentPayer, id } = market;
    const terms = { pool, requester, refundTo, rentPayer, id };
    const account = escrow.marketAccount(market);
    expect(account).toMatchObject({ ...terms, openedAt: escrow.chain.now, closesAt: 0n, deposited: 0n });
    expect(requester).toBe(testAddress("requester"));
  });
});
