/**
 * A seed that finds each planted fault. What changes how seeds run moves them: then others are tried, and those named here
 * only make it quick. Apart from the faults, which can be loaded beside the product's seams only.
 */
export const knownSeeds: Readonly<Record<string, number>> = {
  "lost-fsync": 34,
  "batch-twice": 1,
  "stale-cache": 6,
  "dropped-hold": 1,
  "double-release": 1,
  "skipped-signature": 2,
  "reordered-entry": 1,
  "lost-cut": 1,
  "ambiguous-commit": 103,
  "early-claim": 1,
  "lease-forever": 3,
  "model-out-of-order": 2,
};
