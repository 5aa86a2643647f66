import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";

/** A digit run this long, or an exponent with three digits, may be a number that JavaScript would change. */
const maybeInexact = /\d{16}|\d[eE]\+?\d{3}/;
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const maybeBadText = /\\u(?:[dD][89a-fA-F]|005)|__proto__/;

/**
 * JSON as it was meant or not at all: bytes that are not UTF-8, integers that a double would round, lone surrogates and
 * `__proto__` names are refused, where JSON.parse would quietly change or accept them.
 */
export function addJsonParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, bytes, done) => {
    const buffer = bytes as Buffer;
    if (buffer.length === 0) return done(null, undefined);
    const read = readJson(buffer);
    if ("problem" in read) done(earnestError("MALFORMED_REQUEST", { where: "body", problem: read.problem }));
    else done(null, read.value);
  });
}

/** The value of a JSON text, or what is wrong with it. */
export function readJson(bytes: Buffer): { readonly value: Json } | { readonly problem: string } {
  return isUtf8(bytes) ? readJsonText(bytes.toString("utf8")) : { problem: "is not valid UTF-8" };
}

export function readJsonText(text: string): { readonly value: Json } | { readonly problem: string } {
  try {
    const value = JSON.parse(text) as Json;
    const problem = problemOf(text, value);
    return problem === null ? { value } : { problem };
  } catch (error) {
    return { problem: `is not JSON (${(error as Error).message})` };
  }
}

function problemOf(text: string, value: Json): string | null {
  if (maybeInexact.test(text)) {
    const inexact = inexactNumber(text);
    if (inexact !== null) return `holds the number ${inexact.slice(0, 40)}, which cannot be kept exactly`;
  }
  return maybeBadText.test(text) ? badText(value) : null;
}

/** The first integer beyond 2^53 or number beyond the range of doubles in a JSON text. */
function inexactNumber(text: string): string | null {
  for (const [token] of text.matchAll(stringOrNumber)) {
    if (token.startsWith('"')) continue;
    const value = Number(token);
    const isInteger = /^-?\d+$/.test(token);
    if (!Number.isFinite(value) || (isInteger && !Number.isSafeInteger(value))) return token;
  }
  return null;
}

/** A lone surrogate has no UTF-8; the name `__proto__` means something else wherever the value is copied. */
function badText(value: Json): string | null {
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === "string" && /\p{Surrogate}/u.test(next)) return "holds a lone surrogate";
    if (next === null || typeof next !== "object") continue;
    if (Object.hasOwn(next, "__proto__")) return "holds the forbidden name __proto__";
    for (const [name, each] of Object.entries(next)) waiting.push(name, each);
  }
  return null;
}

/** Deeper JSON than this helps nobody and overflows stacks. */
const depthMax = 64;

/** @throws MALFORMED_REQUEST where a value of free form is nested too deeply. */
export function requireShallow(value: unknown, where: string, depth = 0): void {
  if (value === null || typeof value !== "object") return;
  if (depth >= depthMax) {
    throw earnestError("MALFORMED_REQUEST", { where, problem: `is nested more than ${depthMax} levels deep` });
  }
  for (const each of Array.isArray(value) ? value : Object.values(value)) requireShallow(each, where, depth + 1);
}
