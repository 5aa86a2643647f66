import { beforeEach, describe, expect, it } from "vitest";
import { refund } from "#src/rails/solana/program/instructions";
import type { Chain } from "./chain.ts";
import { delays, type Escrow, freshEscrow, type TestMarket } from "./escrow.ts";
import { balance } from "./tokens.ts";
import { testAddress, testHash } from "./values.ts";

/** Every order of close, commit, refund, deposit and wind-down; the time of each to the second. */
let chain: Chain;
let escrow: Escrow;
let market: TestMarket;
const delay = BigInt(delays.refundDelaySeconds);
const deadAfter = BigInt(delays.deadAfterSeconds);

beforeEach(() => {
  escrow = freshEscrow();
  chain = escrow.chain;
  market = escrow.market("requester", 1_000n);
  escrow.pay("ann", 300n);
  escrow.putDestination("ann");
  escrow.allocate(market, 300n);
  escrow.ok(escrow.commit());
  chain.pass(1n);
});

/** The leaf as the attestors have it, with other claims about it. */
const refundWith = (change: Partial<Parameters<typeof refund>[1]>) => {
  const { address, refundTo, rentPayer } = market;
  const proof = escrow.marketTree().proof(0);
  return refund(escrow.at, { market: address, refundTo, rentPayer, allocated: 300n, position: 0n, proof, ...change });
};

const windDown = (): void => {
  chain.pass(escrow.pool.lastCommitAt + deadAfter + 1n - chain.now);
  escrow.ok([escrow.windDown()]);
};

describe("a refund", () => {
  it("needs a close, and a commit that reaches to the market's end", () => {
    expect(escrow.said(escrow.refund(market))).toBe("REFUND_TOO_EARLY");
    escrow.ok([escrow.close(market)]);
    const { closesAt } = escrow.marketAccount(market);
    expect(closesAt).toBe(chain.now + delay);
    expect(escrow.said(escrow.refund(market))).toBe("REFUND_TOO_EARLY");
    chain.pass(delay);
    // The time has come, no commit has.
    expect(escrow.said(escrow.refund(market))).toBe("REFUND_TOO_EARLY");
    escrow.ok(escrow.commit({ asOf: closesAt - 1n }));
    expect(escrow.said(escrow.refund(market))).toBe("REFUND_TOO_EARLY");
    escrow.ok(escrow.commit({ asOf: closesAt }));
    expect(escrow.said(escrow.refund(market))).toBe("ok");
    expect(balance(chain, market.refundTo)).toBe(700n);
  });

  it("one second after the end is as good", () => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay + 1n);
    escrow.ok(escrow.commit());
    expect(escrow.said(escrow.refund(market))).toBe("ok");
  });

  it("cannot overtake a verdict: what is allocated before the end is not refunded", () => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    const early = escrow.refund(market);
    escrow.change(0, { cumulative: 900n });
    escrow.allocate(market, 900n);
    escrow.ok(escrow.commit());
    // The leaf of the commit before says 300.
    expect(escrow.said(early)).toBe("UNKNOWN_ROOT");
    escrow.ok([escrow.refund(market)]);
    expect(balance(chain, market.refundTo)).toBe(100n);
    expect(escrow.pool).toMatchObject({ deposited: 1_000n, refunded: 100n, allocated: 900n });
  });

  it("does not block the pool: later commits and claims go on", () => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.refund(market)]);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.openPage()]);
    escrow.ok([escrow.claim(0)]);
    expect([balance(chain, escrow.at.vault), escrow.pool.claimed]).toEqual([0n, 300n]);
  });

  it("after which nothing more can be allocated than is left", () => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.refund(market)]);
    expect(escrow.said(...escrow.commit({ allocated: 301n }))).toBe("OVER_ALLOCATED");
  });

  it.each<[string, Partial<Parameters<typeof refund>[1]>, string]>([
    ["another amount", { allocated: 299n }, "UNKNOWN_ROOT"],
    ["nothing allocated", { allocated: 0n }, "UNKNOWN_ROOT"],
    ["another place", { position: 1n }, "PROOF_POSITION"],
    ["a proof that is too long", { proof: [new Uint8Array(32)] }, "UNKNOWN_ROOT"],
  ])("by %s than the leaf has is refused", (_, change, error) => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    escrow.ok(escrow.commit());
    expect(escrow.said(refundWith(change))).toBe(error);
    expect(escrow.said(refundWith({}))).toBe("ok");
  });

  it("goes to the market's own accounts only", () => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    escrow.ok(escrow.commit());
    expect(escrow.said(refundWith({ refundTo: escrow.token("operator") }))).toBe("WRONG_DESTINATION");
    const thief = testAddress("thief");
    chain.fund(thief);
    expect(escrow.said(refundWith({ rentPayer: thief }))).toBe("WRONG_DESTINATION");
  });

  it("of a market whose leaf allows more than it has is refused, and takes from nobody", () => {
    const other = escrow.market("other", 500n);
    escrow.ok([escrow.close(other)]);
    chain.pass(delay);
    escrow.allocate(other, 501n);
    escrow.ok(escrow.commit());
    expect(escrow.said(escrow.refund(other))).toBe("OVER_ALLOCATED");
  });

  it("never reaches into what is allocated, even where the market leaves say so", () => {
    // Leaves that do not add up to what the commit says is allocated.
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    escrow.ok(escrow.commit({ allocated: 301n }));
    expect(escrow.said(escrow.refund(market))).toBe("OVER_ALLOCATED");
  });

  it("of a market that got nothing closes it all the same", () => {
    const empty = escrow.market("empty");
    escrow.allocate(empty, 0n);
    escrow.ok([escrow.close(empty)]);
    chain.pass(delay);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.refund(empty)]);
    expect([chain.get(empty.address), balance(chain, empty.refundTo)]).toEqual([undefined, 0n]);
  });

  it("waits for a refund account that was closed, and comes once it is there again", () => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    escrow.ok(escrow.commit());
    const account = chain.get(market.refundTo);
    chain.fund(market.refundTo, 1n);
    expect(escrow.said(escrow.refund(market))).toBe("TOKEN_ACCOUNT_UNUSABLE");
    chain.set(market.refundTo, account as NonNullable<typeof account>);
    expect(escrow.said(escrow.refund(market))).toBe("ok");
  });

  it("cannot be kept open by sending lamports to it in the same transaction", () => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    escrow.ok(escrow.commit());
    const lamports = new Uint8Array(12);
    new DataView(lamports.buffer).setUint32(0, 2, true);
    new DataView(lamports.buffer).setBigUint64(4, 5_000_000n, true);
    const send = {
      programAddress: "11111111111111111111111111111111" as typeof market.address,
      accounts: [
        { address: chain.payer, role: 3 },
        { address: market.address, role: 1 },
      ],
      data: lamports,
    };
    escrow.ok([escrow.refund(market), send]);
    expect(chain.get(market.address)).toMatchObject({ owner: "1".repeat(32), data: new Uint8Array(0) });
    chain.pass(1n);
    escrow.ok([escrow.preparedMarket("requester").open]);
  });
});

describe("closing", () => {
  it("is asked for once", () => {
    escrow.ok([escrow.close(market)]);
    expect(escrow.said(escrow.close(market))).toBe("MARKET_CLOSING");
  });

  it("ends deposits", () => {
    escrow.ok([escrow.deposit(market, 1n)]);
    escrow.ok([escrow.close(market)]);
    expect(escrow.said(escrow.deposit(market, 1n))).toBe("MARKET_CLOSING");
  });

  it("leaves time for what is in flight: an earlier commit that lands later still counts", () => {
    const signedBefore = escrow.commit({ validUntil: chain.now + 100n });
    escrow.ok([escrow.close(market)]);
    chain.pass(delay + 10n);
    escrow.ok(signedBefore);
    // It reaches only to before the close.
    expect(escrow.said(escrow.refund(market))).toBe("REFUND_TOO_EARLY");
  });
});

describe("a deposit", () => {
  it("after the cut and before the commit lands is simply not allocated yet", () => {
    const commit = escrow.commit();
    escrow.ok([escrow.deposit(market, 50n)]);
    escrow.ok(commit);
    expect(escrow.pool).toMatchObject({ deposited: 1_050n, allocated: 300n });
  });

  it("counts what arrived, and may come from anybody who owns tokens", () => {
    const deposit = escrow.deposit(market, 20n);
    escrow.ok([deposit]);
    expect(escrow.marketAccount(market).deposited).toBe(1_020n);
    expect(escrow.said(escrow.deposit(market, 0n))).toBe("NOTHING_ARRIVED");
    // More than the source has: the token program's own error.
    expect(escrow.said(escrow.deposit(market, 10_000_000n))).toBe("Custom 1");
    expect(escrow.pool.deposited).toBe(1_020n);
  });
});

describe("a market opened again at its old address", () => {
  it("is another market: neither the old leaf nor an old proof touches its money", () => {
    escrow.ok([escrow.close(market)]);
    chain.pass(delay);
    escrow.ok(escrow.commit());
    const again = escrow.refund(market);
    const oldLeaf = escrow.markets[0];
    escrow.ok([again]);
    expect(escrow.said(again)).toBe("WRONG_OWNER");
    const reopened = escrow.market("requester", 1_000n);
    expect(reopened.address).toBe(market.address);
    expect(escrow.marketAccount(reopened).openedAt).toBeGreaterThan(oldLeaf?.openedAt ?? 0n);
    escrow.ok([escrow.close(reopened)]);
    expect(escrow.said(again)).toBe("REFUND_TOO_EARLY");
    chain.pass(delay);
    // The attestors know both: the old leaf stays as it was, the new one stands behind it.
    escrow.allocate(reopened, 1_000n);
    expect(escrow.markets).toHaveLength(2);
    escrow.change(0, { cumulative: 1_300n });
    escrow.ok(escrow.commit());
    expect(escrow.said(again)).toBe("UNKNOWN_ROOT");
    expect(escrow.said(refundWith({ proof: escrow.marketTree().proof(0) }))).toBe("UNKNOWN_ROOT");
    escrow.ok([escrow.refund(reopened)]);
    expect(balance(chain, reopened.refundTo)).toBe(0n);
  });

  it("cannot be opened while it is open", () => {
    expect(escrow.said(escrow.preparedMarket("requester").open)).toBe("ALREADY_THERE");
  });
});

describe("winding down", () => {
  it("is possible a second after the dead time, not before", () => {
    chain.pass(escrow.pool.lastCommitAt + deadAfter - chain.now);
    expect(escrow.said(escrow.windDown())).toBe("NOT_DEAD_YET");
    chain.pass(1n);
    expect(escrow.said(escrow.windDown())).toBe("ok");
    expect(escrow.said(escrow.windDown())).toBe("POOL_WOUND_DOWN");
  });

  it("a heartbeat puts it off", () => {
    chain.pass(deadAfter);
    escrow.ok(escrow.commit());
    chain.pass(deadAfter);
    expect(escrow.said(escrow.windDown())).toBe("NOT_DEAD_YET");
  });

  it("counts from the opening where nobody ever committed", () => {
    const idle = freshEscrow();
    const lonely = idle.market("lonely", 77n);
    chain.pass(deadAfter);
    expect(idle.said(idle.windDown())).toBe("NOT_DEAD_YET");
    chain.pass(1n);
    idle.ok([idle.windDown()]);
    idle.ok([idle.refund(lonely)]);
    expect(balance(chain, lonely.refundTo)).toBe(77n);
  });

  it("ends commits, markets and deposits, and nothing else", () => {
    const prepared = escrow.preparedMarket("late");
    windDown();
    expect(escrow.said(...escrow.commit())).toBe("POOL_WOUND_DOWN");
    expect(escrow.said(prepared.open)).toBe("POOL_WOUND_DOWN");
    expect(escrow.said(escrow.deposit(market, 1n))).toBe("POOL_WOUND_DOWN");
    escrow.ok([escrow.openPage()]);
    escrow.ok([escrow.claim(0)]);
    escrow.ok([escrow.refund(market)]);
    expect(balance(chain, escrow.at.vault)).toBe(0n);
  });

  it("a refund then needs no close, but still the leaf", () => {
    windDown();
    expect(escrow.said(refundWith({ allocated: 0n }))).toBe("UNKNOWN_ROOT");
    expect(escrow.said(refundWith({ allocated: 0n, proof: [] }))).toBe("UNKNOWN_ROOT");
    escrow.ok([escrow.refund(market)]);
    expect(balance(chain, market.refundTo)).toBe(700n);
  });

  it("a market opened since the last commit gets all of it back, and needs no leaf", () => {
    const late = escrow.market("late", 60n);
    windDown();
    const address = late.address;
    const { refundTo, rentPayer } = late;
    const wrong = { market: address, refundTo, rentPayer, allocated: 1n, position: 0n, proof: [] };
    expect(escrow.said(refund(escrow.at, wrong))).toBe("NOT_ALLOCATED_SO");
    escrow.ok([escrow.refund(late)]);
    expect(balance(chain, late.refundTo)).toBe(60n);
  });

  it("a market opened in the second of the last commit's as_of needs its leaf", () => {
    escrow.ok(escrow.commit());
    const same = escrow.market("same", 60n);
    windDown();
    expect(escrow.said(escrow.refund(same))).toBe("UNKNOWN_ROOT");
  });

  it("pays claims by the newest root only, and in full", () => {
    escrow.change(0, { cumulative: 310n, held: 20n });
    escrow.allocate(market, 330n);
    const older = escrow.commit();
    escrow.ok(older);
    const old = escrow.claim(0);
    escrow.change(0, { held: 40n });
    escrow.allocate(market, 350n);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.openPage()]);
    windDown();
    expect(escrow.said(old)).toBe("UNKNOWN_ROOT");
    escrow.ok([escrow.claim(0)]);
    expect(balance(chain, escrow.destination("ann"))).toBe(350n);
  });

  it("a market that was closing is refunded without waiting", () => {
    escrow.ok([escrow.close(market)]);
    windDown();
    escrow.ok([escrow.refund(market)]);
    expect(balance(chain, market.refundTo)).toBe(700n);
  });

  it("leaves other pools alone", () => {
    const other = freshEscrow();
    windDown();
    other.ok(other.commit({ logRoot: testHash("still alive") }));
    expect(other.pool.state).toBe(0);
  });
});
