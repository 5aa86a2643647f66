import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex, toUtf8 } from "../../core/bytes.ts";
import { bodyBytesHash } from "../../core/statements.ts";
import { type EntryKind, kindNumberOf } from "../../market/entries.ts";
import { sha256 } from "../crypto.ts";
import { packPortion, unpackPortion } from "./portion.ts";

describe("a portion", () => {
  const record = fc.record({
    encoded: fc.uint8Array({ maxLength: 40 }),
    attachment: fc.option(fc.uint8Array({ maxLength: 20 })),
  });

  it("gives the records that were packed, with empty attachments and without any", () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const plain = (some: typeof records) =>
          some.map(({ encoded, attachment }) => [[...encoded], attachment === null ? null : [...attachment]]);
        expect(plain(unpackPortion(packPortion(records)) as typeof records)).toEqual(plain(records));
      }),
    );
  });

  it("has the hash of each submission's body, and of nothing else", () => {
    const of = (kind: EntryKind) => Uint8Array.of(kindNumberOf(kind), 7);
    const body = toUtf8('{"answer":"yes"}');
    const records = [
      { encoded: of("submitted"), attachment: body },
      { encoded: of("batchAdded"), attachment: body },
      { encoded: of("submitted"), attachment: null },
      { encoded: of("submitted"), attachment: new Uint8Array() },
    ];
    const hashes = unpackPortion(packPortion(records)).map(({ bodyHash = null }) => bodyHash && toHex(bodyHash));
    const hashOf = (bytes: Uint8Array) => toHex(bodyBytesHash(sha256, bytes));
    expect(hashes).toEqual([hashOf(body), null, null, hashOf(new Uint8Array())]);
  });
});
