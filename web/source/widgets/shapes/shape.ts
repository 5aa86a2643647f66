import type { BoxMark, Vertex } from "../rows.ts";

/** What marks are measured on: pixels of the image, or millionths of its width and height. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}
export const millionths: Frame = { width: 1_000_000, height: 1_000_000 };

export type Rectangle = Omit<BoxMark, "label">;

const between = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, Math.round(value)));

/** The smallest box that still can be seen and held. */
export const leastSide = ({ width, height }: Frame): Vertex => [
  Math.max(1, Math.round(width / 200)),
  Math.max(1, Math.round(height / 200)),
];

/** The box between two places, inside the frame and of whole units. */
export function boxBetween(frame: Frame, a: Vertex, b: Vertex): Rectangle {
  const [left, right] = [a[0], b[0]].map((x) => between(x, 0, frame.width)).sort((x, y) => x - y) as [number, number];
  const [top, bottom] = [a[1], b[1]].map((y) => between(y, 0, frame.height)).sort((x, y) => x - y) as [number, number];
  const [x, y] = [Math.min(left, frame.width - 1), Math.min(top, frame.height - 1)];
  return { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) };
}

export function movedBox(frame: Frame, box: Rectangle, dx: number, dy: number): Rectangle {
  const { width, height } = box;
  return {
    x: between(box.x + dx, 0, frame.width - width),
    y: between(box.y + dy, 0, frame.height - height),
    width,
    height,
  };
}

/** Where a box is held: by a corner or an edge. */
export const holds = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type Hold = (typeof holds)[number];

/** Pulls at a corner or an edge; past the other side the box turns over. */
export function resizedBox(frame: Frame, box: Rectangle, hold: Hold, dx: number, dy: number): Rectangle {
  let [left, top, right, bottom] = [box.x, box.y, box.x + box.width, box.y + box.height];
  if (hold.includes("w")) left += dx;
  if (hold.includes("e")) right += dx;
  if (hold.includes("n")) top += dy;
  if (hold.includes("s")) bottom += dy;
  return boxBetween(frame, [left, top], [right, bottom]);
}

/** Where the hold is on the box, as shares of its width and height. */
export const holdAt = (hold: Hold): Vertex => [
  hold.includes("w") ? 0 : hold.includes("e") ? 1 : 0.5,
  hold.includes("n") ? 0 : hold.includes("s") ? 1 : 0.5,
];

export const cornersOf = ({ x, y, width, height }: Rectangle): Vertex[] => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];

/** The place inside the frame, of whole units. */
export const placeIn = (frame: Frame, [x, y]: Vertex): Vertex => [
  between(x, 0, frame.width),
  between(y, 0, frame.height),
];

export function movedVertices(frame: Frame, points: readonly Vertex[], dx: number, dy: number): Vertex[] {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  // Nothing of it leaves the frame, and its shape stays what it is.
  const byX = between(dx, -Math.min(...xs), frame.width - Math.max(...xs));
  const byY = between(dy, -Math.min(...ys), frame.height - Math.max(...ys));
  return points.map(([x, y]) => [x + byX, y + byY]);
}

export const withVertex = (points: readonly Vertex[], at: number, vertex: Vertex): Vertex[] =>
  points.map((each, i) => (i === at ? vertex : each));

/** A vertex more, half way to the one that follows. */
export function splitAfter(points: readonly Vertex[], at: number): Vertex[] {
  const [a, b] = [points[at], points[(at + 1) % points.length]];
  if (a === undefined || b === undefined) return [...points];
  return [...points.slice(0, at + 1), middleOf(a, b), ...points.slice(at + 1)];
}

export const middleOf = (a: Vertex, b: Vertex): Vertex => [
  Math.round((a[0] + b[0]) / 2),
  Math.round((a[1] + b[1]) / 2),
];

/** What an arrow key moves by: a hundredth of the frame, or a thousandth. */
export function arrowOf(key: string, frame: Frame, isFine: boolean): Vertex | null {
  const steps = isFine ? 1_000 : 100;
  const [x, y] = [Math.max(1, Math.round(frame.width / steps)), Math.max(1, Math.round(frame.height / steps))];
  switch (key) {
    case "ArrowLeft":
      return [-x, 0];
    case "ArrowRight":
      return [x, 0];
    case "ArrowUp":
      return [0, -y];
    case "ArrowDown":
      return [0, y];
    default:
      return null;
  }
}

export const isInBox = ({ x, y, width, height }: Rectangle, [px, py]: Vertex): boolean =>
  px >= x && px <= x + width && py >= y && py <= y + height;

/** Whether a place is inside of a polygon: a ray from it crosses the edges an odd number of times. */
export function isInPolygon(points: readonly Vertex[], [px, py]: Vertex): boolean {
  let isIn = false;
  for (const [i, [ax, ay]] of points.entries()) {
    const [bx, by] = points[(i + 1) % points.length] as Vertex;
    if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) isIn = !isIn;
  }
  return isIn;
}

/** Twice the area inside. */
export const areaOf = (points: readonly Vertex[]): number =>
  Math.abs(
    points.reduce((sum, [ax, ay], i) => {
      const [bx, by] = points[(i + 1) % points.length] as Vertex;
      return sum + ax * by - bx * ay;
    }, 0),
  );
