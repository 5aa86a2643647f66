import { type Bytes32, toUtf8 } from "../core/bytes.ts";
import { type Hash, taggedHash, tags } from "../core/hash.ts";
import { canonicalJson, type Json } from "../core/json.ts";

/**
 * The hash of a task: of the canonical JSON of its id and content. `text` is the content as `JSON.stringify` gives it, which
 * is its canonical form (RFC 8785) wherever names stand in order; an import hashes millions, most of which do.
 */
export function taskHash(hash: Hash, id: string, content: Json, text: string): Bytes32 {
  const canonical = isOrdered(content) ? text : canonicalJson(content);
  return taggedHash(hash, tags.task, toUtf8(`{"content":${canonical},"id":${JSON.stringify(id)}}`));
}

/** Whether all names stand in the order of their UTF-16 code units, which is that of `<`. */
function isOrdered(value: Json): boolean {
  if (value === null || typeof value !== "object") return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  const named = value as { readonly [name: string]: Json };
  let last = "";
  for (const name in named) {
    if (name < last || !isOrdered(named[name] as Json)) return false;
    last = name;
  }
  return true;
}
