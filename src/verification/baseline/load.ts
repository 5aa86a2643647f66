/** What a meter counted in intervals of one length, one after another. */
export interface Load {
  /** Such as `mWh`: energy in each interval. */
  readonly unit: string;
  readonly startMs: number;
  readonly intervalMs: number;
  /** Of the interval that begins at its place; null is a gap, and gaps stay gaps. */
  readonly values: readonly (number | null)[];
}

/** The most readings of a load. */
export const readingsMax = 20_000;

export const endOf = ({ startMs, intervalMs, values }: Load): number => startMs + intervalMs * values.length;

/** The readings of a stretch that begins and ends with intervals; undefined where the load does not cover it. */
export function readingsIn(load: Load, startMs: number, endMs: number): readonly (number | null)[] | undefined {
  const { intervalMs, values } = load;
  const first = (startMs - load.startMs) / intervalMs;
  const count = (endMs - startMs) / intervalMs;
  if (!Number.isInteger(first) || !Number.isInteger(count) || first < 0 || first + count > values.length)
    return undefined;
  return values.slice(first, first + count);
}

/** Readings without a gap, of all, in parts per million. */
export const coveragePpm = (readings: readonly (number | null)[]): number =>
  readings.length === 0
    ? 0
    : Math.floor((readings.filter((value) => value !== null).length * 1_000_000) / readings.length);

export const sumOf = (readings: readonly (number | null)[]): number =>
  readings.reduce<number>((sum, value) => sum + (value ?? 0), 0);
