import { beforeAll, describe, expect, it } from "vitest";
import { TestContributor } from "../../test/support/engine.ts";
import { collect, dueAtMs, entriesOfKind, manyTasks, openMarket, replayed } from "../../test/support/engine-world.ts";
import { useTestEngine } from "../../test/support/used-engine.ts";
import { bytes32 } from "../core/bytes.ts";
import type { MarketId } from "../core/market-id.ts";
import { randomFill, sha256 } from "../main/crypto.ts";
import { controlCommitment } from "../market/controls.ts";
import { decodeEntry } from "../market/entries.ts";
import { stateHash } from "../market/snapshot.ts";
import { dayMs } from "../market/spec.ts";
import type { Engine } from "./engine.ts";
import { createIdempotency } from "./idempotency.ts";
import { Lanes } from "./lanes.ts";
import { sweepOnce } from "./sweep.ts";
import type { OfferView } from "./types.ts";

const used = useTestEngine();
const { pool, time, clock, context } = used;
let engine: Engine;

beforeAll(() => {
  engine = used.engine();
});

const join = (): Promise<TestContributor> => TestContributor.signIn(engine, undefined, clock);
const sweep = (): Promise<void> => sweepOnce(context(), new Lanes(context()));

/** Ten tasks, of which the even ones are controls. */
const controlled = () => openMarket(engine, { tasks: manyTasks(10, (i) => (i % 2 === 0 ? "b" : null)) });

async function answer(market: MarketId, task: number, choice: string): Promise<void> {
  const person = await join();
  const [offer] = await person.assign(market, task);
  await person.submit(market, (offer as OfferView).slot, choice);
}

/** Whoever has the public log can check each commitment by what was shown. */
async function expectChecked(market: MarketId, tasks: readonly number[]): Promise<void> {
  const { records } = await engine.log(market, 0, 1, 1_000);
  const entries = records.map(({ encoded }) => decodeEntry(encoded));
  const commitments = new Map(
    entries.flatMap((entry) =>
      entry.kind === "batchAdded" ? entry.controls.map((each) => [each.task, each.commitment] as const) : [],
    ),
  );
  const shown = entries.flatMap((entry) => (entry.kind === "controlRetired" ? [entry] : []));
  expect(shown.map(({ task }) => task).sort((a, b) => a - b)).toEqual(tasks);
  for (const each of shown) {
    expect(each.answer).toBe(1);
    expect(controlCommitment(sha256, each)).toEqual(commitments.get(each.task));
  }
}

describe("retiring controls", () => {
  it("shows their answers, so that everybody can check what they were judged by", async () => {
    const { owner, market } = await controlled();
    await answer(market, 0, "a");
    expect(await engine.retireControls(owner, market)).toEqual({ retired: 5, left: 0 });
    await expectChecked(market, [0, 2, 4, 6, 8]);
    await expect((await join()).assign(market, 2)).rejects.toMatchObject({ code: "TASK_STATE" });
    expect(await engine.retireControls(owner, market)).toEqual({ retired: 0, left: 0 });
  });

  it("waits for whoever is about to answer", async () => {
    const { owner, market } = await controlled();
    const person = await join();
    const [offer] = await person.assign(market, 4);
    expect(await engine.retireControls(owner, market)).toEqual({ retired: 4, left: 1 });
    await expectChecked(market, [0, 2, 6, 8]);
    await person.submit(market, (offer as OfferView).slot, "b");
    expect(await engine.retireControls(owner, market)).toEqual({ retired: 1, left: 0 });
    await expectChecked(market, [0, 2, 4, 6, 8]);
  });

  it("is the requester's, and done once under its key", async () => {
    const { owner, market } = await controlled();
    await expect(engine.retireControls(bytes32(randomFill(32)), market)).rejects.toMatchObject({
      code: "OWNER_MISMATCH",
    });
    const keys = createIdempotency(context());
    const once = () => keys.once(owner, "retire", new Uint8Array(32));
    await engine.retireControls(owner, market, once());
    await expect(engine.retireControls(owner, market, once())).rejects.toMatchObject({ name: "KeyClaimed" });
    expect(await keys.find(owner, "retire")).toMatchObject({ response: '{"retired":5,"left":0}' });
  });

  it("shows those that were voided too", async () => {
    const { owner, market } = await openMarket(engine, { tasks: manyTasks(2, () => "b") });
    for (let i = 0; i < 5; i++) {
      const person = await join();
      for (const [task, choice] of [
        [1, "b"],
        [0, "a"],
      ] as const) {
        const [offer] = await person.assign(market, task);
        await person.submit(market, (offer as OfferView).slot, choice);
      }
    }
    expect(await entriesOfKind(pool(), market, "controlVoided")).toHaveLength(1);
    await engine.retireControls(owner, market);
    await expectChecked(market, [0, 1]);
    expect((await replayed(pool(), market)).controls.get(0)?.status).toBe("void");
  });

  it("is proven by the rows of the results", async () => {
    const { owner, market } = await controlled();
    await answer(market, 0, "b");
    const kinds = async (): Promise<string[]> =>
      (await collect(engine.results(owner, market))).flatMap(({ receipt }) =>
        receipt.entries.map(({ encoded }) => decodeEntry(encoded).kind),
      );
    expect(await kinds()).toEqual(["submitted", "judged"]);
    await engine.retireControls(owner, market);
    expect(await kinds()).toEqual(["submitted", "judged", "controlRetired"]);
  });
});

describe("a market that is closed", () => {
  it("shows all its controls at once, where nobody is at work", async () => {
    const { owner, market } = await controlled();
    await answer(market, 2, "b");
    await engine.changeStatus(owner, market, "close");
    await expectChecked(market, [0, 2, 4, 6, 8]);
  });

  it("shows the others as soon as they are over, without being asked", async () => {
    const { owner, market } = await controlled();
    const person = await join();
    const [offer] = await person.assign(market, 6);
    await engine.changeStatus(owner, market, "close");
    await expectChecked(market, [0, 2, 4, 8]);
    // The slot expires, the market closes; the sweeper opens what is left then.
    for (let i = 0; i < 4; i++) {
      time.now += dayMs;
      await sweep();
    }
    expect((await engine.market(market)).status).toBe("closed");
    expect((await engine.submission(market, (offer as OfferView).slot)).state).toBe("expired");
    await expectChecked(market, [0, 2, 4, 6, 8]);
    expect(await dueAtMs(pool(), market)).toBeNull();
  });

  it("opens more controls than one batch holds", async () => {
    const tasks = manyTasks(2_300, () => "b");
    const { owner, market } = await openMarket(engine, { tasks });
    await engine.changeStatus(owner, market, "close");
    expect(await entriesOfKind(pool(), market, "controlRetired")).toHaveLength(1_000);
    for (let i = 0; i < 3; i++) {
      time.now += 1_000;
      await sweep();
    }
    const opened = await entriesOfKind(pool(), market, "controlRetired");
    expect(new Set(opened.map(({ task }) => task)).size).toBe(2_300);
  });

  it("replays, and a fresh process has the same", async () => {
    const { owner, market } = await controlled();
    await answer(market, 0, "a");
    await engine.changeStatus(owner, market, "close");
    time.now += 3 * dayMs;
    await sweep();
    const state = await replayed(pool(), market);
    const live = await new Lanes(context()).get(market).read((each) => stateHash(sha256, each));
    expect(stateHash(sha256, state)).toEqual(live);
  });
});
