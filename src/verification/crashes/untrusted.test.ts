import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCrashTraces } from "../../../test/support/crash-traces.ts";
import type { Crash } from "./crash.ts";
import { limits } from "./limits.ts";
import { type CrashPolicy, readCrash } from "./read-crash.ts";

const policies: readonly CrashPolicy[] = [
  { exhaustion: "none", target: null },
  { exhaustion: "crash", target: "parser" },
];

/** Parts of reports of every tool, so that what is put together at random gets far into the rules. */
const parts = [
  "==1==ERROR: AddressSanitizer: ",
  "heap-use-after-free on address 0x60",
  "SEGV on unknown address 0x000",
  "READ of size 4 at 0x10",
  "WARNING: ThreadSanitizer: data race (pid=1)",
  "Direct leak of 1 byte",
  ": runtime error: ",
  "shift exponent",
  "#0 0x12 in ",
  "main ",
  "    #1 0x3 (lib.so+0x12)",
  "#",
  "# Fatal error in ",
  "# Check failed: ",
  "a.cc, line 12",
  "[1:2:0101/1:FATAL:a.cc(1)] ",
  "Check failed: ",
  "BUG: KASAN: use-after-free in f+0x1/0x2 at addr ff",
  "[<ff>] f+0x1/0x2",
  "Kernel panic - not syncing: ",
  "signal 11 (SIGSEGV), fault addr ",
  "Abort message: ",
  "Attempt to read from address ",
  "ChildEBP RetAddr",
  "1 2 m!f+0x1",
  "panic: runtime error: ",
  "x.go:1",
  "main.f(0x1)",
  'File "a.py", line 1, in f',
  "Traceback (most recent call last):",
  "== Java Exception: ",
  "\tat a.b(c)",
  "TypeError: ",
  "\n    at f (a.js:1:2)",
  "RuntimeError: unreachable",
  "thread 'main' panicked at ",
  "stack backtrace:",
  "  1: f",
  "========= Stack limit exceeded:",
  "vs. ",
  " (",
  "(",
  ")",
  "'",
  '"',
  "+0x",
  "0x",
  "12345",
  "\n",
  "\r\n",
  " ",
  "\t",
  "_ZN1a1bIcE",
  "Bad-cast",
  "\0",
  "ä",
  "\u{1f600}",
  "\ud800",
  "SUMMARY:",
  "V8 correctness sources: ",
] as const;

const report = fc
  .array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...parts) }, fc.string({ maxLength: 8 })))
  .map((each) => each.join(""));

function expectSound(crash: Crash | null): void {
  if (crash === null) return;
  expect(crash.type).not.toBe("");
  expect(crash.type.length).toBeLessThanOrEqual(limits.typeMax);
  expect(crash.address.length).toBeLessThanOrEqual(limits.addressMax);
  expect(crash.state.length).toBeGreaterThan(0);
  expect(crash.state.length).toBeLessThanOrEqual(limits.stateLinesMax);
  for (const line of [...crash.state, crash.address, ...crash.type.split("\n")]) expect(line).toMatch(/^[\t -~]*$/);
  for (const line of crash.state) expect(line.length).toBeLessThanOrEqual(limits.castLineMax);
}

/** Of a machine that is busy with much else; what does not end is what these tests are for. */
const timeoutMs = 120_000;

describe("a report of a stranger", () => {
  it(
    "is read, whatever it is",
    () => {
      fc.assert(
        fc.property(report, fc.constantFrom(...policies), (text, policy) => expectSound(readCrash(text, policy))),
        { numRuns: 1_000 },
      );
    },
    timeoutMs,
  );

  it(
    "is read where lines of real ones are mixed, doubled and cut",
    () => {
      const lines = readCrashTraces().flatMap(({ text }) => text.split("\n"));
      if (lines.length === 0) return;
      const line = fc.integer({ min: 0, max: lines.length - 1 }).map((i) => lines[i] as string);
      const cut = fc.tuple(line, fc.nat(200)).map(([text, at]) => text.slice(at));
      fc.assert(
        fc.property(fc.array(fc.oneof(line, cut), { maxLength: 60 }), fc.constantFrom(...policies), (some, policy) =>
          expectSound(readCrash(some.join("\n"), policy)),
        ),
        { numRuns: 300 },
      );
    },
    timeoutMs,
  );

  it("is not read beyond the limits", () => {
    const crash = "\n==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000001230 at pc 0x1";
    expect(readCrash(`${" ".repeat(limits.textMax)}${crash}`)).toBeNull();
    expect(readCrash(`${"x\n".repeat(limits.linesMax)}${crash}`)).toBeNull();
    expect(readCrash(`${" ".repeat(limits.lineMax)}${crash.trim()}`)).toBeNull();
  });

  /**
   * As long as texts may be, and made of what rules look for. Reading one takes seconds at most; what grew with the
   * square of a line's length would take hours.
   */
  it.each([
    ["texts of one line", "==1==ERROR: AddressSanitizer: ", ""],
    ["lines as long as lines may be", "AddressSanitizer on address 0x", "\n"],
    ["frames", "    #0 0x1 in a(b) c.cc:1:2\n", ""],
    ["frames of kernels", "[<ff>] ", "\n"],
    ["brackets", "[:(", "\n"],
    ["quotes", ":'", "\n"],
    ["addresses", "0x1 +0x12345 #0 ", "\n"],
    ["mangled names", "1 a 0x1 _ZN1aI", " + 1\n"],
    ["substitutions", "SA", "\n"],
    ["open brackets", " (", "\n"],
    ["short lines", "#\n", ""],
    ["a stack that overflows", "AddressSanitizer: stack-overflow on address 0x1\n#1 0x1 in aaa\n#1 0x1 in aab\n", ""],
  ])(
    "is read in bounded time: %s",
    (_name, part, end) => {
      const line = part.repeat(Math.floor((limits.lineMax - end.length) / part.length)) + end;
      const text = `==1==ERROR: AddressSanitizer: stack-overflow on address 0x1\n${line.repeat(limits.textMax / line.length)}`;
      expectSound(readCrash(text, { exhaustion: "crash", target: null }));
    },
    timeoutMs,
  );
});
