import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AttestorWorld, lastWord } from "../../test/support/attestor-world.ts";

let world: AttestorWorld;
beforeAll(async () => {
  world = await AttestorWorld.start();
});
afterAll(() => world.close());

describe("an attestor", () => {
  it("signs what it comes to by itself, epoch after epoch, also where a market begins in between", async () => {
    const lane = await world.market();
    lane.join(1, 2, 3);
    lane.work(1, 2, 3);
    const ann = await world.attestor(0);
    const bob = await world.attestor(1);
    const first = await world.propose();
    await ann.attestor.step();
    expect(ann.events).toMatchObject([{ type: "signed", epoch: 1n, lanes: 1, contributors: 4, allocated: 3_060n }]);
    await bob.attestor.step();
    expect(first.signatures).toHaveLength(2);
    await world.land();
    const second = await world.market();
    second.join(3, 4, 5);
    second.work(3, 4, 5);
    lane.work(1, 2, 3);
    await world.propose();
    for (const each of [ann, bob]) await each.attestor.step();
    expect(ann.events.slice(1)).toMatchObject([
      { type: "committed", epoch: 1n },
      { type: "signed", epoch: 2n, lanes: 2, contributors: 6, allocated: 9_180n },
    ]);
    await world.land();
    expect(lastWord(bob)).toBe("signed");
  });

  it("has nothing to say of a message that lands while it looks, and accuses where another one did", async () => {
    const own = await AttestorWorld.start();
    try {
      const lane = await own.market();
      lane.join(1, 2, 3);
      lane.work(1, 2, 3);
      const before = await own.chain.poolNow();
      const late = await own.attestor(2, { chain: { ...own.chain, poolNow: () => Promise.resolve(before) } });
      const landing = await own.propose();
      own.signBy(landing, 0, 1);
      await own.land();
      landing.state = "proposed";
      await late.attestor.step();
      expect([late.events, own.outcomes, landing.signatures.length]).toEqual([[], [], 2]);

      const other = await own.build(({ context, body }) => ({ context, body: { ...body, epoch: 1n } }));
      own.published.unshift(other);
      await late.attestor.step();
      expect(lastWord(late)).toBe("refused WRONG_EPOCH");
      expect(own.outcomes).toMatchObject([{ code: "WRONG_EPOCH" }]);
    } finally {
      await own.close();
    }
  });
});
