/** Degrees: latitude, longitude. */
export type Point = readonly [number, number];

export interface Outline {
  /** A path for each cell, in their order. */
  readonly shapes: readonly string[];
  /** Meridians and parallels, with what they are. */
  readonly lines: readonly { readonly path: string; readonly label: string; readonly x: number; readonly y: number }[];
  readonly width: number;
  readonly height: number;
}

const width = 1_000;
const [heightMin, heightMax] = [400, 800];
/** Of what is shown, on each side; and no closer than some 50 kilometres. */
const [margin, spanMin] = [0.15, 0.5];
const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30];
const linesMax = 6;

/** Cells on a plain map that has room for all of them: degrees as lengths, those of longitude as wide as in the middle. */
export function outlineOf(cells: readonly (readonly Point[])[]): Outline {
  const whole = cells.map(unbroken);
  const all = whole.flat();
  const [south, north] = spread(all.map(([latitude]) => latitude));
  const [west, east] = spread(all.map(([, longitude]) => longitude));
  const narrow = Math.max(0.05, Math.cos((((south + north) / 2) * Math.PI) / 180));
  const height = Math.min(heightMax, Math.max(heightMin, (width * (north - south)) / ((east - west) * narrow)));
  const scale = Math.min(width / ((east - west) * narrow), height / (north - south));
  const x = (longitude: number): number => width / 2 + (longitude - (west + east) / 2) * narrow * scale;
  const y = (latitude: number): number => height / 2 - (latitude - (south + north) / 2) * scale;
  const at = ([latitude, longitude]: Point): string => `${x(longitude).toFixed(1)} ${y(latitude).toFixed(1)}`;
  return {
    shapes: whole.map((cell) => `M${cell.map(at).join("L")}Z`),
    lines: [
      ...rounds(west, east).map((each) => ({
        path: `M${x(each).toFixed(1)} 0V${height}`,
        label: `${shown(((each + 540) % 360) - 180)}°`,
        x: x(each) + 4,
        y: height - 6,
      })),
      ...rounds(south, north).map((each) => ({
        path: `M0 ${y(each).toFixed(1)}H${width}`,
        label: `${shown(each)}°`,
        x: 4,
        y: y(each) - 4,
      })),
    ],
    width,
    height,
  };
}

/** A cell that lies across the 180th meridian goes on beyond it. */
function unbroken(cell: readonly Point[]): readonly Point[] {
  const longitudes = cell.map(([, longitude]) => longitude);
  if (Math.max(...longitudes) - Math.min(...longitudes) <= 180) return cell;
  return cell.map(([latitude, longitude]) => [latitude, longitude < 0 ? longitude + 360 : longitude] as const);
}

function spread(values: readonly number[]): readonly [number, number] {
  const low = values.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY);
  const [middle, half] = [(low + high) / 2, Math.max(spanMin, (high - low) * (1 + 2 * margin)) / 2];
  return [middle - half, middle + half];
}

/** A few round numbers within. */
function rounds(from: number, to: number): readonly number[] {
  const step = steps.find((each) => (to - from) / each <= linesMax) ?? 60;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
}

const shown = (degrees: number): string => `${Math.round(degrees * 10) / 10}`;
