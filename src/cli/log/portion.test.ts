import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex, toUtf8 } from "../../core/bytes.ts";
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

  it("has the hash of a body where it was known, wherever its record stands", () => {
    const body = toUtf8('{"answer":"yes"}');
    const bodyHash = sha256(body);
    const records = [
      { encoded: Uint8Array.of(1), attachment: body, bodyHash },
      { encoded: Uint8Array.of(2, 3), attachment: body, bodyHash: null },
      { encoded: new Uint8Array(), attachment: null },
      { encoded: Uint8Array.of(4), attachment: new Uint8Array(), bodyHash },
    ];
    const hashes = unpackPortion(packPortion(records)).map(({ bodyHash: hash = null }) => hash && toHex(hash));
    expect(hashes).toEqual([toHex(bodyHash), null, null, toHex(bodyHash)]);
    expect(unpackPortion(packPortion(records)).map(({ encoded }) => [...encoded])).toEqual([[1], [2, 3], [], [4]]);
  });
});
