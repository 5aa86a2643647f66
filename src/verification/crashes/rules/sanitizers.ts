import { isAssertAddress } from "../address.ts";
import { type Draft, isKernelFailure } from "../draft.ts";
import { type Captures, matchLine } from "../pattern.ts";
import { lines, type RuleGroup } from "../rule.ts";
import { capitalise } from "../texts.ts";

/** Types that say more than the signal that follows them. */
const typesBeforeSignals: ReadonlySet<string> = new Set([
  "Arbitrary file open",
  "ASSERT",
  "CHECK failure",
  "Command injection",
  "DCHECK failure",
  "Fatal error",
  "Security CHECK failure",
  "Security DCHECK failure",
  "Stack-overflow",
  "Unreachable code",
  "V8 API error",
]);

export const isBeforeSignal = ({ type }: Draft): boolean => typesBeforeSignals.has(type);

/** `heap-buffer-overflow` and `HEAP_BUFFER_OVERFLOW` as they are written in types. */
export function sanitizerType(kind: string): string {
  const type = capitalise(kind.trim().replaceAll("_", "-"));
  if (type === "Unknown-crash") return "UNKNOWN";
  return type.replace("Int-divide-by-zero", "Divide-by-zero");
}

export const signals: RuleGroup = {
  when: isBeforeSignal,
  rules: [
    {
      line: lines("{}Sanitizer: ABRT ", "{}Sanitizer: breakpoint ", "{}Sanitizer: ILL ", "{}Sanitizer: TRAP "),
      isLast: true,
    },
  ],
};

export const memoryAndThreads: RuleGroup = {
  rules: [
    {
      line: lines("{}ThreadSanitizer: {kind:kind}", "{}MemorySanitizer: {kind:kind}"),
      when: (_draft, _report, line) => !notFaults.some((each) => line.includes(each)),
      type: ({ kind = "" }) => capitalise(kind.trim()),
      isNew: true,
    },
  ],
};

const notFaults = [" suppressions", " warnings", "Sanitizer: ABRT", "Sanitizer: ILL"];

/** Several leaks may be reported: the first direct one counts, an indirect one only where there is no direct one. */
export const leaks: readonly RuleGroup[] = [
  {
    when: ({ type }) => type === "" || type === "Indirect-leak",
    rules: [{ line: lines("Direct leak of "), type: "Direct-leak", isNew: true }],
  },
  {
    when: ({ type }) => type === "",
    rules: [{ line: lines("Indirect leak of "), type: "Indirect-leak", isNew: true }],
  },
];

const badAccess = lines(
  "{}Sanitizer{}SEGV on unknown address {address:hex}",
  "{}Sanitizer{}access-violation on unknown address {address:hex}",
);

const nothing: Captures = {};

/** The access that an assertion makes to stop the program: it is no other crash. */
function assertionsAccess(line: string): Captures | null {
  const addresses = badAccess.map((each) => matchLine(each, line)?.["address"] ?? "");
  return addresses.some(isAssertAddress) ? nothing : null;
}

export const addresses: readonly RuleGroup[] = [
  {
    rules: [
      {
        line: lines("{}AddressSanitizer{}memcpy-param-overlap{}[{ranges}"),
        type: "Memcpy-param-overlap",
        isNew: true,
        address: ({ ranges = "" }) => `[${ranges.slice(0, ranges.lastIndexOf(")") + 1)}`,
      },
      { line: [assertionsAccess], when: ({ type }) => type.includes("ASSERT"), isLast: true },
      {
        line: lines("{}Sanitizer{}SEGV on unknown address {:hex}"),
        when: ({ type }, { isSignalOnly }) => type.includes("ASSERT") && isSignalOnly,
        isLast: true,
      },
      { line: badAccess, type: "UNKNOWN", isNew: true, isLast: true },
      {
        line: lines("{}AddressSanitizer: attempting free on address which was not malloc()-ed: {address:hex}"),
        type: "Invalid-free",
        isNew: true,
        isLast: true,
      },
      {
        line: lines(
          "{}AddressSanitizer{}double-free on unknown address {address:hex}",
          "{}AddressSanitizer{}double-free on address {address:hex}",
          "{}AddressSanitizer{}double-free on {address:hex}",
        ),
        type: "Heap-double-free",
        isNew: true,
        isLast: true,
      },
      { line: lines("{}Sanitizer: FPE "), type: "Floating-point-exception", isNew: true, isLast: true },
    ],
  },
  {
    when: (draft) => !isKernelFailure(draft) && !draft.hasLanguageFault,
    rules: [
      {
        line: lines(
          "{}ERROR: {}Sanitizer{:colon*}{kind} on unknown address {address:hex}",
          "{}ERROR: {}Sanitizer{:colon*}{kind} on address {address:hex}",
          "{}ERROR: {}Sanitizer{:colon*}{kind} on {address:hex}",
        ),
        type: ({ kind = "" }) => sanitizerType(kind),
        isNew: true,
      },
    ],
  },
  {
    rules: [
      { line: lines("{}Sanitizer: illegal-instruction"), type: "Ill" },
      {
        line: lines("{}The signal is caused by a {access:upper} memory access."),
        when: ({ type }) => type === "UNKNOWN",
        type: ({ access = "" }) => (access === "UNKNOWN" ? "UNKNOWN" : `UNKNOWN ${access}`),
      },
    ],
  },
  {
    when: ({ type }, { isKasan }) => type !== "" && !isKasan,
    rules: [
      {
        line: lines(
          "{:space*}Atomic {access:token} of size {size:token} at {address:token}",
          "{:space*}{access:token} of size {size:token} at {address:token}",
        ),
        type: ({ access = "", size = "" }, { type }) =>
          type.startsWith("UNKNOWN") ? type : `${type}\n${access.toUpperCase()} ${size}`,
      },
    ],
  },
];

/** A sanitizer that fails itself: nothing behind it counts. */
export const sanitizersOwnChecks: RuleGroup = {
  rules: [
    {
      line: lines("{}Sanitizer CHECK failed: {:token} {asserted}", "{}Sanitizer CHECK failed: {asserted}"),
      type: "Sanitizer CHECK failure",
      address: () => "",
      headline: ({ asserted = "" }) => [asserted],
      room: 0,
      isLast: true,
      also: (draft) => {
        draft.isClosed = true;
      },
    },
  ],
};

export const sanitizersIfNothingElse: RuleGroup = {
  when: ({ type }) => type === "",
  rules: [
    {
      line: lines("{}ERROR: AddressSanitizer: {kind:kind}", "{}ERROR: HWAddressSanitizer: {kind:kind}"),
      type: ({ kind = "" }) => sanitizerType(kind),
      isNew: true,
    },
    { line: lines("{}ERROR: HWAddressSanitizer: allocation-tail-overwritten; heap object [{address:hex},") },
  ],
};
