/** The smallest value that is at least as large as this share of all (nearest rank); 0 without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** In tenths of the unit. */
export const spreadOf = (values: readonly number[]): Spread => ({
  p50: Math.round(percentile(values, 0.5) * 10) / 10,
  p99: Math.round(percentile(values, 0.99) * 10) / 10,
});
