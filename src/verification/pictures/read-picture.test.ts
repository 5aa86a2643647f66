import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exifOf, pictureOf, taggedPicture } from "../../../test/support/pictures.ts";
import { type Bytes32, bytes32, toHex } from "../../core/bytes.ts";
import type { Picture } from "../primitives/evidence.ts";
import { brightnessOf } from "./brightness.ts";
import { readExif } from "./exif.ts";
import { MalformedPicture } from "./jpeg.ts";
import { unlikeBits } from "./likeness.ts";
import { pictureBytesMax, readPicture, withoutAside } from "./read-picture.ts";

const sha256 = (bytes: Uint8Array): Bytes32 => bytes32(new Uint8Array(createHash("sha256").update(bytes).digest()));
const read = (bytes: Uint8Array): Picture => readPicture(sha256, bytes) as Picture;
const stones = pictureOf("stones");
const facts = {
  taken: "2026:11:21 18:30:05",
  offset: "+01:00",
  satellites: ["2026:11:21", 17, 30, 4] as const,
  place: { latitudeE7: -338_567_844, longitudeE7: 1_512_152_967 },
};

describe("a picture", () => {
  it("is read with its size, hash and likeness", () => {
    const picture = read(stones);
    expect(picture).toMatchObject({
      width: 480,
      height: 360,
      digest: toHex(sha256(stones)),
      localMs: null,
      place: null,
    });
    // Pinned: a verdict rests on it for ever.
    expect(picture.likeness).toBe("fe1ffc273e010e01ffff0eff0038003081ff01ff00fd00fc007f803ff83ff809");
    expect(read(pictureOf("shapes")).likeness).toBe("ffffffff0000000083ff00fc00fc00fc3cfc3cfc3c783c00ffffffff00000000");
  });

  it.each(["stones-worse", "stones-smaller"])("is like its copy %s, compressed or scaled again", (copy) => {
    expect(unlikeBits(read(stones).likeness, read(pictureOf(copy)).likeness)).toBeLessThanOrEqual(12);
  });

  it("is unlike other pictures", () => {
    const all = ["stones", "whirl", "shapes"].map((name) => read(pictureOf(name)).likeness);
    for (const [i, a] of all.entries())
      for (const b of all.slice(i + 1)) expect(unlikeBits(a, b)).toBeGreaterThanOrEqual(80);
  });

  it("says what the camera wrote into it", () => {
    expect(read(taggedPicture(stones, facts))).toMatchObject({
      localMs: Date.UTC(2026, 10, 21, 18, 30, 5),
      offsetMinutes: 60,
      satelliteMs: Date.UTC(2026, 10, 21, 17, 30, 4),
      place: facts.place,
      likeness: read(stones).likeness,
    });
  });

  it("is delivered without anything of that, and shows the same", () => {
    const stripped = withoutAside(taggedPicture(stones, facts)) as Uint8Array;
    expect(read(stripped)).toMatchObject({ localMs: null, offsetMinutes: null, satelliteMs: null, place: null });
    expect(read(stripped).likeness).toBe(read(stones).likeness);
    expect(Buffer.from(stripped).includes("Exif")).toBe(false);
    expect(withoutAside(new Uint8Array([1, 2, 3]))).toBeNull();
  });
});

describe("what is no such picture", () => {
  const cut = (bytes: Uint8Array, end: number): Uint8Array => bytes.slice(0, end);
  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /no JPEG/],
    ["text", new TextEncoder().encode("a photo, honestly"), /no JPEG/],
    ["a progressive JPEG", pictureOf("stones-progressive"), /baseline/],
    ["half a picture", cut(stones, stones.length / 2), /too soon/],
    ["half a header", cut(stones, 100), /too soon|follow/],
    ["no end", cut(stones, stones.length - 2), /too soon/],
    ["something behind its end", Uint8Array.from([...stones, 1]), /behind/],
    ["too many bytes", new Uint8Array(pictureBytesMax + 1), /more than/],
    ["EXIF that points away", brokenExif(), /EXIF/],
  ])("is refused with what is wrong: %s", (_, bytes, problem) => {
    expect((readPicture(sha256, bytes) as { problem: string }).problem).toMatch(problem);
  });

  it("never ends in anything else, whatever is changed in it", () => {
    const picture = taggedPicture(stones, facts);
    const change = fc.tuple(fc.nat(picture.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(picture);
        for (const [at, byte] of changes) bytes[at] = byte;
        const found = readPicture(sha256, bytes);
        if ("problem" in found) expect(found.problem.length).toBeGreaterThan(5);
        else expect(found.likeness).toMatch(/^[0-9a-f]{64}$/);
      }),
      { numRuns: 300 },
    );
  });

  function brokenExif(): Uint8Array {
    const picture = taggedPicture(stones, facts);
    // The pointer to the satellites' directory.
    picture.fill(0xff, 4 + 2 + 6 + 8 + 2 + 12 + 8, 4 + 2 + 6 + 8 + 2 + 12 + 12);
    return picture;
  }
});

describe("EXIF", () => {
  const exif = (given: Parameters<typeof exifOf>[0]) => readExif(Uint8Array.from(exifOf(given)));

  it("that says nothing is nothing", () => {
    expect(exif({})).toEqual({ localMs: null, offsetMinutes: null, satelliteMs: null, place: null });
    expect(readExif(new Uint8Array(3))).toMatchObject({ localMs: null });
  });

  it.each<[string, Parameters<typeof exifOf>[0], string]>([
    ["a clock that was never set", { taken: "0000:00:00 00:00:00" }, "localMs"],
    ["a day that is none", { taken: "2026:02:30 00:00:00" }, "localMs"],
    ["an offset beyond all zones", { offset: "+25:00" }, "offsetMinutes"],
    ["a day of more than 24 hours", { satellites: ["2026:11:21", 24, 0, 0] }, "satelliteMs"],
  ])("that says what cannot be is passed over: %s", (_, given, name) => {
    expect(exif(given)).toMatchObject({ [name]: null });
  });

  it("with a place that is none is refused", () => {
    expect(() => exif({ place: { latitudeE7: 910_000_000, longitudeE7: 0 } })).toThrow(MalformedPicture);
  });
});

it("brightness is the mean of eight by eight pixels", () => {
  const { columns, rows, means } = brightnessOf(pictureOf("shapes"));
  expect([columns, rows]).toEqual([60, 45]);
  // As another decoder has them, averaged over its pixels.
  const decoded = [
    [0, 0, 252.875],
    [59, 44, 3],
    [30, 5, 223],
    [10, 15, 128],
    [41, 21, 255],
  ] as const;
  for (const [column, row, mean] of decoded) {
    expect(Math.abs((means[row * columns + column] as number) / 8 - mean)).toBeLessThanOrEqual(1);
  }
});
