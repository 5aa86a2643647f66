import { isKernelFailure } from "../draft.ts";
import { type Captures, pattern, patternInAnyCase } from "../pattern.ts";
import { lines, type RuleGroup } from "../rule.ts";
import { strip } from "../texts.ts";

const keywords = ["assert failure: ", "assert failed: ", "assertion failure: ", "assertion failed: ", "panic: "];
const sourceEndings = [".c:", ".cc:", ".cpp:", ".cxx:", ".h:", ".hh:", ".hpp:", ".hxx:"];

/** `ASSERTION FAILED: x`, alone or behind a log's brackets or a source file's name. */
function assertion(line: string): Captures | null {
  const lower = line.toLowerCase();
  for (const keyword of keywords) {
    const at = lower.indexOf(keyword);
    if (at === -1) continue;
    const before = lower.slice(0, at).trim();
    const isPlain = before === "" || (before.startsWith("[") && before.endsWith("]"));
    if (!isPlain && !sourceEndings.some((ending) => before.includes(ending))) continue;
    return { asserted: line.slice(at + keyword.length) };
  }
  return null;
}

/** Assertions come before the crash that they cause, and say more than it does. */
export const asserts: readonly RuleGroup[] = [
  {
    when: (draft) => !isKernelFailure(draft),
    rules: [
      {
        line: [
          assertion,
          pattern("F{:digits}{:space}{:digits}:{:digits}:{:digits}.{}assertion failed at {} in {>}: {asserted}"),
        ],
        type: "ASSERT",
        headline: ({ asserted = "" }) => [asserted],
      },
      {
        // glibc: program: file.c:12: int main(): Assertion `x > 0' failed.
        line: [
          patternInAnyCase("{>}: assertion {asserted} failed{$}"),
          patternInAnyCase("{>}: assertion {asserted} failed.{$}"),
        ],
        type: "ASSERT",
        headline: ({ asserted = "" }) => [strip(asserted, "`'\"")],
      },
      {
        // libstdc++: file.h:12: assertion __n < size() failed: index out of bounds
        line: lines(
          "{}/{}:{:digits}: assertion {} failed: {asserted}",
          "{}/{}:{:digits}: Assertion {} failed: {asserted}",
        ),
        type: "ASSERT",
        headline: ({ asserted = "" }) => [asserted],
      },
      {
        line: lines("thread {} panicked at '{asserted}'", "thread {} panicked at '{asserted}"),
        type: "ASSERT",
        headline: ({ asserted = "" }) => [asserted],
      },
      {
        // Rust from 1.73 on: the place in this line, the message in the next.
        line: lines("thread {} panicked at {}:{:digits}:{:digits}:{$}"),
        type: "ASSERT",
        headline: () => [],
        also: (draft) => {
          draft.isHeadlineNext = true;
        },
      },
    ],
  },
  { rules: [{ line: lines("{:space*}SHOULD NEVER BE REACHED{:space*}{$}"), type: "ASSERT_NOT_REACHED", isNew: true }] },
];
