import { describe, expect, it } from "vitest";
import { createAnswers } from "./answers.ts";
import { calibrationOf, scoreLabels } from "./metrics.ts";
import { fleissKappa, krippendorffAlpha } from "./reliability.ts";

/** Rows are tasks, columns contributors; null where somebody gave no answer. */
function answersOf(rows: readonly (readonly (number | null)[])[], classes: number) {
  const given = rows.flatMap((row, t) => row.flatMap((label, w) => (label === null ? [] : [{ t, w, label }])));
  return createAnswers({
    tasks: rows.length,
    contributors: Math.max(0, ...rows.map((row) => row.length)),
    classes,
    task: given.map(({ t }) => t),
    contributor: given.map(({ w }) => w),
    label: given.map(({ label }) => label),
  });
}

describe("Krippendorff's alpha", () => {
  it("is the published one of his example with missing values", () => {
    // "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers, twelve units, nominal: 0.743.
    const observers = [
      [1, 2, 3, 3, 2, 1, 4, 1, 2, null, null, null],
      [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, null, 3],
      [null, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, null],
      [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, null],
    ] as const;
    const units = Array.from({ length: 12 }, (_, unit) => observers.map((row) => row[unit] as number | null));
    const answers = answersOf(units, 6);
    expect(krippendorffAlpha(answers)).toBeCloseTo(0.743, 3);
    // Section D: ordinal 0.815, interval 0.849.
    expect(krippendorffAlpha(answers, "ordinal")).toBeCloseTo(0.815, 3);
    expect(krippendorffAlpha(answers, "interval", [0, 1, 2, 3, 4, 5])).toBeCloseTo(0.849, 3);
    expect(krippendorffAlpha(answers, "interval", [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4, 1e9 + 5])).toBeCloseTo(
      0.849,
      3,
    );
  });

  it("is 1 where all agree on different labels, and nothing where there is nothing to agree on", () => {
    expect(
      krippendorffAlpha(
        answersOf(
          [
            [0, 0],
            [1, 1],
          ],
          2,
        ),
      ),
    ).toBe(1);
    expect(
      krippendorffAlpha(
        answersOf(
          [
            [0, 0],
            [0, 0],
          ],
          2,
        ),
      ),
    ).toBeNull();
    expect(krippendorffAlpha(answersOf([[0], [1]], 2))).toBeNull();
    expect(krippendorffAlpha(answersOf([], 2))).toBeNull();
  });
});

describe("Fleiss' kappa", () => {
  it("is the published one of the textbook example", () => {
    // Ten subjects, fourteen raters, five categories: 0.210 (the worked example of Fleiss' kappa).
    const counts = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7],
    ];
    const rows = counts.map((row) => row.flatMap((count, label) => Array.from({ length: count }, () => label)));
    expect(fleissKappa(answersOf(rows, 5))).toBeCloseTo(0.21, 3);
  });

  it("is nothing where it is not defined", () => {
    expect(fleissKappa(answersOf([[0, 0]], 2))).toBeNull();
    expect(fleissKappa(answersOf([[0], [1]], 2))).toBeNull();
  });
});

describe("scores of labels", () => {
  const inferred = {
    labels: Int32Array.of(1, 1, 0, 0, 1),
    confidence: Float64Array.of(0.95, 0.95, 0.65, 0.65, 0.55),
    iterations: 0,
  };

  it("are accuracy, F1 of class 1 and calibration, by hand", () => {
    const scores = scoreLabels(inferred, Int32Array.of(1, 0, 0, 1, -1), 2);
    expect(scores).toMatchObject({ tasks: 4, accuracy: 0.5, f1: 0.5 });
    expect(scores?.ece).toBeCloseTo((Math.abs(1.9 - 1) + Math.abs(1.3 - 1)) / 4, 12);
  });

  it("have F1 for two classes only, count a truth that nobody gave as missed, and are nothing without truth", () => {
    expect(scoreLabels(inferred, Int32Array.of(1, 1, 0, -2, 2), 3)).toMatchObject({ accuracy: 0.6, f1: null });
    expect(scoreLabels(inferred, new Int32Array(5).fill(-1), 2)).toBeNull();
  });
});

describe("calibration", () => {
  it("has a bin for each tenth, and adds up to the error of the scores", () => {
    const inferred = {
      labels: Int32Array.of(0, 1, 1, 0, -1),
      confidence: Float64Array.of(0.95, 0.92, 0.55, 1, 0),
      iterations: 0,
    };
    const truth = Int32Array.of(0, 0, 1, 0, -1);
    const report = calibrationOf(inferred, truth);
    expect(report).toHaveLength(10);
    expect(report[9]).toMatchObject({ from: 0.9, to: 1, tasks: 3, accuracy: 2 / 3 });
    expect(report[9]?.confidence).toBeCloseTo(2.87 / 3, 12);
    expect(report[0]).toEqual({ from: 0, to: 0.1, tasks: 0, confidence: null, accuracy: null });
    const ece = report.reduce((sum, bin) => sum + bin.tasks * Math.abs((bin.accuracy ?? 0) - (bin.confidence ?? 0)), 0);
    expect(ece / 4).toBeCloseTo(scoreLabels(inferred, truth, 2)?.ece ?? 0, 12);
  });
});
