import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonHash, tags } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { sha256 } from "../main/crypto.ts";
import { taskHash } from "./task-hash.ts";

it("a task's hash is that of the canonical JSON of its id and content, whatever the order of names", () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (id, value) => {
      const text = JSON.stringify(value);
      // As it arrives: after a parser.
      const content = JSON.parse(text) as Json;
      const hash = taskHash(sha256, id, content, JSON.stringify(content));
      expect(hash).toEqual(jsonHash(sha256, tags.task, { id, content }));
    }),
  );
  for (const content of [
    { b: 1, a: 2 },
    { 10: 1, 9: 2 },
    { a: { d: [], c: {} } },
    [{ z: 0, y: 1 }],
    { "\ufb33": 1, "😀": 2 },
  ]) {
    const hash = taskHash(sha256, "x", content, JSON.stringify(content));
    expect(hash).toEqual(jsonHash(sha256, tags.task, { id: "x", content }));
  }
});
