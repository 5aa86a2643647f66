import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Box, Polygon, Span } from "../answers/answer.ts";
import type { SpansSchema } from "../answers/spans.ts";
import { agreeOnBoxes, boxType, matchBoxes } from "./boxes.ts";
import { defaultParameters as parameters } from "./parameters.ts";
import { polygonOverlapPpm } from "./polygon-overlap.ts";
import { agreeOnPolygons, matchPolygons } from "./polygons.ts";
import { agreeOnSpans, matchSpans } from "./spans.ts";
import { probabilityPpm, type Vote } from "./vote.ts";

const votesOf = <T>(...votes: readonly (readonly [answer: readonly T[], weight: number])[]): Vote<readonly T[]>[] =>
  votes.map(([answer, weight]) => ({ answer, weight }));

const span = (start: number, end: number, label = 0): Span => ({ start, end, label });
const apart: SpansSchema = { type: "spans", labels: ["a", "b"], charactersMax: 100, spansMax: 50, overlap: false };
const crossing: SpansSchema = { ...apart, overlap: true };

describe("spans that may not overlap", () => {
  it.each([
    ["are where most weight is", votesOf([[span(0, 4)], 900], [[span(0, 4)], 900], [[span(0, 9)], 900]), [span(0, 4)]],
    [
      "go by weight, not by number",
      votesOf([[span(0, 4)], 500], [[span(0, 4)], 500], [[span(0, 9)], 1_100]),
      [span(0, 9)],
    ],
    ["are none where votes are tied", votesOf([[span(0, 4)], 900], [[], 900]), []],
    [
      "keep neighbours apart",
      votesOf([[span(0, 4), span(4, 9)], 900], [[span(0, 4), span(4, 9)], 900], [[span(0, 9)], 900]),
      [span(0, 4), span(4, 9)],
    ],
    [
      "are one where most see one",
      votesOf([[span(0, 4), span(4, 9)], 900], [[span(0, 9)], 900], [[span(0, 9)], 900]),
      [span(0, 9)],
    ],
    [
      "are one where as many see one as two",
      votesOf([[span(0, 4), span(4, 9)], 900], [[span(0, 9)], 900]),
      [span(0, 9)],
    ],
    [
      "change label where most do",
      votesOf(
        [[span(0, 4), span(4, 9, 1)], 900],
        [[span(0, 5), span(5, 9, 1)], 900],
        [[span(0, 5), span(5, 9, 1)], 900],
      ),
      [span(0, 5), span(5, 9, 1)],
    ],
    ["go by votes without weight", votesOf([[span(0, 4)], 0], [[span(0, 4)], 0], [[], 0]), [span(0, 4)]],
    [
      "are split by those who label both sides",
      votesOf([[span(0, 4), span(4, 9)], 1_000], [[span(0, 4)], 1_000], [[span(0, 9)], 900]),
      [span(0, 4), span(4, 9)],
    ],
    [
      "are not joined by who labels the right side alone",
      votesOf([[span(0, 4), span(4, 9)], 1_000], [[span(4, 9)], 1_000], [[span(0, 9)], 900]),
      [span(0, 4), span(4, 9)],
    ],
    [
      "may be pieced together",
      votesOf([[span(0, 6)], 900], [[span(3, 9)], 900], [[span(0, 3), span(6, 9)], 900]),
      [span(0, 9)],
    ],
  ])("%s", (_, votes, label) => {
    expect(agreeOnSpans(apart, votes, parameters).label).toEqual(label);
  });

  it("are voted on character by character", () => {
    const one = fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 6 }).chain((points) =>
      fc.array(fc.nat({ max: 1 }), { minLength: 3, maxLength: 3 }).map((labels) => {
        const sorted = points.toSorted((a, b) => a - b);
        return labels
          .slice(0, points.length >> 1)
          .map((label, i) => span(sorted[2 * i] as number, sorted[2 * i + 1] as number, label));
      }),
    );
    const anyVotes = fc.array(fc.record({ answer: one, weight: fc.integer({ min: 1, max: 3_000 }) }), { maxLength: 6 });
    const labelAt = (spans: readonly Span[], place: number): number =>
      spans.find(({ start, end }) => start <= place && place < end)?.label ?? -1;
    fc.assert(
      fc.property(anyVotes, (votes) => {
        const { label } = agreeOnSpans(apart, votes, parameters);
        for (let place = 0; place < 13; place++) {
          const weights = [-1, 0, 1].map((each) =>
            votes.filter(({ answer }) => labelAt(answer, place) === each).reduce((sum, { weight }) => sum + weight, 0),
          );
          // The winner has the most weight, whatever the rule for ties.
          expect(weights[labelAt(label, place) + 1]).toBe(Math.max(...weights));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("are as sure as the least of them", () => {
    const votes = votesOf(
      [[span(0, 4), span(10, 14)], 900],
      [[span(0, 4), span(10, 14)], 900],
      [[span(0, 4), span(30, 34)], 700],
    );
    const { label, confidencePpm } = agreeOnSpans(apart, votes, parameters);
    expect(label).toEqual([span(0, 4), span(10, 14)]);
    // Of the third span, 700 against 1800; of the second, 1800 against 700.
    expect(confidencePpm).toBe(probabilityPpm(1_100));
  });
});

describe("spans that may overlap", () => {
  it.each([
    [
      "are gathered by their union",
      votesOf([[span(0, 10), span(5, 15)], 900], [[span(1, 10), span(5, 14)], 900], [[span(0, 11), span(5, 15)], 900]),
      [span(0, 10), span(5, 15)],
    ],
    [
      "of two labels are two things",
      votesOf([[span(0, 4), span(0, 4, 1)], 900], [[span(0, 4), span(0, 4, 1)], 900]),
      [span(0, 4), span(0, 4, 1)],
    ],
    // Both in the middle overlap with as many: the one that sorts first is the centre, and 9 is before 11.
    [
      "gather around the first of equals",
      votesOf([[span(1, 7)], 900], [[span(3, 9)], 900], [[span(5, 11)], 900], [[span(7, 13)], 900]),
      [span(3, 9)],
    ],
    ["take each span once", votesOf([[span(0, 10), span(4, 14)], 900], [[span(2, 12)], 900]), [span(0, 10)]],
    ["need more than half", votesOf([[span(0, 4)], 900], [[span(20, 24)], 900]), []],
    [
      "are one where one voter sees two",
      votesOf([[span(0, 10), span(0, 9)], 900], [[span(0, 10)], 900], [[span(0, 10)], 900]),
      [span(0, 10)],
    ],
  ])("%s", (_, votes, label) => {
    expect(agreeOnSpans(crossing, votes, parameters).label).toEqual(label);
  });
});

describe("what spans are paid by", () => {
  it.each([
    [[], [], 1_000_000],
    [[span(0, 4)], [], 0],
    [[span(0, 4)], [span(0, 4, 1)], 0],
    [[span(0, 4)], [span(0, 8)], 1_000_000],
    [[span(0, 3)], [span(0, 8)], 0],
    [[span(0, 4), span(8, 12)], [span(0, 4)], 666_666],
    [[span(0, 10), span(0, 9)], [span(0, 10)], 666_666],
  ])("of %j for %j is %d", (answer, label, share) => {
    expect(matchSpans(answer, label, parameters)).toBe(share);
    expect(matchSpans(label, answer, parameters)).toBe(share);
  });

  it("asks for as much overlap as the parameters say", () => {
    expect(matchSpans([span(0, 8)], [span(0, 10)], { overlapPpmMin: 800_000 })).toBe(1_000_000);
    expect(matchSpans([span(0, 8)], [span(0, 10)], { overlapPpmMin: 800_001 })).toBe(0);
  });
});

const box = (x: number, y: number, width: number, height: number, label = 0): Box => ({ label, x, y, width, height });
const boxes = { type: "boxes", labels: ["a", "b"], frame: null, boxesMax: 50 } as const;

describe("boxes", () => {
  it.each([
    [box(0, 0, 10, 10), box(0, 0, 10, 10), 1_000_000],
    [box(0, 0, 10, 10), box(5, 0, 10, 10), 333_333],
    [box(0, 0, 10, 10), box(10, 0, 10, 10), 0],
    [box(0, 0, 1e6, 1e6), box(0, 0, 1e6, 999_999), 999_999],
  ])("%j and %j share %d", (one, other, ppm) => {
    expect(boxType.overlapPpm(one, other)).toBe(ppm);
    expect(boxType.overlapPpm(other, one)).toBe(ppm);
  });

  it("are the medians of their edges", () => {
    const votes = votesOf([[box(10, 10, 40, 20)], 900], [[box(12, 9, 40, 20)], 900], [[box(11, 14, 30, 20)], 900]);
    const { label, confidencePpm } = agreeOnBoxes(boxes, votes, parameters);
    expect(label).toEqual([box(11, 10, 39, 20)]);
    expect(confidencePpm).toBe(probabilityPpm(2_700));
  });

  it("are found in a crowd, with those that only one saw left out", () => {
    const truth = [box(0, 0, 100, 100), box(200, 0, 50, 80), box(0, 300, 60, 60, 1)];
    const moved = (by: number): Box[] => truth.map((each) => ({ ...each, x: each.x + by, y: each.y + by }));
    const votes = votesOf([moved(0), 900], [[...moved(2), box(500, 500, 30, 30)], 900], [moved(4).slice(1), 900]);
    const { label, confidencePpm } = agreeOnBoxes(boxes, votes, parameters);
    expect(label).toEqual([truth[0], moved(2)[1], moved(2)[2]]);
    expect(confidencePpm).toBe(probabilityPpm(900));
    expect(matchBoxes(moved(4).slice(1), label, parameters)).toBe(800_000);
  });

  it("of different labels do not support one another", () => {
    const votes = votesOf([[box(0, 0, 9, 9, 0)], 900], [[box(0, 0, 9, 9, 1)], 900], [[box(0, 0, 9, 9, 1)], 900]);
    expect(agreeOnBoxes(boxes, votes, parameters).label).toEqual([box(0, 0, 9, 9, 1)]);
  });

  it("are no more than there may be", () => {
    const votes = votesOf([[box(0, 0, 9, 9), box(50, 0, 9, 9)], 900], [[box(50, 0, 9, 9)], 900]);
    expect(agreeOnBoxes({ ...boxes, boxesMax: 1 }, votes, parameters).label).toEqual([box(50, 0, 9, 9)]);
  });
});

const rectangle = (x: number, y: number, width: number, height: number): number[] =>
  [
    [x, y],
    [x, y + height],
    [x + width, y + height],
    [x + width, y],
  ].flat();

describe("what polygons share", () => {
  const side = fc.integer({ min: 20, max: 100 });
  const anyBox = fc.record({
    label: fc.constant(0),
    x: fc.nat({ max: 60 }),
    y: fc.nat({ max: 60 }),
    width: side,
    height: side,
  });

  it("is what boxes share, where they are boxes, to a hundredth", () => {
    fc.assert(
      fc.property(anyBox, anyBox, (one, other) => {
        const points = [one, other].map(({ x, y, width, height }) => rectangle(x, y, width, height));
        const ppm = polygonOverlapPpm(points[0] as number[], points[1] as number[]);
        expect(Math.abs(ppm - boxType.overlapPpm(one, other))).toBeLessThanOrEqual(13_000);
      }),
      { numRuns: 300 },
    );
  });

  it("is symmetric and does not change where both are moved or mirrored", () => {
    const triangle = fc.array(fc.nat({ max: 99 }), { minLength: 6, maxLength: 6 }).filter((p) => {
      const [ax = 0, ay = 0, bx = 0, by = 0, cx = 0, cy = 0] = p;
      return (bx - ax) * (cy - ay) !== (by - ay) * (cx - ax);
    });
    fc.assert(
      fc.property(triangle, triangle, fc.nat({ max: 500 }), (one, other, by) => {
        const ppm = polygonOverlapPpm(one, other);
        expect(polygonOverlapPpm(other, one)).toBe(ppm);
        expect(polygonOverlapPpm(one, one.slice())).toBe(1_000_000);
        const moved = (points: number[]): number[] => points.map((each) => each + by);
        expect(Math.abs(polygonOverlapPpm(moved(one), moved(other)) - ppm)).toBeLessThanOrEqual(1);
        const mirrored = (points: number[]): number[] => points.map((each, i) => (i % 2 === 0 ? 200 - each : each));
        expect(Math.abs(polygonOverlapPpm(mirrored(one), mirrored(other)) - ppm)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["a triangle is half of its square", [0, 0, 0, 10, 10, 10], rectangle(0, 0, 10, 10), 500_000],
    ["a hole by turning back", [0, 0, 0, 9, 9, 9, 9, 0, 6, 0, 6, 6, 3, 6, 3, 0], rectangle(0, 0, 9, 9), 777_777],
    ["two wings that cross", [0, 0, 0, 10, 10, 0, 10, 10], rectangle(0, 0, 10, 10), 500_000],
    ["neighbours", rectangle(0, 0, 5, 5), rectangle(5, 0, 5, 5), 0],
    ["two that only their bounds bring together", [0, 0, 0, 10, 5, 10], [1, 0, 10, 0, 10, 9], 0],
  ])("%s", (_, one, other, ppm) => {
    expect(Math.abs(polygonOverlapPpm(one, other) - ppm)).toBeLessThanOrEqual(8_000);
  });
});

describe("polygons", () => {
  const polygons = { type: "polygons", labels: ["a"], frame: null, polygonsMax: 9, verticesMax: 9 } as const;
  const polygon = (points: number[]): Polygon => ({ label: 0, points });
  const [small, middle, large] = [9, 10, 12].map((size) => polygon(rectangle(0, 0, size, size))) as [
    Polygon,
    Polygon,
    Polygon,
  ];

  it("are the one in the middle of those that mean the same", () => {
    const far = polygon(rectangle(500, 500, 10, 10));
    const votes = votesOf([[small], 900], [[middle, far], 900], [[large], 900]);
    const { label, confidencePpm } = agreeOnPolygons(polygons, votes, parameters);
    expect(label).toEqual([middle]);
    expect(confidencePpm).toBe(probabilityPpm(900));
  });

  it("are paid by what they overlap", () => {
    expect(matchPolygons([small], [middle], parameters)).toBe(1_000_000);
    expect(matchPolygons([small], [middle], { overlapPpmMin: 900_000 })).toBe(0);
    expect(matchPolygons([small, polygon(rectangle(500, 500, 10, 10))], [middle], parameters)).toBe(666_666);
  });
});
