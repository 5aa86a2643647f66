import { describe, expect, it } from "vitest";
import { checkLane } from "../../test/support/check-lane.ts";
import {
  agree,
  attest,
  capped,
  control,
  known,
  place,
  rate,
  reviewed,
  track,
  withComposition,
} from "../../test/support/compositions.ts";
import { commands, controlFor, openLane, type SpecParts, specWith, TestLane } from "../../test/support/market.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import { toHex } from "../core/bytes.ts";
import { jsonHash, tags } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { logRoot } from "../core/log-tree.ts";
import { parseSpec, specToJson } from "./spec.ts";

const sighting = (metres: number, timeMs: number): Json => ({
  ...place,
  latitudeE7: place.latitudeE7 + Math.round(metres * 90),
  timeMs,
  accuracyMm: 5_000,
});

describe("a specification with a composition", () => {
  const { refundDelayMs: _, ...spec } = specWith(withComposition({ all: [control, agree] }));
  const refused = (composition: Json, changes: SpecParts = {}): string => {
    try {
      parseSpec({ ...(specToJson(specWith(changes)) as object), verification: { version: 1, composition } });
      return "read";
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("is read to the same again", () => {
    const whole = specWith(withComposition({ all: [track, control, agree] }, { terms: { known } }));
    expect(parseSpec(specToJson(whole))).toEqual(whole);
    expect(parseSpec(specToJson(parseSpec(specToJson(whole))))).toEqual(whole);
    expect(spec.verification?.version).toBe(1);
  });

  const at = "spec.verification.composition";
  const choices: SpecParts = { terms: { answer: { type: "choices", choices: ["a", "b"], min: 0, max: 2 } } };
  it.each<[Json, string, SpecParts?]>([
    [{ all: [attest, { most: [] }] }, `${at}.all[1]: has an unknown field "most"`],
    [{ match: { type: "control", tolerance: "x" } }, `${at}.match.tolerance: must be a number`],
    [{ match: { type: "shape", shape: { type: "boolean" } } }, `${at}.match.shape.type: must be choice or text`],
    [{ any: [{ match: { type: "value", name: "x" } }, agree] }, `${at}.any[0].match.type: cannot be value`],
    [{ any: [{ match: { type: "crash", name: "x" } }, agree] }, `${at}.any[0].match.name: must be that of a replay`],
    [{ scale: { of: { all: [control] }, sharePpm: 1 } }, `${at}.scale.of.all[0].match: must have scorePpmMin`, choices],
    [agree, `${at}.agree.type: must be score or share`, choices],
    [{ agree: { type: "panel", seats: 3, acceptedMin: 2 } }, `${at}.agree: must be one unchallenged and one panel`],
    [
      agree,
      `${at}.agree: cannot be here: with an overlap of 1`,
      { terms: { overlap: { min: 1, max: 1, targetPpm: 0 } } },
    ],
    [
      { audit: { type: "recheck", sharePpm: 1, faultsMax: 1 } },
      `${at}.audit.type: can be recheck only beside an agree of type quorum`,
    ],
    [
      { min: [{ witness: { type: "observers", observersMin: 99, distanceMmMin: 0, distanceMmMax: 1 } }] },
      `${at}.min[0].witness.observersMin: must be below the overlap`,
    ],
    [
      { holdback: { of: agree, sharePpm: 1, until: { type: "events", eventsMin: 1 } } },
      `${at}.holdback.until.type: must be delay or checked`,
    ],
    [reviewed(5), `${at}.escalate.to: needs a review`],
    [
      reviewed(5),
      `${at}.escalate.windowMs: must be the window of the market's review (7)`,
      { review: { windowMs: 7 } },
    ],
    [
      { escalate: { to: "answers", windowMs: 7, otherwise: "accepted", of: agree } },
      `${at}.escalate.to: must be review`,
      { review: { windowMs: 7 } },
    ],
    [
      { escalate: { to: "review", windowMs: 7, otherwise: "accepted", of: attest } },
      `${at}.escalate.of: is never undecided`,
      { review: { windowMs: 7 } },
    ],
    [
      { all: [reviewed(7), reviewed(7)] },
      `${at}.all[1]: asks the requester a second time`,
      { review: { windowMs: 7 } },
    ],
    [agree, "spec.review: must be null", { review: { windowMs: 7 } }],
    [{ scale: { of: agree, sharePpm: 0 } }, `${at}: never pays anything`],
  ])("is refused where a market cannot keep it: %j", (composition, problem, changes) => {
    expect(refused(composition, changes)).toContain(problem);
  });

  it("is refused with a version that has no rules", () => {
    expect(() =>
      parseSpec({ ...(specToJson(specWith()) as object), verification: { version: 2, composition: agree } }),
    ).toThrow(/spec.verification.version: must be an integer from 1 to 1/);
  });

  it("asks its tasks for what they are compared with, and for a check of its control tasks", () => {
    const refusal = (composition: Json, controls = [controlFor(0, 0)]): string => {
      const lane = new TestLane();
      lane.do(commands.created(specWith(withComposition(composition))));
      return lane.refuse(commands.batch(0, 2, null, controls), "MALFORMED_SPEC").message;
    };
    expect(refusal(agree)).toMatch(/must have a match control or an audit canary where/);
    expect(refusal({ all: [track, agree] }, [])).toMatch(/terms.known.place: is missing/);
    expect(refusal({ match: { type: "digest", name: "page" } }, [])).toMatch(/terms.known.digests.page: is missing/);
  });

  // Whoever changes one of these changes what some market was hashed by, or what its log says.
  it("has its hash for ever, with and without, and so has its log", () => {
    const hashOf = (parts: SpecParts): string => toHex(jsonHash(sha256, tags.spec, specToJson(specWith(parts))));
    const composition: Json = { all: [capped, track, control, rate, reviewed(5_000)] };
    const parts = withComposition(composition, { review: { windowMs: 5_000 }, terms: { known } });
    expect([hashOf({}), hashOf(parts)]).toEqual([
      // As before there were compositions.
      "b9c3fe0ccaaf2a294750643680b4b53c025fec01bf038b6af52f22e753197428",
      "66440bafd7b2e6e791170affaa8ead25089bffd43b87065d7469616584a32431",
    ]);
    const lane = openLane({ spec: parts, controls: [controlFor(0, 0)] });
    const good = { tracks: { walk: [sighting(1, lane.timeMs)] } };
    lane.answer(1, 0, "yes", good);
    lane.answer(2, 1, "yes");
    for (const each of [3, 4, 5]) lane.answer(each, 1, each === 5 ? "no" : "yes", good);
    expect(toHex(logRoot(sha256, lane.state.tree))).toBe(
      "b20982dac0cf740f642eb9608828b531ae0dd4b58a3208434a3a8f32b785b42b",
    );
    checkLane(lane);
  });

  it("leaves one without its bytes", () => {
    const json = specToJson(specWith()) as { readonly [name: string]: Json };
    expect(Object.keys(json)).not.toContain("verification");
    expect(Object.keys(json["terms"] as object)).not.toContain("known");
  });
});
