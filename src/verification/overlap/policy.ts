/** When a market stops asking. Part of a market's specification: integers only. */
export interface OverlapPolicy {
  /** No task settles on fewer answers, and none is given up with fewer than two. */
  readonly min: number;
  readonly max: number;
  /** A task is settled when its label is that certain. */
  readonly targetPpm: number;
  /** How many answers' prices a right label is worth, in place of a wrong one. */
  readonly answersWorth: number;
}

export type PresetName = keyof typeof presets;

/** The same for every market. Chosen on the mean of the seven sets of `bench -- overlap`, not for any one of them. */
export const presets = {
  cheap: { min: 1, max: 64, targetPpm: 870_000, answersWorth: 12 },
  balanced: { min: 1, max: 64, targetPpm: 900_000, answersWorth: 40 },
  strict: { min: 1, max: 64, targetPpm: 950_000, answersWorth: 100 },
} as const satisfies Record<string, OverlapPolicy>;

/** Answers a right label is worth, times the error that is allowed (ppm): whoever wants half the errors values it twice. */
const worthOfCertainty = 5_000_000;

/** What a target alone implies. */
export const policyOf = (targetPpm: number): OverlapPolicy => ({
  min: 1,
  max: 64,
  targetPpm,
  answersWorth: Math.min(Math.max(Math.round(worthOfCertainty / Math.max(1_000_000 - targetPpm, 1)), 10), 10_000),
});
