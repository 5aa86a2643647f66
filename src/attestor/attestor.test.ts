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
});
