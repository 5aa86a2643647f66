import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  coinRow,
  effectiveAccuracy,
  encodeModel,
  formOf,
  type MarketModel,
  matrixClassesMax,
  newcomerModel,
  rowOf,
  surpriseOf,
} from "./market-model.ts";

describe("a market's model", () => {
  it("says surprises in thousandths of a nat", () => {
    expect([1, 0.5, 0.1, 0].map(surpriseOf)).toEqual([0, 693, 2_303, 27_631]);
    expect([...coinRow(2, 0.8)]).toEqual([223, 1_609, 1_609, 223]);
    expect([...coinRow(101, 0.9)]).toEqual([105, 6_908]);
  });

  it("has matrices for few classes, and accuracies for many", () => {
    expect([2, matrixClassesMax, matrixClassesMax + 1].map(formOf)).toEqual(["matrix", "matrix", "coin"]);
    expect(newcomerModel(10_000).newcomer).toHaveLength(2);
  });

  it("takes strangers for newcomers", () => {
    const model: MarketModel = { ...newcomerModel(2), rows: new Map([[3, coinRow(2, 0.9)]]) };
    expect(rowOf(model, 3)).toEqual(coinRow(2, 0.9));
    expect(rowOf(model, 4)).toBe(model.newcomer);
  });

  it("has one encoding, whatever order its rows were added in", () => {
    const rows: [number, Int32Array][] = [
      [9, coinRow(2, 0.9)],
      [2, coinRow(2, 0.6)],
    ];
    const model: MarketModel = { ...newcomerModel(2), rows: new Map(rows) };
    const other: MarketModel = { ...newcomerModel(2), rows: new Map(rows.toReversed()) };
    expect(encodeModel(model)).toEqual(encodeModel(other));
    expect(createHash("sha256").update(encodeModel(model)).digest("hex")).toBe(
      "07e546ab082b367fd830665825d41643e8187a2a3b5dbb78dd46785020ce9bd2",
    );
    expect(encodeModel({ ...model, floorPpm: model.floorPpm + 1 })).not.toEqual(encodeModel(model));
  });
});

describe("effective accuracy", () => {
  it("is the accuracy itself without a discount, and chance with a full one", () => {
    expect(effectiveAccuracy(0.8, 1, 4)).toBeCloseTo(0.8, 9);
    expect(effectiveAccuracy(0.8, 0, 4)).toBeCloseTo(0.25, 9);
  });

  it("halves the log-odds with half the evidence", () => {
    expect(effectiveAccuracy(0.8, 0.5, 2)).toBeCloseTo(2 / 3, 9);
  });

  it("is defined at the ends", () => {
    expect(effectiveAccuracy(1, 1, 2)).toBeCloseTo(1, 6);
    expect(effectiveAccuracy(0, 1, 2)).toBeCloseTo(0, 6);
    expect(effectiveAccuracy(1, 0.5, 1)).toBeCloseTo(1, 3);
  });
});
