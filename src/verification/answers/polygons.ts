import type { Field } from "../../core/field.ts";
import type { AnswerForm, AnswerType, Polygon } from "./answer.ts";
import { nameOf, readName } from "./answer.ts";
import { type Frame, millionths, readFrame, refuseTwice } from "./shapes.ts";
import { labelsMax } from "./spans.ts";

const verticesMax = 1_000;
/** Two polygons take far longer to compare than two boxes, and somebody may pile them up. */
const polygonsMax = 200;

/** Labelled areas on an image. The answer is sorted by label and vertices. */
export interface PolygonsSchema {
  readonly type: "polygons";
  readonly labels: readonly string[];
  /** Pixels; null for millionths of the image. */
  readonly frame: Frame | null;
  readonly polygonsMax: number;
  /** Of one polygon. */
  readonly verticesMax: number;
}

export function comparePolygons(a: Polygon, b: Polygon): number {
  const length = Math.min(a.points.length, b.points.length);
  let order = a.label - b.label;
  for (let i = 0; order === 0 && i < length; i++) order = (a.points[i] as number) - (b.points[i] as number);
  return order || a.points.length - b.points.length;
}

export const polygons: AnswerType<PolygonsSchema, readonly Polygon[]> = {
  readSchema(field) {
    const fields = field.fields("type", "labels", "frame", "polygonsMax", "verticesMax");
    return {
      type: "polygons",
      labels: fields.labels.texts(1, labelsMax),
      frame: readFrame(fields.frame),
      polygonsMax: fields.polygonsMax.orNull((each) => each.integer(1, polygonsMax)) ?? polygonsMax,
      verticesMax: fields.verticesMax.orNull((each) => each.integer(3, verticesMax)) ?? verticesMax,
    };
  },
  read(schema, field, form) {
    const found = field.items(schema.polygonsMax).map((item) => readPolygon(schema, item, form));
    found.sort(comparePolygons);
    refuseTwice(field, found, comparePolygons);
    return found;
  },
  toPeople: (schema, answer) =>
    answer.map(({ label, points }) => ({
      label: nameOf(schema.labels, label),
      points: verticesOf(points).map(([x, y]) => [x, y]),
    })),
};

type Vertex = readonly [x: number, y: number];

const compareVertices = (a: Vertex, b: Vertex): number => a[0] - b[0] || a[1] - b[1];

function verticesOf(points: readonly number[]): Vertex[] {
  return Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i] as number, points[2 * i + 1] as number]);
}

function readPolygon(schema: PolygonsSchema, field: Field, form: AnswerForm): Polygon {
  const fields = field.fields("label", "points");
  const label = readName(schema.labels, fields.label, form);
  const vertices = form === "people" ? readVertices(schema, fields.points) : readPoints(schema, fields.points);
  if (vertices.length < 3) fields.points.fail("must have at least 3 vertices");
  const sorted = vertices.toSorted(compareVertices);
  if (sorted.some((vertex, i) => i > 0 && compareVertices(sorted[i - 1] as Vertex, vertex) === 0)) {
    fields.points.fail("goes through a vertex twice");
  }
  if (isLine(vertices)) fields.points.fail("has no area");
  return { label, points: inOneDirection(vertices).flat() };
}

function readVertices({ frame, verticesMax: max }: PolygonsSchema, field: Field): Vertex[] {
  const { width, height } = frame ?? millionths;
  return field.items(max).map((item) => {
    const [x, y, ...rest] = item.items(2);
    if (x === undefined || y === undefined || rest.length > 0) return item.fail("must be a list of x and y");
    return [x.integer(0, width), y.integer(0, height)];
  });
}

function readPoints({ frame, verticesMax: max }: PolygonsSchema, field: Field): Vertex[] {
  const { width, height } = frame ?? millionths;
  const points = field.items(2 * max).map((item, i) => item.integer(0, i % 2 === 0 ? width : height));
  if (points.length % 2 === 1) field.fail("must have x and y of each vertex");
  return verticesOf(points);
}

/** Whether all vertices are on one line. Products stay below 2^53. */
function isLine([first, second, ...rest]: readonly Vertex[]): boolean {
  const [x, y] = first as Vertex;
  const [dx, dy] = [(second as Vertex)[0] - x, (second as Vertex)[1] - y];
  return rest.every((vertex) => dx * (vertex[1] - y) === dy * (vertex[0] - x));
}

/** One way to write a polygon down: the least vertex first, towards the lesser of its neighbours. */
function inOneDirection(vertices: readonly Vertex[]): Vertex[] {
  const least = vertices.reduce(
    (best, vertex, i) => (compareVertices(vertex, vertices[best] as Vertex) < 0 ? i : best),
    0,
  );
  const turned = [...vertices.slice(least), ...vertices.slice(0, least)];
  const [first, second, last] = [turned[0], turned[1], turned.at(-1)] as [Vertex, Vertex, Vertex];
  return compareVertices(second, last) < 0 ? turned : [first, ...turned.slice(1).reverse()];
}
