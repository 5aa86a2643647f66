import { limits } from "./limits.ts";
import { isDigit } from "./pattern.ts";
import { onlyPrintable } from "./texts.ts";

const jniError = "JNI DETECTED ERROR IN APPLICATION:";

/**
 * A line of a state without what differs from run to run: addresses, long numbers, characters that are not printed.
 * The rules are ClusterFuzz's (`filter_addresses_and_numbers`).
 */
export function normaliseLine(line: string): string {
  const printable = onlyPrintable(line).replace(jniError, "JNI:");
  return withoutNumbers(withoutAddresses(withoutOffset(printable)));
}

/**
 * Long lines are cut. Not a function's qualified name: its end says which function it is. A name with the hash that
 * Rust puts behind it is cut, as ClusterFuzz cuts every line.
 */
export function cutLine(line: string): string {
  if (line.startsWith("Bad-cast")) return line.slice(0, limits.castLineMax);
  const isName = runOf(line, 0, isOfName) === line.length && !line.includes("::h");
  return line.slice(0, isName ? limits.nameMax : limits.stateLineMax);
}

const isOfName = (each: string | undefined): boolean =>
  isOfNumber(each) || isLetter(each) || "_:~$".includes(each ?? " ");

const isHexDigit = (each: string | undefined): boolean => each !== undefined && "0123456789abcdefABCDEF".includes(each);

function runOf(text: string, from: number, isOf: (each: string | undefined) => boolean): number {
  let to = from;
  while (to < text.length && isOf(text[to])) to++;
  return to;
}

/** `function+0x12` at the end of a line. */
function withoutOffset(line: string): string {
  const plus = line.lastIndexOf("+0x");
  if (plus === -1 || plus + 3 === line.length) return line;
  return runOf(line, plus + 3, isHexDigit) === line.length ? line.slice(0, plus) : line;
}

const addressDigitsMin = 4;

function withoutAddresses(line: string): string {
  let out = "";
  let at = 0;
  for (let found = line.indexOf("0x"); found !== -1; found = line.indexOf("0x", at)) {
    const end = runOf(line, found + 2, isHexDigit);
    out += line.slice(at, found);
    if (end - found - 2 < addressDigitsMin) {
      out += line.slice(found, found + 2);
      at = found + 2;
    } else {
      out += "ADDRESS";
      at = runOf(line, end, (each) => each === "U");
    }
  }
  return out + line.slice(at);
}

const numberDigitsMin = 4;
const isOfNumber = (each: string | undefined): boolean => each !== undefined && "0123456789.".includes(each);
const isLetter = (each: string | undefined): boolean =>
  each !== undefined && ((each >= "a" && each <= "z") || (each >= "A" && each <= "Z"));

/** Not the line of a source file, nor the version of a library: a colon before, a letter behind. */
function withoutNumbers(line: string): string {
  let out = "";
  let at = 0;
  while (at < line.length) {
    if (!isOfNumber(line[at])) {
      out += line[at];
      at++;
      continue;
    }
    const end = runOf(line, at, isOfNumber);
    const run = line.slice(at, end);
    const before = line[at - 1] ?? "";
    const isLong = run.length >= numberDigitsMin;
    const isCounted = before !== "" && "@#".includes(before) && allDigits(run);
    const isNumber = before !== ":" && !isLetter(line[end]) && (isLong || isCounted);
    out += isNumber ? "NUMBER" : run;
    at = end;
  }
  return out;
}

function allDigits(run: string): boolean {
  for (let i = 0; i < run.length; i++) if (!isDigit(run.charCodeAt(i))) return false;
  return true;
}
