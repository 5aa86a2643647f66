import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex, toUtf8 } from "../../core/bytes.ts";
import { blockBytes, fourAtOnce, freeFrom } from "./four-at-once.ts";
import { sha256All } from "./sha256-all.ts";

const nothing = new Uint8Array();
const reference = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const hexes = (hashes: Uint8Array): string[] =>
  Array.from({ length: hashes.length / 32 }, (_, i) => toHex(hashes.subarray(32 * i, 32 * i + 32)));
const filled = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 89 + length) & 0xff);

describe("SHA-256 of many messages", () => {
  it("has the vectors of FIPS 180-4 and of NIST's examples", () => {
    const vectors: readonly [string, string][] = [
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      [
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      ],
      [
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
      ],
      ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
    ];
    expect(
      hexes(
        sha256All(
          nothing,
          vectors.map(([text]) => toUtf8(text)),
        ),
      ),
    ).toEqual(vectors.map(([, hash]) => hash));
  });

  it("is that of a hash object for every length up to where one is hashed alone, and beyond", () => {
    const messages = Array.from({ length: 1_200 }, (_, length) => filled(length, 1));
    expect(hexes(sha256All(nothing, messages))).toEqual(messages.map(reference));
  });

  it("is the same whatever stands beside a message, behind any prefix, in any part of a buffer", () => {
    const message = fc.record({ bytes: fc.uint8Array({ maxLength: 200 }), from: fc.nat({ max: 200 }) });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.array(message, { maxLength: 40 }), (prefix, parts) => {
        const messages = parts.map(({ bytes, from }) => bytes.subarray(from));
        const expected = messages.map((each) => reference(concatBytes(prefix, each)));
        expect(hexes(sha256All(prefix, messages))).toEqual(expected);
      }),
    );
  });

  it("leaves nothing of longer messages behind shorter ones, and gives hashes that stay", () => {
    const [long, short] = [filled(118, 2), filled(56, 3)];
    const before = sha256All(nothing, [long, long, long, long]);
    expect(hexes(sha256All(nothing, [short, long, short]))).toEqual([short, long, short].map(reference));
    expect(hexes(before)).toEqual([long, long, long, long].map(reference));
    expect(sha256All(nothing, [])).toHaveLength(0);
  });
});

describe("the program of four at once", () => {
  it("can be run here, so that it is what the tests above tried", () => {
    expect(WebAssembly.validate(fourAtOnce())).toBe(true);
  });

  it("hashes four different messages of several blocks, and writes nothing but their hashes", () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(fourAtOnce()));
    const memory = new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
    const hash = exports["hash"] as (at: number, blocks: number, out: number) => void;
    for (const blocks of [1, 2, 5]) {
      const messages = [0, 1, 2, 3].map((seed) => filled(blockBytes * blocks - 9, seed));
      for (const [i, message] of messages.entries()) {
        const at = freeFrom + blockBytes * blocks * i;
        memory.set(message, at);
        memory[at + message.length] = 0x80;
        memory.fill(0, at + message.length + 1, at + blockBytes * blocks);
        new DataView(memory.buffer).setUint32(at + blockBytes * blocks - 4, 8 * message.length);
      }
      const before = memory.slice();
      const out = 40_003;
      hash(freeFrom, blocks, out);
      expect(hexes(memory.slice(out, out + 128))).toEqual(messages.map(reference));
      before.set(memory.subarray(out, out + 128), out);
      expect(reference(memory)).toBe(reference(before));
    }
  });
});
