import { type Captures, matchLine, type Pattern, pattern } from "../pattern.ts";
import { lines, type RuleGroup } from "../rule.ts";

/** What programs write where memory ran out. Source: ClusterFuzz, stacktraces/constants.py. */
const outOfMemory: readonly Pattern[] = [
  "{}# Allocation failed{}out of memory",
  "{}::OnNoMemory",
  "{}ERROR{}Sanitizer failed to allocate",
  "{}FatalProcessOutOfMemory",
  "{}Fatal process out of memory:",
  "{}Fatal JavaScript out of memory:",
  "{}Fatal JavaScript invalid size error",
  "{}FX_OutOfMemoryTerminate",
  "{}Out of memory. Dying.",
  "{}Out of memory. size=",
  "{}Sanitizer: allocation-size-too-big",
  "{}Sanitizer: calloc-overflow",
  "{}Sanitizer: calloc parameters overflow",
  "{}Sanitizer: requested allocation size{}exceeds maximum supported size",
  "{}Sanitizer: out of memory",
  "{}Sanitizer: out-of-memory",
  "{}TerminateBecauseOutOfMemory",
  "{}allocator is out of memory trying to allocate",
  "{}blinkGCOutOfMemory",
  "{}couldnt allocate{}Out of memory",
  "{}libFuzzer: out-of-memory (",
  "{}rss limit exhausted",
  "{}in rust_oom",
  "========= RSS limit exceeded:",
  // QuickJS, V8 and Go.
  "InternalError: out of memory",
  "{}JavaScript heap out of memory",
  "fatal error: runtime: out of memory",
  "fatal error: out of memory",
].map(pattern);

const nothing: Captures = {};

const isOutOfMemoryLine = (line: string): Captures | null =>
  outOfMemory.some((each) => matchLine(each, line) !== null) ? nothing : null;

/** Whether memory ran out by this line. */
export const isOutOfMemory = (line: string): boolean => isOutOfMemoryLine(line) !== null;

/** Time and memory that ran out, where the caller counts that as a crash. */
export const exhaustion: RuleGroup = {
  rules: [
    {
      line: lines(
        "{}ERROR: libFuzzer: timeout",
        "========= Per-input timeout exceeded:",
        // QuickJS, where its host stopped it.
        "InternalError: interrupted",
      ),
      type: "Timeout",
      isNew: true,
    },
    { line: [isOutOfMemoryLine], type: "Out-of-memory", isNew: true },
  ],
};
