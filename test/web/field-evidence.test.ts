import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenWork } from "../../src/contract/open-work.ts";
import { equalBytes, toBase64 } from "../../src/core/bytes.ts";
import type { Json } from "../../src/core/json.ts";
import { type Exif, readExif } from "../../src/verification/pictures/exif.ts";
import { isExif, segmentsOf } from "../../src/verification/pictures/jpeg.ts";
import { carriedExif, exifOfFile, withExif } from "../../web/source/widgets/field/exif-segment.ts";
import { fieldProblem } from "../../web/source/widgets/field/field-check.ts";
import {
  fieldEvidence,
  isFieldWhole,
  sightingsWanted,
  withEvidence,
} from "../../web/source/widgets/field/field-draft.ts";
import { fieldNeedsOf, noNeeds } from "../../web/source/widgets/field/needs.ts";
import { jpegPrefix } from "../../web/source/widgets/report/photo-address.ts";
import { ranked } from "../../web/source/work/rank.ts";
import { descriptionOf } from "../support/kind-markets.ts";
import { pictureOf, taggedPicture } from "../support/pictures.ts";

const needsOf = (kind: string) => fieldNeedsOf(descriptionOf({ kind, task: { id: "t", content: null } }).verification);

const nothing: Exif = { localMs: null, offsetMinutes: null, satelliteMs: null, place: null };
const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((each) => each * 1_000);

describe("what a photo carries", () => {
  const place = fc.record({
    latitudeE7: fc.integer({ min: -900_000_000, max: 900_000_000 }),
    longitudeE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
  });
  const exif: fc.Arbitrary<Exif> = fc.record({
    localMs: fc.option(seconds),
    offsetMinutes: fc.option(fc.integer({ min: -840, max: 840 })),
    satelliteMs: fc.option(seconds),
    place: fc.option(place),
  });

  it("is read by the verdict as the page wrote it, and the picture stays what it was", () => {
    const jpeg = pictureOf("stones");
    fc.assert(
      fc.property(exif, (written) => {
        const tagged = withExif(jpeg, written);
        const read = readExif(segmentsOf(tagged).find(isExif)?.content ?? new Uint8Array());
        expect({ ...read, place: null }).toEqual({
          ...written,
          offsetMinutes: written.localMs === null ? null : written.offsetMinutes,
          place: null,
        });
        expect(read.place === null).toBe(written.place === null);
        // A fraction of a degree loses at most its last digit, a centimetre.
        expect(Math.abs((read.place?.latitudeE7 ?? 0) - (written.place?.latitudeE7 ?? 0))).toBeLessThanOrEqual(1);
        expect(Math.abs((read.place?.longitudeE7 ?? 0) - (written.place?.longitudeE7 ?? 0))).toBeLessThanOrEqual(1);
        expect(equalBytes(tagged.subarray(tagged.length - jpeg.length + 2), jpeg.subarray(2))).toBe(true);
      }),
    );
  });

  it("is the camera's word, and where that was taken out the time of its file, by the network's clock", () => {
    const camera = exifOfFile(taggedPicture(pictureOf("stones"), { taken: "2026:11:21 18:30:05" }));
    expect(carriedExif(camera, 5, 7)).toEqual({ ...nothing, localMs: Date.UTC(2026, 10, 21, 18, 30, 5) });
    expect(carriedExif(nothing, 1_000.4, -200)).toEqual({ ...nothing, localMs: 800, offsetMinutes: 0 });
  });

  it("is nothing of what is no picture, or a broken one", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(exifOfFile(bytes)).toEqual(nothing);
      }),
    );
    const broken = taggedPicture(pictureOf("stones"), { taken: "2026:11:21 18:30:05" });
    broken[16] = 0xff;
    expect(exifOfFile(broken)).toEqual(nothing);
  });
});

const vienna = { latitudeE7: 482_082_000, longitudeE7: 163_738_000 };
const startMs = Date.UTC(2026, 10, 21, 12);
const window = { startMs, endMs: startMs + 172_800_000 };
const at = (north: number, i: number) => ({
  latitudeE7: vienna.latitudeE7 + north,
  longitudeE7: vienna.longitudeE7,
  timeMs: startMs + 10_000 + 2_000 * i,
  accuracyMm: 8_000,
});
const draftOf = (north: number, photoMs: number | null): Json => ({
  text: "",
  photo:
    photoMs === null
      ? null
      : `${jpegPrefix}${toBase64(withExif(pictureOf("stones"), { ...nothing, localMs: photoMs, offsetMinutes: 0 }))}`,
  digest: photoMs === null ? null : "ab".repeat(32),
  takenAtMs: startMs + 20_000,
  track: [0, 1, 2].map((i) => at(north, i)),
});

describe("what a market asks for beside an answer", () => {
  it("is what its kind looks at, as far as a page can bring it", () => {
    expect(needsOf("visit")).toMatchObject({
      track: { name: "walk", sightingsMin: 3 },
      picture: { name: "shot" },
      hasTime: true,
      isWay: false,
      isForDevices: false,
    });
    expect(needsOf("report")).toMatchObject({ track: { name: "walk" }, picture: null, isForDevices: false });
    expect(needsOf("mapping")).toMatchObject({ track: { name: "drive" }, isWay: true });
    for (const kind of ["coverage", "sensing", "energy", "bandwidth", "compute", "bug"])
      expect([kind, needsOf(kind).isForDevices]).toEqual([kind, true]);
    for (const kind of ["label", "judge", "mark", "review"])
      expect([kind, { ...needsOf(kind), hasTime: false }]).toEqual([kind, noNeeds]);
    expect(fieldNeedsOf(null)).toEqual(noNeeds);
  });

  it("goes along under the names that the market has for it", () => {
    const needs = needsOf("visit");
    const draft = draftOf(0, startMs);
    const evidence = fieldEvidence(needs, draft, "ABCD2345", 1);
    expect(evidence).toMatchObject({
      nonce: "ABCD2345",
      takenAtMs: startMs + 20_000,
      tracks: { walk: [at(0, 0), at(0, 1), at(0, 2)] },
      digests: { original: "ab".repeat(32) },
    });
    expect(Object.keys(evidence["pictures"] as object)).toEqual(["shot"]);
    expect(withEvidence({ answer: "a", evidence: { takenAtMs: 9 } }, { takenAtMs: 1, nonce: "n" })).toEqual({
      answer: "a",
      evidence: { takenAtMs: 9, nonce: "n" },
    });
    expect(withEvidence({ answer: "a" }, fieldEvidence(noNeeds, undefined, null, 1))).toEqual({ answer: "a" });
  });

  it("is whole once all of it is there", () => {
    const needs = needsOf("visit");
    expect(sightingsWanted(needs)).toBe(3);
    expect([isFieldWhole(needs, draftOf(0, startMs)), isFieldWhole(needs, draftOf(0, null))]).toEqual([true, false]);
    expect(isFieldWhole(needs, undefined)).toBe(false);
    expect(isFieldWhole(noNeeds, undefined)).toBe(true);
    expect(isFieldWhole(needsOf("coverage"), draftOf(0, startMs))).toBe(false);
  });

  it("is looked at by the market's own rules before it is sent", () => {
    const needs = needsOf("visit");
    const problem = (north: number, photoMs: number): string | null =>
      fieldProblem(needs, draftOf(north, photoMs), { place: vienna, window, nowMs: startMs + 60_000 });
    expect(problem(0, startMs + 15_000)).toBeNull();
    expect(problem(20_000, startMs + 15_000)).toBe("PLACE_FAR");
    expect(problem(0, startMs - 86_400_000)).toBe("TOO_EARLY");
    const broken = { ...(draftOf(0, startMs) as object), photo: `${jpegPrefix}AAAA` };
    expect(fieldProblem(needs, broken, { place: vienna, window, nowMs: startMs + 60_000 })).toBe("PICTURE_MALFORMED");
  });
});

describe("the order of work", () => {
  const work = (market: string, qualifies: boolean | null = null): OpenWork => ({ market, qualifies }) as OpenWork;
  const orderOf = (found: readonly OpenWork[], distances: Readonly<Record<string, number>> = {}): string =>
    ranked(found, new Map(Object.entries(distances)))
      .map(({ market }) => market)
      .join("");

  it("puts what one may do first, then what is near, then what pays", () => {
    const found = [work("a", false), work("b", true), work("c"), work("d", true), work("e", false)];
    expect(orderOf(found)).toBe("bcdae");
    expect(orderOf(found, { d: 500, c: 900, e: 1 })).toBe("dcbea");
  });
});
