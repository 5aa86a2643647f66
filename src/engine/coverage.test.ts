import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import { entriesOfKind, manyTasks, offlineRail, openMarket, single } from "../../test/support/engine-world.ts";
import { SignatureCheck } from "../attestor/signature-check.ts";
import { zero32 } from "../core/bytes.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import type { Slot } from "../core/slot.ts";
import { randomFill, sha256, verifyEd25519 } from "../main/crypto.ts";
import { uncoveredMax } from "../market/covering.ts";
import { Replay } from "../market/replay.ts";
import { emptyLaneState } from "../market/state.ts";
import { readEntries } from "../store/log/read-entries.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { toRecord } from "./load-lane.ts";
import type { TokenBalance } from "./types.ts";

const database = useTestDatabase();
let engine: Engine;
let market: MarketId;

beforeAll(async () => {
  engine = await createEngine(testContext(database().pool, offlineRail));
  ({ market } = await openMarket(engine, { spec: single, deposit: 100_000_000n, tasks: manyTasks(2 * uncoveredMax) }));
});
afterAll(async () => {
  await engine.close();
});

const slotsOf = async (person: TestContributor, count: number): Promise<Slot[]> =>
  (await person.assign(market, null, count)).map(({ slot }) => slot);
const balanceOf = async (person: TestContributor) =>
  (await engine.contributor(person.session)).balances[0] as TokenBalance;

/** As an attestor does it: by the rules, and every signature. */
async function replayed(): Promise<void> {
  const replay = new Replay(emptyLaneState(), sha256);
  const check = new SignatureCheck(zero32, verifyEd25519);
  const records = (await readEntries(database().pool, marketIdToBytes(market), 0, 1, 10_000)).map(toRecord);
  replay.feed(records);
  replay.end();
  for (const [i, { entry }] of records.entries()) check.take(replay.state, entry, i + 1);
}

describe("answers by a session's token", () => {
  it("are paid into held, and released by a checkpoint that everybody can check", async () => {
    const person = await TestContributor.signIn(engine);
    const slots = await slotsOf(person, 3);
    const turn = await person.carry(market, slots.slice(0, 2), "a");
    expect(turn.submissions.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
    const earned = turn.submissions.reduce((sum, { reward }) => sum + reward, 0n);
    expect(await balanceOf(person)).toMatchObject({ released: 0n, held: earned });
    await replayed();

    const checkpoint = await person.checkpoint(market);
    expect(checkpoint.count).toBe(2);
    // What comes meanwhile is for the next one.
    await person.carry(market, slots.slice(2), "a");
    await engine.cover(person.session, market, checkpoint);
    expect(await balanceOf(person)).toMatchObject({ released: earned, held: earned / 2n });
    const before = (await entriesOfKind(database().pool, market, "covered")).length;
    await engine.cover(person.session, market, checkpoint);
    expect(await entriesOfKind(database().pool, market, "covered")).toHaveLength(before);
    await engine.cover(person.session, market, await person.checkpoint(market));
    expect(await balanceOf(person)).toMatchObject({ released: (earned * 3n) / 2n, held: 0n });
    await replayed();
  });

  it("stay in held where a checkpoint is forged, of others, or over other submissions", async () => {
    const [person, thief] = [await TestContributor.signIn(engine), await TestContributor.signIn(engine)];
    await person.carry(market, await slotsOf(person, 2), "a");
    await thief.carry(market, await slotsOf(thief, 1), "a");
    const honest = await person.checkpoint(market);
    for (const [code, forged] of [
      ["SIGNATURE_MISMATCH", { ...honest, signature: randomFill(64) }],
      ["SIGNATURE_MISMATCH", { ...honest, running: sha256(honest.running) }],
      ["SIGNATURE_MISMATCH", { ...honest, count: 1 }],
    ] as const) {
      await expect(engine.cover(person.session, market, forged)).rejects.toMatchObject({ code });
    }
    await expect(engine.cover(thief.session, market, honest)).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
    const elsewhere = await thief.checkpoint(market);
    await expect(engine.cover(person.session, market, elsewhere)).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
    expect(await balanceOf(person)).toMatchObject({ released: 0n });
    await engine.cover(person.session, market, honest);
    expect((await balanceOf(person)).held).toBe(0n);
    await engine.cover(thief.session, market, elsewhere);
    await replayed();
  });

  it("are refused beyond a hundred, until there is a checkpoint; a signed request goes on", async () => {
    const person = await TestContributor.signIn(engine);
    await person.carry(market, await slotsOf(person, uncoveredMax), "a");
    const [next] = (await slotsOf(person, 1)) as [Slot];
    const refused = person.carry(market, [next], "a");
    await expect(refused).rejects.toMatchObject({ code: "UNCOVERED_EXCEEDED", context: { max: uncoveredMax } });
    await expect(refused).rejects.toMatchObject({ next: expect.stringContaining("Sign a checkpoint over them") });
    expect((await person.submit(market, next, "a")).submissions).toMatchObject([{ state: "accepted" }]);
    await engine.cover(person.session, market, await person.checkpoint(market));
    expect((await balanceOf(person)).held).toBe(0n);
    const [last] = (await slotsOf(person, 1)) as [Slot];
    await person.carry(market, [last], "a");
    // A retry of what is there needs no room, and says the same.
    expect((await person.carry(market, [last], "a")).submissions).toMatchObject([{ state: "accepted" }]);
    await expect(person.carry(market, [last], "b")).rejects.toMatchObject({ code: "SLOT_NOT_FOUND" });
  });

  it("outlive their session: a revoked one brings and signs nothing, a later one of the contributor signs for it", async () => {
    const seed = randomFill(32);
    const lost = await TestContributor.signIn(engine, seed);
    const slots = await slotsOf(lost, 2);
    await lost.carry(market, slots.slice(0, 1), "a");
    await engine.endSession(lost.session, lost.session.token);
    await expect(engine.authenticateSession(lost.session.token)).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
    const later = await TestContributor.signIn(engine, seed);
    expect(await balanceOf(later)).toMatchObject({ released: 0n });
    await engine.cover(later.session, market, await later.checkpoint(market, lost.session.sessionKey));
    expect((await balanceOf(later)).held).toBe(0n);
    expect(await entriesOfKind(database().pool, market, "covered")).toContainEqual(
      expect.objectContaining({ session: lost.session.sessionKey, by: later.session.sessionKey }),
    );
    await replayed();
  });
});
