import { base64, hex } from "@scure/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64Size, decodeBase64, decodeBase64Into, encodeBase64 } from "./base64.ts";
import { decodeHex, encodeHex } from "./hex.ts";

const encodings = [
  { name: "hexadecimal", encode: encodeHex, decode: decodeHex, reference: hex, alphabet: "0123456789abcdefAFgG=é" },
  { name: "base64", encode: encodeBase64, decode: decodeBase64, reference: base64, alphabet: "AQgw4Zaz09+/-_= \n=é" },
] as const;

/** What an independent library makes of a text: null where it refuses it. */
function referenceOf(decode: (text: string) => Uint8Array, text: string): Uint8Array | null {
  try {
    return decode(text);
  } catch {
    return null;
  }
}

describe.each(encodings)("$name", ({ encode, decode, reference, alphabet }) => {
  const plain = (bytes: Uint8Array | null) => (bytes === null ? null : [...bytes]);

  it("is what another library writes, and reads back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(encode(bytes)).toBe(reference.encode(bytes));
        expect(plain(decode(encode(bytes)))).toEqual([...bytes]);
      }),
    );
  });

  it("of each byte in each place reads back", () => {
    for (let length = 0; length < 5; length++) {
      for (let byte = 0; byte < 256; byte++) {
        const bytes = new Uint8Array(length).fill(byte);
        expect(plain(decode(reference.encode(bytes)))).toEqual([...bytes]);
      }
    }
  });

  it("takes and refuses what another library takes and refuses", () => {
    const letter = fc.constantFrom(...Array.from(alphabet));
    fc.assert(
      fc.property(fc.string({ unit: letter, maxLength: 9 }), (text) => {
        expect(plain(decode(text))).toEqual(plain(referenceOf(reference.decode, text)));
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes a text with one letter altered only where another library does", () => {
    const text = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => reference.encode(bytes));
    fc.assert(
      fc.property(text, fc.nat(), fc.constantFrom(...Array.from(alphabet)), (whole, at, letter) => {
        const place = at % whole.length;
        const altered = whole.slice(0, place) + letter + whole.slice(place + 1);
        expect(plain(decode(altered))).toEqual(plain(referenceOf(reference.decode, altered)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("base64", () => {
  it.each(["=", "==", "===", "====", "A===", "AA=A", "AB==", "AAB=", "AA==AA==", "AA=", "AA", "A A=", "AA-_"])(
    'is not "%s"',
    (text) => {
      expect(decodeBase64(text)).toBeNull();
    },
  );
});

describe("base64 among other bytes", () => {
  const decoded = (text: Uint8Array, from: number, to: number): Uint8Array | null => {
    const size = base64Size(text, from, to);
    const into = new Uint8Array(size ?? 0);
    return size !== null && decodeBase64Into(into, text, from, to) ? into : null;
  };

  it("reads what the text by itself does, and refuses the same", () => {
    const letters = fc.constantFrom(...Array.from('AQgw4Zaz09+/-_= "\n=\u00e9\u00ff'));
    const texts = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map(encodeBase64),
      fc.array(letters, { maxLength: 12 }).map((each) => each.join("")),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(60), letters).map(([bytes, at, letter]) => {
        const text = encodeBase64(bytes).split("");
        text[at % text.length] = letter;
        return text.join("");
      }),
    );
    fc.assert(
      fc.property(texts, fc.nat(5), (text, before) => {
        const around = Buffer.from(`${"A".repeat(before)}${text}A"`, "latin1");
        expect(decoded(around, before, before + text.length)).toEqual(decodeBase64(text));
      }),
    );
  });
});
