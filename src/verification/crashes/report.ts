import { limits } from "./limits.ts";
import { isDigit, matchLine, pattern } from "./pattern.ts";
import type { Report } from "./rule.ts";
import { pythonTitles } from "./rules/languages.ts";

const signalOnly = pattern("{}SCARINESS: {:digits} (signal)");

const nativeFrame = "#0 0x";

/** What a report is of, by what only such reports have in them. */
export const aboutReport = (text: string): Report => ({
  isKasan: text.includes("KASAN"),
  isGo: text.includes(".go:"),
  isPython: text.includes('.py", line'),
  isJazzerJs: text.includes("Uncaught Exception: Jazzer.js"),
  isTrusty: text.includes("Trusted App crash stacktrace"),
  // A sanitizer's stack below tells the same frames, and more.
  isRust: text.includes("stack backtrace:") && !text.includes(nativeFrame),
  isJavaScript: text.includes("\n    at ") && !text.includes(nativeFrame),
  isSignalOnly: text.split("\n").some((line) => matchLine(signalOnly, line) !== null),
});

/** The lines of a report that say something of the crash, as far as the limits allow, in the order to read them in. */
export function linesOf(text: string, { isPython }: Report): string[] {
  const lines = text
    .split("\n", limits.linesMax)
    .flatMap((line) => separated(line.slice(0, limits.lineMax).trimEnd()))
    .map(withoutKernelTime)
    .filter((line) => line !== "" && !isNoise(line));
  return isPython ? pythonOrder(lines) : lines;
}

const deadlySignal = pattern("{before}Sanitizer:DEADLYSIGNAL{$}");
const sanitizers = ["Address", "Leak", "Memory", "UndefinedBehavior", "Thread"];

/** A sanitizer's line that hangs at the end of another line, without the line end between them. */
function separated(line: string): string[] {
  const before = matchLine(deadlySignal, line)?.["before"];
  const sanitizer = sanitizers.find((each) => before?.endsWith(each));
  if (before === undefined || sanitizer === undefined) return [line];
  return [before.slice(0, -sanitizer.length)];
}

/** `[   12.345678] ` in front of what a kernel logs. */
function withoutKernelTime(line: string): string {
  if (!line.startsWith("[")) return line;
  const close = line.indexOf("] ");
  if (close === -1 || close > kernelTimeMax) return line;
  const time = line.slice(1, close).trim();
  const point = time.indexOf(".");
  const isTime = point > 0 && point < time.length - 1;
  for (let i = 0; i < time.length; i++) if (i !== point && !isDigit(time.charCodeAt(i))) return line;
  return isTime ? line.slice(close + 2) : line;
}

const kernelTimeMax = 24;

/** Lines that hold what rules look for and say nothing of the crash (ClusterFuzz's list). */
const noise = [
  ":INFO:CONSOLE",
  "SUMMARY:",
  "WARNING: AddressSanitizer",
  "failed to mprotect 0x00010000",
  "text run at (",
  "Please include Java exception stack in crash report",
  "ASAN:DEADLYSIGNAL",
];

const isNoise = (line: string): boolean => noise.some((each) => line.includes(each));

const titles = pythonTitles.map(pattern);

/** Python writes the innermost frame last, and a sanitizer its own report below: the title stays in front. */
function pythonOrder(lines: readonly string[]): string[] {
  // Atheris writes its title above Python's.
  const start = titles
    .map((title) => lines.findIndex((line) => matchLine(title, line) !== null))
    .find((each) => each !== -1);
  if (start === undefined) return [];
  const below = lines.slice(start + 1);
  const end = below.findIndex((line) => line.includes("=========") || line.includes("== ERROR: "));
  return [lines[start] as string, ...below.slice(0, end === -1 ? undefined : end).reverse()];
}
