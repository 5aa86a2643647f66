import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freeSpaceLoss } from "./free-space.ts";

describe("loss in free space", () => {
  it("is that of the formula, to two millionths of a decibel", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000_000 }),
        fc.integer({ min: 1, max: 20_100_000 }),
        (frequencyHz, metres) => {
          const formula = 20 * Math.log10((4 * Math.PI * metres * frequencyHz) / 2.998e8);
          expect(Math.abs(freeSpaceLoss(frequencyHz, metres) - formula * 1e6)).toBeLessThan(2);
        },
      ),
    );
  });

  it("is a pinned number, grows with the distance, and has no singularity", () => {
    expect(freeSpaceLoss(867_900_024, 508)).toBe(85_334_232);
    expect(freeSpaceLoss(904_700_032, 0)).toBe(freeSpaceLoss(904_700_032, 1));
    expect(freeSpaceLoss(904_700_032, 200) - freeSpaceLoss(904_700_032, 100)).toBe(6_020_600);
  });
});
