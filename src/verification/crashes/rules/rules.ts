import type { RuleGroup } from "../rule.ts";
import { android, androidIfNothingElse } from "./android.ts";
import { asserts } from "./asserts.ts";
import { checksIfNothingElse, securityChecks, v8FatalError } from "./checks.ts";
import { debuggers, debuggersIfNothingElse } from "./debuggers.ts";
import { exhaustion } from "./exhaustion.ts";
import { fuzzers, fuzzersIfNothingElse, fuzzersStackLimit } from "./fuzzers.ts";
import { kernel } from "./kernel.ts";
import { go, goIfNothingElse, javaIfNothingElse, javaScriptIfNothingElse, pythonAndJazzer } from "./languages.ts";
import {
  addresses,
  leaks,
  memoryAndThreads,
  sanitizersIfNothingElse,
  sanitizersOwnChecks,
  signals,
} from "./sanitizers.ts";
import { casts, undefinedBehaviour } from "./undefined-behaviour.ts";

/**
 * Every rule, in the order in which a line is asked: what says more comes first where it must not be overwritten, last
 * where it overwrites. The order is ClusterFuzz's, so that the same trace has the same type and state.
 */
const before: readonly RuleGroup[] = [
  signals,
  ...asserts,
  ...debuggers,
  memoryAndThreads,
  ...leaks,
  ...casts,
  go,
  undefinedBehaviour,
  ...pythonAndJazzer,
  ...addresses,
  ...android,
  ...kernel,
  fuzzers,
  sanitizersOwnChecks,
  securityChecks,
];

const after: readonly RuleGroup[] = [
  fuzzersStackLimit,
  debuggersIfNothingElse,
  sanitizersIfNothingElse,
  ...javaIfNothingElse,
  androidIfNothingElse,
  checksIfNothingElse,
  goIfNothingElse,
  fuzzersIfNothingElse,
  v8FatalError,
  ...javaScriptIfNothingElse,
];

export const rules: readonly RuleGroup[] = [...before, ...after];
export const rulesWithExhaustion: readonly RuleGroup[] = [...before, exhaustion, ...after];
