import fc from "fast-check";
import type { Json } from "../../src/core/json.ts";

/** Schemas of every type with answers to them as people send them, for properties that hold of all. */
export interface SchemaAndAnswers {
  readonly schema: Json;
  readonly answers: readonly Json[];
}

const names = (most: number) => Array.from({ length: most }, (_, i) => `name ${i}`);

const withAnswers = (schema: Json, answer: fc.Arbitrary<Json>, most: number): fc.Arbitrary<SchemaAndAnswers> =>
  fc.array(answer, { minLength: 1, maxLength: most }).map((answers) => ({ schema, answers }));

const few = 6;

const spans = (labels: number, length: number) =>
  fc
    .uniqueArray(fc.nat({ max: length }), { maxLength: 8 })
    .chain((points) =>
      fc
        .array(fc.nat({ max: labels - 1 }), { minLength: 4, maxLength: 4 })
        .map((which) => ({ points: points.toSorted((a, b) => a - b), which })),
    )
    .map(({ points, which }) =>
      Array.from({ length: points.length >> 1 }, (_, i) => ({
        start: points[2 * i] as number,
        end: points[2 * i + 1] as number,
        label: `name ${which[i] as number}`,
      })),
    );

const box = (labels: number, side: number) =>
  fc
    .record({
      label: fc.nat({ max: labels - 1 }).map((each) => `name ${each}`),
      x: fc.nat({ max: side - 1 }),
      y: fc.nat({ max: side - 1 }),
    })
    .chain((corner) =>
      fc.record({
        label: fc.constant(corner.label),
        x: fc.constant(corner.x),
        y: fc.constant(corner.y),
        width: fc.integer({ min: 1, max: side - corner.x }),
        height: fc.integer({ min: 1, max: side - corner.y }),
      }),
    );

const polygon = (labels: number, side: number) =>
  fc.record({
    label: fc.nat({ max: labels - 1 }).map((each) => `name ${each}`),
    points: fc
      .uniqueArray(fc.tuple(fc.nat({ max: side }), fc.nat({ max: side })), {
        minLength: 3,
        maxLength: 7,
        selector: (vertex) => vertex.join(),
      })
      .filter(([a = [0, 0], b = [0, 0], ...rest]) =>
        rest.some((c) => (b[0] - a[0]) * (c[1] - a[1]) !== (b[1] - a[1]) * (c[0] - a[0])),
      ),
  });

const unlike = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.uniqueArray(each, { maxLength: 4, selector: (value) => JSON.stringify(value) });

export const anyAnswers: Readonly<Record<string, fc.Arbitrary<SchemaAndAnswers>>> = {
  choice: withAnswers({ type: "choice", choices: names(4) }, fc.constantFrom(...names(4)), few),
  choices: withAnswers(
    { type: "choices", choices: names(5), min: 1, max: 3 },
    fc.subarray(names(5), { minLength: 1, maxLength: 3 }),
    few,
  ),
  scale: withAnswers({ type: "scale", min: -2, max: 4, tolerance: 1 }, fc.integer({ min: -2, max: 4 }), few),
  number: withAnswers(
    { type: "number", min: -10, max: 99.5, decimals: 1, tolerance: { absolute: 0.5, ppm: 10_000 } },
    fc.integer({ min: -100, max: 995 }).map((tenths) => tenths / 10),
    few,
  ),
  pair: withAnswers({ type: "pair", ties: true }, fc.constantFrom("left", "right", "tie"), few),
  ranking: withAnswers(
    { type: "ranking", items: names(5), top: 5 },
    fc.shuffledSubarray(names(5), { minLength: 5 }),
    few,
  ),
  "ranking of the top": withAnswers(
    { type: "ranking", items: names(5), top: 2 },
    fc.shuffledSubarray(names(5), { minLength: 2, maxLength: 2 }),
    few,
  ),
  text: withAnswers({ type: "text", charactersMax: 20, distancePpm: 250_000 }, fc.string({ maxLength: 20 }), few),
  "exact text": withAnswers(
    { type: "text", charactersMax: 30 },
    fc.constantFrom("New York", "new  york.", "Boston", "BOSTON", "Straße", "STRASSE"),
    few,
  ),
  spans: withAnswers({ type: "spans", labels: names(2), charactersMax: 20 }, spans(2, 20), few),
  "spans that overlap": withAnswers(
    { type: "spans", labels: names(2), charactersMax: 9, overlap: true },
    spans(2, 9).chain((first) =>
      spans(2, 9).map((second) => [
        ...new Map([...first, ...second].map((each) => [JSON.stringify(each), each])).values(),
      ]),
    ),
    few,
  ),
  boxes: withAnswers({ type: "boxes", labels: names(2), frame: { width: 6, height: 6 } }, unlike(box(1, 6)), few),
  polygons: withAnswers(
    { type: "polygons", labels: names(1), frame: { width: 20, height: 20 } },
    fc.uniqueArray(polygon(1, 20), {
      maxLength: 3,
      selector: ({ points }) => JSON.stringify(points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])),
    }),
    few,
  ),
};
