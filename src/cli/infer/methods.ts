import type { Answers } from "../../verification/inference/answers.ts";
import { inferByAuto } from "../../verification/inference/auto.ts";
import type { ChunkRunner } from "../../verification/inference/chunks.ts";
import { inferByDawidSkene, inferByPlainDawidSkene } from "../../verification/inference/dawid-skene.ts";
import type { Controls, Inferred } from "../../verification/inference/inferred.ts";
import { inferByMajority } from "../../verification/inference/majority.ts";
import type { NumericMethod } from "../../verification/inference/numeric.ts";
import { inferByGlad } from "../../verification/inference/offline/glad.ts";
import { inferByMace } from "../../verification/inference/offline/mace.ts";
import { inferByOneCoin, inferByWeightedMajority } from "../../verification/inference/one-coin.ts";
import type { OnProgress } from "../../verification/inference/steps.ts";

/**
 * Only `auto` tells how far it is; the others take a second or two for a million answers. Only error matrices are
 * learned by several threads.
 */
type CategoricalMethod = (
  answers: Answers,
  controls: Controls,
  onProgress: OnProgress,
  runner: ChunkRunner,
) => Inferred;

export const categoricalMethods: Readonly<Record<string, CategoricalMethod>> = {
  auto: inferByAuto,
  majority: inferByMajority,
  "weighted-majority": inferByWeightedMajority,
  "one-coin": (answers, controls) => inferByOneCoin(answers, { controls }),
  "dawid-skene": (answers, controls, _, runner) => inferByDawidSkene(answers, { controls, runner }),
  "dawid-skene-plain": (answers, controls, _, runner) => inferByPlainDawidSkene(answers, { controls, runner }),
  glad: (answers, controls) => inferByGlad(answers, { controls }),
  mace: (answers, controls) => inferByMace(answers, { controls }),
};

export const numericMethods: readonly NumericMethod[] = ["mean", "median", "robust-mean"];

/** Of comparisons: rows of contributor, left, right and label. */
export const pairwiseMethod = "bradley-terry";

export const methodNames: readonly string[] = [...Object.keys(categoricalMethods), ...numericMethods, pairwiseMethod];
