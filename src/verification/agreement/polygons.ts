import type { Polygon } from "../answers/answer.ts";
import { comparePolygons, type PolygonsSchema } from "../answers/polygons.ts";
import type { AgreementParameters } from "./parameters.ts";
import { polygonOverlapPpm } from "./polygon-overlap.ts";
import { agreeOnShapes, matchShapes, type ShapeType } from "./shapes.ts";
import type { Agreement, Vote } from "./vote.ts";

const polygonType: ShapeType<Polygon> = {
  overlapPpm: (one, other) => polygonOverlapPpm(one.points, other.points),
  compare: comparePolygons,
  /** The one that overlaps most with the others by weight; of equals that which sorts first. */
  middle(polygons, weights) {
    const scored = polygons.map((polygon) => ({
      polygon,
      score: polygons.reduce(
        (sum, each, i) => sum + (weights[i] as number) * polygonOverlapPpm(polygon.points, each.points),
        0,
      ),
    }));
    scored.sort((a, b) => b.score - a.score || comparePolygons(a.polygon, b.polygon));
    return (scored[0] as { readonly polygon: Polygon }).polygon;
  },
};

export const agreeOnPolygons = (
  schema: PolygonsSchema,
  votes: readonly Vote<readonly Polygon[]>[],
  { overlapPpmMin }: AgreementParameters,
): Agreement<readonly Polygon[]> => agreeOnShapes(polygonType, votes, overlapPpmMin, schema.polygonsMax);

/** The F-score of polygons that overlap enough. */
export const matchPolygons = (
  answer: readonly Polygon[],
  label: readonly Polygon[],
  { overlapPpmMin }: AgreementParameters,
): number => matchShapes(polygonType, answer, label, overlapPpmMin);
