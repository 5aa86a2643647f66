import { beforeAll, describe, expect, it } from "vitest";
import { place, track } from "../../../test/support/compositions.ts";
import { TestContributor, testContext } from "../../../test/support/engine.ts";
import { collect, manyTasks, offlineRail, openMarket } from "../../../test/support/engine-world.ts";
import { pictureOf, taggedPicture } from "../../../test/support/pictures.ts";
import { toBase64 } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import { randomFill, sha256 } from "../../main/crypto.ts";
import { newVerification } from "../../market/composition.ts";
import { Replay } from "../../market/replay.ts";
import { emptyLaneState } from "../../market/state.ts";
import { useTestDatabase } from "../../store/testing.ts";
import { createEngine } from "../create-engine.ts";
import type { Engine } from "../engine.ts";
import { Lanes } from "../lanes.ts";
import type { SubmissionView } from "../types.ts";
import { PlaceForgetter } from "./forget.ts";
import { placeKeysInMemory } from "./place-keys.ts";

const database = useTestDatabase();
const dayMs = 86_400_000;
const startMs = 1_800_000_000_000;
const time = { now: startMs };
const placeKeys = placeKeysInMemory(randomFill);
const logged: unknown[] = [];
const context = () =>
  testContext(database().pool, offlineRail, {
    clock: () => time.now,
    placeKeys,
    settings: { entriesPerCheckpoint: 8 },
    log: (message, fields) => logged.push([message, fields]),
  });
const known = { window: null, place, digests: {}, values: {} };
/** Exact to the centimetre: a text that nothing else in the database has. */
const latitudeE7 = place.latitudeE7 + 1_237;

let market: MarketId;
let owner: Awaited<ReturnType<typeof openMarket>>["owner"];

const started = async <T>(work: (engine: Engine) => Promise<T>): Promise<T> => {
  const engine = await createEngine(context());
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
};

async function send(engine: Engine, picture: string, task: number, answer: string): Promise<SubmissionView> {
  const person = await TestContributor.signIn(engine, undefined, () => time.now);
  const [offer] = await person.assign(market, task);
  if (offer === undefined) throw new Error("nothing is offered");
  const evidence: Json = {
    tracks: { walk: [{ ...place, latitudeE7, timeMs: time.now, accuracyMm: 5_000 }] },
    pictures: { shot: { data: toBase64(taggedPicture(pictureOf(picture), { place })) } },
  };
  const request = person.request(market, [{ slot: offer.slot, body: { answer, evidence, salt: "a".repeat(32) } }]);
  const { submissions } = await engine.submit(request);
  return submissions[0] as SubmissionView;
}

/** All of the log and of its checkpoints, as a copy of the database has it. */
async function everything(): Promise<string> {
  const { rows } = await database().pool.query<{ text: string }>(
    `select string_agg(encode(part, 'escape'), '') as text from (
       select unnest(attachments) as part from entries union all select unnest(encoded) from entries
       union all select state from checkpoints) parts`,
  );
  return rows[0]?.text ?? "";
}

beforeAll(async () => {
  await started(async (engine) => {
    const shot: Json = {
      witness: {
        type: "picture",
        name: "shot",
        track: null,
        distanceMmMax: 50_000,
        clockSkewMsMax: 60_000,
        likenessBitsMax: 1,
        isTimeNeeded: false,
      },
    };
    ({ market, owner } = await openMarket(engine, {
      spec: {
        verification: newVerification({ all: [track, shot, { agree: { type: "label" } }] }),
        terms: { known, overlap: { min: 2, max: 2, targetPpm: 0 } },
      },
      tasks: manyTasks(4),
    }));
  });
});

describe("an exact place", () => {
  it("lies encrypted in log and checkpoints, and is shown to requester and attestors for 30 days", async () => {
    await started(async (engine) => {
      await send(engine, "stones", 0, "a");
      const { slot, state, reason } = await send(engine, "whirl", 0, "a");
      await send(engine, "shapes", 1, "b");
      expect([state, reason]).toEqual(["accepted", "AGREES"]);
      expect(await everything()).not.toContain(`${latitudeE7}`);
      expect((await database().pool.query("select from checkpoints")).rowCount).toBeGreaterThan(0);
      const shown = await engine.evidence(owner, market, slot);
      expect(shown.exact).toMatchObject({ latitudeE7 });
      expect(await engine.cellOf(market, slot)).toBe(shown.cell);
      const { records } = await engine.wholeLog(market, 0, 1, 1_000);
      expect(
        records.filter(({ attachment }) => attachment !== null && Buffer.from(attachment).includes(`${latitudeE7}`)),
      ).toHaveLength(3);
      expect((await engine.log(market, 0, 1, 1_000)).records.every(({ attachment }) => attachment === null)).toBe(true);
    });
  });

  it("is gone with its key after 30 days, and the market goes on with what it remembers", async () => {
    const follower = new Replay(emptyLaneState(), sha256);
    await started(async (engine) => {
      const { records } = await engine.wholeLog(market, 0, 1, 1_000);
      follower.feedStored(records);
    });
    const before = await started((engine) => engine.evidence(owner, market, { task: 0, ordinal: 1 }));
    const lanes = new Lanes(context());
    const forgetter = new PlaceForgetter(context(), lanes);
    for (let day = 1; day <= 31; day++) {
      time.now = startMs + day * dayMs;
      await forgetter.once();
    }
    expect(logged.filter((each) => JSON.stringify(each).includes("forgotten"))).toEqual([]);
    const keys = await placeKeys.all();
    // What still waits for a second answer, the market keeps: under a younger key.
    expect(keys.every(({ day }) => day > Math.floor(startMs / dayMs))).toBe(true);
    await started(async (engine) => {
      const shown = await engine.evidence(owner, market, { task: 0, ordinal: 1 });
      expect(shown).toEqual({ ...before, exact: null, expiresAtMs: null });
      expect(shown.pictures["shot"]).toBeDefined();
      const results = await collect(engine.results(owner, market));
      expect(results.map(({ label, votes }) => [label, votes])).toEqual([["a", { a: 2 }]]);
      // The submission that waited is judged by what was kept of it, and whoever followed comes to the same.
      expect((await send(engine, "stones-cropped", 1, "b")).state).toBe("accepted");
      const { records, head } = await engine.wholeLog(market, 0, 1, 1_000);
      expect(records.slice(0, follower.state.tree.size).filter(({ attachment }) => attachment !== null)).toEqual([]);
      follower.feedStored(records.slice(follower.state.tree.size));
      follower.end({ size: head.sequence, root: head.root });
    });
    // Whoever begins only now, cannot.
    const late = new Replay(emptyLaneState(), sha256);
    const all = await started((engine) => engine.wholeLog(market, 0, 1, 1_000));
    expect(() => late.feedStored(all.records)).toThrow("attachment of a submitted entry is missing");
  });

  it("leaves nothing behind in a market that is over", async () => {
    await started(async (engine) => {
      await engine.changeStatus(owner, market, "close");
    });
    for (let day = 32; day <= 120; day++) {
      time.now = startMs + day * dayMs;
      const forgetter = new PlaceForgetter(context(), new Lanes(context()));
      await forgetter.once();
    }
    expect(await placeKeys.all()).toEqual([]);
    const { rows } = await database().pool.query<{ state: Uint8Array }>(
      "select state from checkpoints where market = $1 order by sequence desc limit 1",
      [marketIdToBytes(market)],
    );
    expect(rows[0]?.state[0]).not.toBe(0);
  });
});
