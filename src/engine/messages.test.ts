import { beforeAll, describe, expect, it } from "vitest";
import type { TestContributor } from "../../test/support/engine.ts";
import { manyTasks, openMarket, signInMany, single } from "../../test/support/engine-world.ts";
import { useTestEngine } from "../../test/support/used-engine.ts";
import { bytes32 } from "../core/bytes.ts";
import { randomFill } from "../main/crypto.ts";
import type { Engine } from "./engine.ts";

const used = useTestEngine();
let engine: Engine;
beforeAll(() => {
  engine = used.engine();
});

async function world() {
  const { owner, market } = await openMarket(engine, { tasks: manyTasks(4), spec: single });
  const [person, other] = (await signInMany(engine, 2, used.clock)) as [TestContributor, TestContributor];
  const [offer] = await person.assign(market, 0);
  if (offer === undefined) throw new Error("there is no work");
  return { owner, market, person, other, offer };
}

describe("a block", () => {
  it("is told to the contributor, who gets no more work and is paid for what was begun", async () => {
    const { owner, market, person, offer } = await world();
    const { key } = person.session;
    await engine.block(owner, market, key, { isBlocked: true, note: "It copies." });
    await expect(person.assign(market, 1)).rejects.toMatchObject({ code: "NOT_ELIGIBLE" });
    const turn = await engine.submit(person.request(market, [{ slot: offer.slot, body: { answer: "a" } }], 1));
    expect([turn.submissions[0]?.state, turn.offers]).toEqual(["accepted", []]);
    expect(await engine.listMessages(person.session, 10)).toMatchObject([{ market, text: "It copies.", blocks: true }]);
    expect((await engine.contributors(owner, market, null, 10)).items).toMatchObject([{ isBlocked: true }]);
    await engine.block(owner, market, key, { isBlocked: false, note: "" });
    expect(await person.assign(market, 1)).toHaveLength(1);
    expect(await engine.listMessages(person.session, 10)).toHaveLength(1);
  });

  it("is its requester's, and of who worked there", async () => {
    const { owner, market, person, other } = await world();
    const wanted = { isBlocked: true, note: "x" };
    const stranger = bytes32(randomFill(32));
    await expect(engine.block(stranger, market, person.session.key, wanted)).rejects.toMatchObject({
      code: "OWNER_MISMATCH",
    });
    await expect(engine.block(owner, market, other.session.key, wanted)).rejects.toMatchObject({
      code: "CONTRIBUTOR_NOT_FOUND",
    });
    expect(await engine.listMessages(other.session, 10)).toEqual([]);
  });
});

describe("a message", () => {
  it("reaches who worked in the market, and nobody else, a few times a day", async () => {
    const { owner, market, person, other } = await world();
    for (let i = 0; i < 10; i++) await engine.tell(owner, market, person.session.key, `Number ${i}`);
    await expect(engine.tell(owner, market, person.session.key, "One more")).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
    });
    used.time.now += 86_400_000;
    await engine.tell(owner, market, person.session.key, "Tomorrow");
    expect(await engine.listMessages(person.session, 2)).toMatchObject([{ text: "Tomorrow" }, { text: "Number 9" }]);
    await expect(engine.tell(owner, market, other.session.key, "Hello")).rejects.toMatchObject({
      code: "CONTRIBUTOR_NOT_FOUND",
    });
    await expect(engine.tell(bytes32(randomFill(32)), market, person.session.key, "x")).rejects.toMatchObject({
      code: "OWNER_MISMATCH",
    });
  });
});
