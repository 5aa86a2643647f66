/** The quantile of a normal distribution that leaves 2.5% on either side. */
const z = 1.96;

/**
 * Where a share lies that was measured as `right` of `tried`, with 95% confidence: the score interval (Wilson, 1927),
 * which holds for few tries too. Everything is possible where nothing was tried.
 */
export function interval(right: number, tried: number): readonly [low: number, high: number] {
  if (tried === 0) return [0, 1];
  const share = right / tried;
  const centre = share + (z * z) / (2 * tried);
  const spread = z * Math.sqrt((share * (1 - share)) / tried + (z * z) / (4 * tried * tried));
  const scale = 1 + (z * z) / tried;
  return [rounded(Math.max((centre - spread) / scale, 0)), rounded(Math.min((centre + spread) / scale, 1))];
}

/** To four digits after the point. */
export const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
