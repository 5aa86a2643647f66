import { describe, expect, it } from "vitest";
import { type Case, calibrate } from "./calibrate.ts";
import { usualDiscount, usualFloor } from "./market-model.ts";

/** Of two classes alike before, with that much evidence (nats) for the true one. */
const seen = (evidence: number): Case => ({ prior: 0, evidence, others: [{ prior: 0, evidence: 0 }] });
const times = (count: number, each: Case): Case[] => Array.from({ length: count }, () => each);

describe("calibration", () => {
  it("is the usual one without control tasks", () => {
    expect(calibrate([], 2)).toEqual({ discount: usualDiscount, floor: usualFloor });
  });

  it("believes evidence in full where it is as right as it says", () => {
    // ln 4: right four times in five.
    const cases = [...times(400, seen(Math.log(4))), ...times(100, seen(-Math.log(4)))];
    const { discount, floor } = calibrate(cases, 2);
    expect(discount).toBe(1);
    expect(floor).toBeLessThanOrEqual(usualFloor);
  });

  it("discounts evidence that is half as good as it says", () => {
    const cases = [...times(400, seen(2 * Math.log(4))), ...times(100, seen(-2 * Math.log(4)))];
    const { discount } = calibrate(cases, 2);
    // The floor explains some of it.
    expect(discount).toBeGreaterThanOrEqual(0.5);
    expect(discount).toBeLessThanOrEqual(0.6);
  });

  it("raises the floor where whole crowds are wrong", () => {
    const cases = [
      ...times(600, seen(20)),
      ...times(100, seen(-20)),
      ...times(400, seen(Math.log(4))),
      ...times(100, seen(-Math.log(4))),
    ];
    expect(calibrate(cases, 2).floor).toBeGreaterThan(0.1);
  });

  it("is moved little by few control tasks", () => {
    const { discount, floor } = calibrate(times(3, seen(3)), 2);
    expect(Math.abs(discount - usualDiscount)).toBeLessThanOrEqual(0.15);
    expect(Math.abs(floor - usualFloor)).toBeLessThanOrEqual(0.02);
  });

  it("stays defined where the truth was thought impossible", () => {
    const { discount, floor } = calibrate(times(50, seen(-1_000)), 3);
    expect(discount).toBeGreaterThan(0);
    expect(floor).toBe(0.3);
  });
});
