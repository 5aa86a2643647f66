import { describe, expect, it } from "vitest";
import { Chain } from "./chain.ts";
import { Escrow } from "./escrow.ts";
import { balance, token2022 } from "./tokens.ts";
import { attestorKey } from "./values.ts";

describe.each([
  { features: "the default features", hasAllFeatures: false },
  { features: "all features", hasAllFeatures: true },
])("with $features", ({ hasAllFeatures }) => {
  it.each([{ tokenProgram: undefined }, { tokenProgram: token2022 }])("pays from deposit to refund", (options) => {
    const chain = new Chain(hasAllFeatures);
    const escrow = new Escrow(chain, options.tokenProgram === undefined ? {} : { tokenProgram: options.tokenProgram });
    const market = escrow.market("requester", 1_000n);
    escrow.pay("ann", 300n, 50n);
    escrow.pay("bob", 200n);
    escrow.pay("cid", 100n);
    for (const name of ["ann", "bob", "cid"]) escrow.putDestination(name);
    escrow.allocate(market, 650n);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.openPage()]);
    escrow.ok([escrow.claim(0)]);
    escrow.ok([escrow.claimMany(0, 2)]);
    expect(["ann", "bob", "cid"].map((name) => balance(chain, escrow.destination(name)))).toEqual([300n, 200n, 100n]);
    escrow.ok([escrow.close(market)]);
    chain.pass(61n);
    escrow.ok(escrow.commit());
    const lamportsBefore = chain.get(market.rentPayer)?.lamports ?? 0n;
    escrow.ok([escrow.refund(market)]);
    expect(balance(chain, market.refundTo)).toBe(350n);
    expect(balance(chain, escrow.at.vault)).toBe(50n);
    expect(chain.get(market.address)).toBeUndefined();
    expect(chain.get(market.rentPayer)?.lamports).toBeGreaterThan(lamportsBefore);
    expect(escrow.pool).toMatchObject({ deposited: 1_000n, refunded: 350n, allocated: 650n, claimed: 600n, epoch: 2n });
  });

  it("winds down, and frees also what is held", () => {
    const chain = new Chain(hasAllFeatures);
    const escrow = new Escrow(chain);
    const market = escrow.market("requester", 1_000n);
    const late = escrow.marketOf("late");
    escrow.pay("ann", 300n, 50n);
    escrow.putDestination("ann");
    escrow.allocate(market, 350n);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.openPage()]);
    chain.pass(1n);
    escrow.market("late", 77n);
    chain.pass(3_600n);
    escrow.ok([escrow.windDown()]);
    escrow.ok([escrow.claim(0)]);
    expect(balance(chain, escrow.destination("ann"))).toBe(350n);
    escrow.ok([escrow.refund(market)]);
    escrow.ok([escrow.refund(late)]);
    expect([balance(chain, market.refundTo), balance(chain, late.refundTo)]).toEqual([650n, 77n]);
    expect(balance(chain, escrow.at.vault)).toBe(0n);
  });

  it("rotates its attestors", () => {
    const chain = new Chain(hasAllFeatures);
    const escrow = new Escrow(chain);
    const fresh = Array.from({ length: 4 }, (_, i) => attestorKey(`fresh ${i}`));
    const rotation = escrow.rotation(fresh, 3);
    escrow.ok(escrow.propose(rotation));
    chain.pass(600n);
    escrow.ok(escrow.activate(rotation.digest, fresh.slice(1)));
    expect(escrow.networkAccount).toMatchObject({ setVersion: 1, pending: { keys: [], threshold: 0 } });
    escrow.attestors = fresh;
    escrow.ok(escrow.commit());
    expect(escrow.pool.epoch).toBe(1n);
    const other = escrow.rotation([attestorKey("lone")], 1);
    escrow.ok(escrow.propose(other));
    escrow.ok(escrow.cancel(other.digest));
    expect(escrow.networkAccount).toMatchObject({ setVersion: 1, proposals: 2, pending: { keys: [], threshold: 0 } });
  });
});
