/**
 * `earnest/verify`: truth inference for other programs, in Node and in browsers alike. It is the only file that names
 * things of others; within the repository everything is imported from where it is defined.
 *
 * @example
 * const answers = createAnswers({ tasks: 1, contributors: 3, classes: 2, task: [0, 0, 0], contributor: [0, 1, 2], label: [1, 1, 0] });
 * const { labels, confidence } = inferByAuto(answers);
 */
export { type Answers, createAnswers, type Triples } from "./inference/answers.ts";
export { type AutoInferred, inferByAuto } from "./inference/auto.ts";
export { inferByDawidSkene, inferByPlainDawidSkene } from "./inference/dawid-skene.ts";
export { voteEntropies } from "./inference/difficulty.ts";
export { type ErrorCell, errorMatrices } from "./inference/error-matrices.ts";
export type { Controls, Inferred } from "./inference/inferred.ts";
export { inferByMajority } from "./inference/majority.ts";
export { type CalibrationBin, calibrationOf, type LabelScores, scoreLabels } from "./inference/metrics.ts";
export {
  createNumericAnswers,
  inferNumbers,
  type NumericAnswers,
  type NumericMethod,
  type NumericScores,
  scoreNumbers,
} from "./inference/numeric.ts";
export { type GladInferred, inferByGlad } from "./inference/offline/glad.ts";
export { inferByMace, type MaceInferred } from "./inference/offline/mace.ts";
export { inferByOneCoin, inferByWeightedMajority } from "./inference/one-coin.ts";
export { fleissKappa, krippendorffAlpha, type Scale } from "./inference/reliability.ts";
export type { OnProgress } from "./inference/steps.ts";
