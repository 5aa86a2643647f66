import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { place, track } from "../../test/support/compositions.ts";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import { collect, entriesOfKind, manyTasks, offlineRail, openMarket } from "../../test/support/engine-world.ts";
import type { Json } from "../core/json.ts";
import type { MarketId } from "../core/market-id.ts";
import type { Slot } from "../core/slot.ts";
import { sha256 } from "../main/crypto.ts";
import { newVerification } from "../market/composition.ts";
import { Replay } from "../market/replay.ts";
import { emptyLaneState } from "../market/state.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import type { SubmissionView } from "./types.ts";

const database = useTestDatabase();
const time = { now: 1_800_000_000_000 };
const clock = (): number => time.now;
let engine: Engine;

beforeAll(async () => {
  engine = await createEngine(testContext(database().pool, offlineRail, { clock }));
});

afterAll(async () => {
  await engine.close();
});

const known = { window: null, place, digests: {}, values: {} };
const at = (latitudeE7: number): Json => ({
  tracks: { walk: [{ ...place, latitudeE7, timeMs: time.now, accuracyMm: 5_000 }] },
});

async function sent(person: TestContributor, market: MarketId, answer: Json, evidence: Json): Promise<SubmissionView> {
  const [offer] = await person.assign(market);
  const { slot } = offer as { readonly slot: Slot };
  const { submissions } = await engine.submit(person.request(market, [{ slot, body: { answer, evidence } }]));
  return submissions[0] as SubmissionView;
}

describe("a market with a composition", () => {
  it("pays shares of its reward, and says so wherever it is asked", async () => {
    const { market, owner } = await openMarket(engine, {
      spec: {
        verification: newVerification({ all: [track, { agree: { type: "share", scorePpmMin: 100_000 } }] }),
        terms: { answer: { type: "choices", choices: ["a", "b", "c"], min: 0, max: 3 }, known },
      },
      tasks: manyTasks(1),
    });
    const people = await Promise.all(Array.from({ length: 4 }, () => TestContributor.signIn(engine, undefined, clock)));
    const [far, first, second, third] = people as [TestContributor, TestContributor, TestContributor, TestContributor];
    expect(await sent(far, market, ["a"], at(0))).toMatchObject({ state: "rejected", reason: "PLACE_FAR", reward: 0n });
    const evidence = at(place.latitudeE7);
    await sent(first, market, ["a", "b"], evidence);
    await sent(second, market, ["a", "b"], evidence);
    const partly = await sent(third, market, ["a", "b", "c"], evidence);
    expect(partly).toMatchObject({ state: "accepted", reason: "AGREES", reward: 16_000n });
    expect(await engine.submission(market, partly.slot)).toMatchObject({ state: "accepted", reward: 16_000n });
    const { items } = await engine.listVerdicts(await engine.authenticateSession(third.session.token), null, 10);
    expect(items).toMatchObject([{ state: "accepted", reward: 16_000n }]);

    const { books } = await engine.market(market);
    expect(books).toMatchObject({ earned: 56_000n, fee: 1_120n, held: 0n, assigned: 0n });
    const [row] = await collect(engine.results(owner, market));
    expect(row?.paid.map(({ reward }) => Number(reward)).sort((a, b) => a - b)).toEqual([16_000, 20_000, 20_000]);
    expect(row?.cost).toBe(56_000n);
    const replay = new Replay(emptyLaneState(), sha256);
    replay.feedStored((await engine.wholeLog(market, 0, 1, 1_000)).records);
    expect(replay.state.books).toEqual(books);
    const findings = (await entriesOfKind(database().pool, market, "verified")).map((entry) =>
      JSON.parse(entry.findings),
    );
    expect(findings[0]).toMatchObject([{ code: "PLACE_FAR", limit: 50_000 }]);
  });

  it("shows a reviewer what is paid", async () => {
    const windowMs = 3_600_000;
    const { market, owner } = await openMarket(engine, {
      spec: {
        review: { windowMs },
        verification: newVerification({
          scale: {
            of: { escalate: { to: "review", windowMs, otherwise: "accepted", of: { agree: { type: "label" } } } },
            sharePpm: 250_000,
          },
        }),
        terms: { overlap: { min: 2, max: 2, targetPpm: 950_000 } },
      },
      tasks: manyTasks(1),
    });
    for (const answer of ["a", "b"])
      await sent(await TestContributor.signIn(engine, undefined, clock), market, answer, {});
    const [waiting] = await engine.reviews(owner, market);
    expect(waiting).toMatchObject({ state: "review", reason: "UNDECIDED" });
    const decided = await engine.review(owner, market, (waiting as SubmissionView).slot, true, "");
    expect(decided).toMatchObject({ state: "accepted", reward: 5_000n });
    expect((await engine.market(market)).books.earned).toBe(5_000n);
  });
});
