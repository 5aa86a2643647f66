import { lines, type RuleGroup } from "../rule.ts";

/** libFuzzer, Centipede, and OSS-Fuzz's extra sanitizers. */
export const fuzzers: RuleGroup = {
  rules: [
    {
      line: lines("===BUG DETECTED: Shell corruption===", "===BUG DETECTED: Shell injection==="),
      type: "Command injection",
    },
    { line: lines("===BUG DETECTED: Arbitrary file open==="), type: "Arbitrary file open" },
    { line: lines("===BUG DETECTED: Arbitrary domain name resolution==="), type: "Arbitrary DNS resolution" },
    { line: lines("===BUG DETECTED: PySecSan:"), type: "PySecSan" },
  ],
};

export const fuzzersStackLimit: RuleGroup = {
  rules: [
    { line: lines("========= Stack limit exceeded:"), type: "Stack-overflow" },
    { line: lines("{}## V8 sandbox violation detected!"), type: "V8 sandbox violation" },
  ],
};

/** Libraries that are not there: the program did not even start. */
const missingLibrary = [
  '{}: library "{library}" not found',
  "{}: library '{library}' not found",
  "{}: library `{library}` not found",
  "{}error while loading shared libraries: {library}: cannot open shared object file",
] as const;

export const fuzzersIfNothingElse: RuleGroup = {
  when: ({ type }) => type === "",
  rules: [
    {
      line: lines("Received signal 11 SEGV_{:upper} {digits:hex*}"),
      type: "UNKNOWN",
      isNew: true,
      address: ({ digits = "" }) => `0x${digits}`,
    },
    { line: lines("{}ERROR: libFuzzer: deadly signal"), type: "Fatal-signal", isNew: true },
    { line: lines("{}ERROR: libFuzzer: fuzz target exited"), type: "Unexpected-exit", isNew: true },
    {
      line: lines("{}ERROR: libFuzzer: fuzz target overwrites its const input"),
      type: "Overwrites-const-input",
      isNew: true,
    },
    {
      line: lines(...missingLibrary),
      type: "Missing-library",
      isNew: true,
      headline: ({ library = "" }) => [library],
    },
    { line: lines("{}GPU process exited unexpectedly"), type: "GPU failure", isNew: true },
  ],
};
