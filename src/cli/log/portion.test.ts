import fc from "fast-check";
import { describe, expect, it } from "vitest";
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
});
