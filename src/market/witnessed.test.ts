import { describe, expect, it } from "vitest";
import { kindOf } from "../../test/support/kind-markets.ts";
import { commands, type LaneParts, openLane, startMs, type TestLane } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { pictureOf, taggedPicture } from "../../test/support/pictures.ts";
import { amount } from "../core/amount.ts";
import { toBase58, toBase64 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import type { Spec } from "../verification/algebra/composition.ts";
import { composed } from "../verification/kinds/compose.ts";
import { cellAt } from "../verification/places/cell.ts";
import { openOffers } from "./decide.ts";
import { hasPlaces, nearestTasks } from "./nearby.ts";
import { Replay } from "./replay.ts";
import { ringsOf } from "./rings.ts";
import { decodeState, encodeState } from "./snapshot.ts";
import type { Terms } from "./spec.ts";
import { emptyLaneState } from "./state.ts";
import { MapTable } from "./table.ts";

/** Markets of places as their lanes keep them: what is remembered, and what that keeps from being paid. */

const vienna = { latitudeE7: 482_082_000, longitudeE7: 163_738_000 };
const graz = { latitudeE7: 470_707_000, longitudeE7: 154_395_000 };
const dayMs = 86_400_000;

interface KindParts {
  readonly set?: Readonly<Record<string, number>>;
  readonly terms?: Partial<Terms>;
  readonly tasks?: number;
  /** Cells that nobody is to go to. */
  readonly denied?: readonly string[];
}

function laneOf(kind: string, { set = {}, terms = {}, tasks = 10, denied = [] }: KindParts): TestLane {
  const whole = JSON.stringify(composed(kindOf(kind), set));
  const verification = JSON.parse(whole.replace('"denied":[]', `"denied":${JSON.stringify(denied)}`)) as Spec;
  const hasReview = JSON.stringify(verification).includes('"review"');
  const parts: LaneParts = {
    deposit: 10_000_000n,
    tasks,
    members: 6,
    spec: {
      verification,
      review: hasReview ? { windowMs: dayMs } : null,
      terms: { reward: amount(1_000n), leaseMs: 7 * dayMs, overlap: { min: 1, max: 1, targetPpm: 0 }, ...terms },
    },
  };
  return openLane(parts);
}

const seen = (place: typeof vienna, timeMs: number, accuracyMm = 5_000) => ({ ...place, timeMs, accuracyMm });
const known = (place: typeof vienna | null, more: object = {}): Partial<Terms> => ({
  known: { window: { startMs: startMs - dayMs, endMs: startMs + 30 * dayMs }, place, digests: {}, values: {}, ...more },
});
const anyHour = { fromMinute: 0, toMinute: 1_440 };

/** The state comes back from its bytes, and the log replays to it. */
function expectReplayed(lane: TestLane): void {
  const bytes = encodeState(lane.state);
  expect(Buffer.from(encodeState(decodeState(bytes))).equals(Buffer.from(bytes))).toBe(true);
  const replay = new Replay(emptyLaneState(), sha256);
  replay.feed(lane.log);
  replay.end();
  expect(Buffer.from(encodeState(replay.state)).equals(Buffer.from(bytes))).toBe(true);
}

describe("coverage", () => {
  const air = { region: "EU868", frequencyHz: 867_900_000, payload: "00" };
  /** A kilometre from each other, by what they assert. */
  const asserted = [0, 1, 2, 3, 4].map((i) => cellAt({ ...vienna, latitudeE7: vienna.latitudeE7 + i * 100_000 }, 12));
  const deviceOf = (contributor: number): string => toBase58(named(`key ${contributor}`));

  /** Each of five beacons, and each of the four others hears it, over and over. */
  it("pays a ring of five devices in one flat no more than its pairs are worth", () => {
    const lane = laneOf("coverage", { set: { edgeAcceptedMax: 2, intervalMsMin: 0 }, terms: known(null), tasks: 0 });
    let [number, paid] = [0, 0];
    for (let round = 0; round < 4; round++) {
      for (let sender = 1; sender <= 5; sender++) {
        const sentAtMs = lane.timeMs;
        const beacon = {
          ...air,
          device: deviceOf(sender),
          cell: asserted[sender - 1],
          gainDdb: 0,
          powerDbm: 20,
          sentAtMs,
          lastSentAtMs: null,
          denied: [],
          deniedEdges: [],
        };
        const terms = {
          known: { window: { startMs, endMs: startMs + dayMs }, beacon },
          overlap: { min: 4, max: 4, targetPpm: 0 },
        };
        lane.do(commands.batch(number, 1, terms as unknown as Json));
        for (let hearer = 1; hearer <= 5; hearer++) {
          if (hearer === sender) continue;
          const heard = { ...air, device: deviceOf(hearer), cell: asserted[hearer - 1], gainDdb: 0, isFull: true };
          const evidence = { receptions: { heard: { ...heard, signalDdbm: -1_500, receivedAtMs: sentAtMs + 100 } } };
          if (lane.answer(hearer, number, "yes", evidence as unknown as Json).state === "accepted") paid++;
        }
        number++;
      }
    }
    // Ten pairs, twice each; of eighty reports.
    expect(paid).toBeLessThanOrEqual(20);
    expect(paid).toBeGreaterThan(0);
    const devices = [1, 2, 3, 4, 5].map(deviceOf).sort();
    expect(ringsOf(lane.state)).toEqual([{ devices, reports: paid }]);
    expectReplayed(lane);
  });
});

describe("rings", () => {
  const between = (...pairs: readonly string[]) =>
    ringsOf({ acceptedNearby: new MapTable(new Map(pairs.map((pair) => [pair, 1]))) });

  it("are told from pairs, from chains and from what grew around somebody", () => {
    expect(between("a b", "8828308281fffff")).toEqual([]);
    expect(between("a b", "b c", "c d", "d e")).toEqual([]);
    expect(between("a b", "a c", "a d", "a e", "a f")).toEqual([]);
    expect(between("a b", "b c", "a c", "x y")).toEqual([{ devices: ["a", "b", "c"], reports: 3 }]);
  });
});

describe("visits", () => {
  const terms = { ...known(vienna), overlap: { min: 2, max: 3, targetPpm: 500_000 } };

  it("are not taken at night, by the sun at their place", () => {
    const lane = laneOf("visit", { set: { fromMinute: 420, toMinute: 1_200 }, terms });
    // 22:13 UTC, and a little over an hour later by the sun.
    expect(lane.refuse(commands.assign(1, 0), "TASK_STATE").message).toContain("by the sun");
    lane.wait(9 * 3_600_000);
    expect(lane.take(1, 0)).toMatchObject({ task: 0 });
  });

  it("cannot send one picture for two tasks", () => {
    const visits = laneOf("visit", { set: anyHour, terms });
    const data = toBase64(taggedPicture(pictureOf("stones"), { satellites: ["2023:11:14", 22, 13, 20] }));
    const send = (contributor: number, task: number) => {
      const slot = visits.take(contributor, task);
      const [offer] = openOffers(visits.state, contributor).filter((each) => each.slot.task === task);
      const walk = [0, 1, 2].map((i) => seen(vienna, visits.timeMs + i));
      const evidence = {
        nonce: offer?.code ?? null,
        takenAtMs: visits.timeMs,
        tracks: { walk },
        pictures: { shot: { data } },
      };
      return visits.submit(contributor, slot, "yes", evidence);
    };
    // The first waits for another to say the same.
    expect(send(1, 0)).toMatchObject({ state: "held" });
    expect(send(2, 1)).toMatchObject({ state: "rejected", reason: "PICTURE_DUPLICATE" });
    expect(() => send(3, 2)).not.toThrow();
    expectReplayed(visits);
  });

  it("know where their owner was before", () => {
    const lane = laneOf("report", { set: anyHour, terms });
    const far = { takenAtMs: lane.timeMs, tracks: { walk: [seen(graz, lane.timeMs)] } };
    expect(lane.answer(1, 0, "yes", far as unknown as Json)).toMatchObject({ reason: "PLACE_FAR" });
    lane.wait(60_000);
    const near = { takenAtMs: lane.timeMs, tracks: { walk: [seen(vienna, lane.timeMs)] } };
    expect(lane.answer(1, 1, "yes", near as unknown as Json)).toMatchObject({ reason: "SPEED_IMPLAUSIBLE" });
    expectReplayed(lane);
  });
});

describe("guardrails are looked at again when work is delivered:", () => {
  const place = { ...known(vienna), overlap: { min: 2, max: 3, targetPpm: 500_000 } };
  /** Some thirty metres north of the task's place. */
  const beside = { ...vienna, latitudeE7: vienna.latitudeE7 + 3_000 };
  const report = (lane: TestLane, ...walk: readonly object[]): Json =>
    ({ takenAtMs: lane.timeMs, tracks: { walk } }) as unknown as Json;

  it("areas that nobody is to go to", () => {
    const lane = laneOf("report", { set: anyHour, terms: place, denied: [cellAt(beside, 12)] });
    const [there, here] = [report(lane, seen(beside, lane.timeMs)), report(lane, seen(vienna, lane.timeMs))];
    expect(lane.answer(1, 0, "yes", there)).toMatchObject({ state: "rejected", reason: "AREA_DENIED" });
    expect(lane.answer(2, 0, "yes", here)).toMatchObject({ state: "held" });
  });

  it("the night, for who took the task by day", () => {
    const lane = laneOf("report", { set: { fromMinute: 420, toMinute: 1_200 }, terms: place });
    // The lane begins at 22:13 UTC.
    lane.wait(9 * 3_600_000);
    const slot = lane.take(1, 0);
    lane.wait(14 * 3_600_000);
    const late = report(lane, seen(vienna, lane.timeMs));
    expect(lane.submit(1, slot, "yes", late)).toMatchObject({ state: "rejected", reason: "OUT_OF_HOURS" });
  });

  it("the wheel", () => {
    const lane = laneOf("report", { set: anyHour, terms: place });
    const drive = report(
      lane,
      seen({ ...vienna, latitudeE7: vienna.latitudeE7 + 20_000 }, lane.timeMs - 10_000),
      seen(vienna, lane.timeMs),
    );
    expect(lane.answer(1, 0, "yes", drive)).toMatchObject({ state: "rejected", reason: "SPEED_IMPLAUSIBLE" });
  });
});

describe("mapping", () => {
  it("pays for a street once, and again when it was not covered for long", () => {
    const lane = laneOf("mapping", {
      set: { quantityMax: 200 },
      terms: { ...known(vienna), overlap: { min: 1, max: 9, targetPpm: 0 } },
    });
    const drive = (fromMs: number): Json => ({
      tracks: {
        drive: Array.from({ length: 40 }, (_, i) =>
          seen({ ...vienna, longitudeE7: vienna.longitudeE7 + i * 6_000 }, fromMs + i * 5_000),
        ),
      },
    });
    lane.wait(300_000);
    const first = lane.answer(1, 0, "yes", drive(lane.timeMs - 300_000));
    expect(first).toMatchObject({ state: "accepted" });
    expect(lane.answer(2, 1, "yes", drive(lane.timeMs - 299_000))).toMatchObject({ reason: "QUANTITY_LOW" });
    lane.wait(2 * dayMs);
    const again = lane.answer(3, 2, "yes", drive(lane.timeMs - 300_000));
    expect(again.state).toBe("accepted");
    // Four for a cell that nobody had covered, one for one of two days before.
    expect(first.reward).toBe(4n * again.reward);
    expectReplayed(lane);
  });
});

describe("an assignment", () => {
  it("is given back without a price, and its task can be taken again", () => {
    const lane = openLane();
    const before = { ...lane.state.books };
    const slot = lane.take(1, 0);
    const returned = { type: "return", contributor: 1, slot } as const;
    expect(lane.do(returned).slots[0]).toMatchObject({ state: "expired", reward: 0n });
    expect(lane.state.books).toEqual(before);
    expect(lane.member(1).open).toEqual([]);
    lane.refuse(returned, "SLOT_STATE");
    expect(lane.take(1, 0).ordinal).toBe(1);
    lane.refuse({ type: "return", contributor: 2, slot: { task: 0, ordinal: 1 } }, "OWNER_MISMATCH");
    expectReplayed(lane);
  });
});

describe("tasks nearby", () => {
  it("come the nearest first, as long as somebody can take them", () => {
    const lane = laneOf("mapping", { terms: known(vienna), tasks: 1 });
    lane.do(commands.batch(1, 2, { known: { place: graz } }));
    expect(nearestTasks(lane.state, graz, 9).map(({ task }) => task)).toEqual([1, 2, 0]);
    lane.take(1, 1);
    expect(nearestTasks(lane.state, graz, 1)).toMatchObject([{ task: 2, distanceMm: 0, place: graz, reward: 1_000n }]);
    expect(nearestTasks(openLane().state, graz, 9)).toEqual([]);
    expect([lane.state, openLane().state].map(hasPlaces)).toEqual([true, false]);
  });
});
