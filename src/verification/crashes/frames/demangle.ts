import { isDigit } from "../pattern.ts";

/** Nested deeper, or longer, a name is left as it is. */
const partsMax = 64;
const lengthMax = 2_048;

/**
 * The qualified name in a mangled one of the Itanium C++ ABI: `_ZN2ui10FlingCurveC2ERKN3gfx…` is
 * `ui::FlingCurve::FlingCurve`. Template arguments are left out, as are those of the call: a state has neither.
 */
export function demangle(name: string): string {
  const start = name.startsWith("__ZN") ? 4 : name.startsWith("_ZN") ? 3 : -1;
  if (start === -1 || name.length > lengthMax) return name;
  const parts: string[] = [];
  let at = start;
  // Qualifiers of the member function: const, volatile, reference.
  while ("rVKRO".includes(name[at] ?? "-")) at++;
  while (at < name.length && parts.length < partsMax) {
    const rest = name.slice(at, at + 2);
    if (rest === "St") {
      parts.push("std");
      at += 2;
    } else if ("CD".includes(rest.slice(0, 1)) && isDigitAt(name, at + 1) && parts.length > 0) {
      const own = parts.at(-1) as string;
      parts.push(rest.startsWith("D") ? `~${own}` : own);
      at += 2;
    } else if (name[at] === "L") {
      at++;
    } else if (name[at] === "I") {
      const end = endOfArguments(name, at);
      if (end === -1) return name;
      at = end;
    } else if (isDigitAt(name, at)) {
      const part = sourceName(name, at);
      if (part === null) return name;
      parts.push(part.text);
      at = part.end;
    } else break;
  }
  if (parts.length === 0) return name;
  return parts.map((part) => (part.startsWith("_GLOBAL__N") ? "(anonymous namespace)" : part)).join("::");
}

const isDigitAt = (name: string, at: number): boolean => at < name.length && isDigit(name.charCodeAt(at));

/** A length and as many characters. */
function sourceName(name: string, at: number): { readonly text: string; readonly end: number } | null {
  let from = at;
  let length = 0;
  while (isDigitAt(name, from) && length < name.length) {
    length = length * 10 + Number(name[from]);
    from++;
  }
  const end = from + length;
  return length === 0 || end > name.length ? null : { text: name.slice(from, end), end };
}

const substitutionDigits = "_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Behind the `E` that ends what an `I` begins. Names within are passed over whole: they may hold any letter. */
function endOfArguments(name: string, at: number): number {
  let depth = 0;
  let i = at;
  while (i < name.length) {
    if (isDigitAt(name, i)) {
      const part = sourceName(name, i);
      i = part === null ? i + 1 : part.end;
      continue;
    }
    const each = name[i];
    if (each === "S") {
      // A substitution: S_, S0_, SA_, St, Sa, …
      const end = name.indexOf("_", i);
      i = substitutionDigits.includes(name[i + 1] ?? "-") && end !== -1 ? end + 1 : i + 2;
      continue;
    }
    if (each === "I" || each === "N" || each === "F" || each === "X" || each === "J" || each === "L") depth++;
    if (each === "E" && --depth === 0) return i + 1;
    i++;
  }
  return -1;
}
