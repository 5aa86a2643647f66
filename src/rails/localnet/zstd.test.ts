import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { zstdFrame } from "./zstd.ts";

/** The official program, where it is installed. */
const unpack = (frame: Uint8Array) => spawnSync("zstd", ["-dc"], { input: frame, maxBuffer: 1 << 24 });
const isInstalled = spawnSync("zstd", ["--version"]).status === 0;

describe("a frame", () => {
  it("holds the bytes as they are, in blocks", () => {
    const frame = zstdFrame(Uint8Array.of(1, 2, 3));
    expect([...frame]).toEqual([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 3, 0, 0, 0, 3 * 8 + 1, 0, 0, 1, 2, 3]);
    expect(zstdFrame(new Uint8Array((128 << 10) + 1))).toHaveLength(9 + 2 * 3 + (128 << 10) + 1);
  });

  it.runIf(isInstalled).each([0, 1, 165, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, 700_000])(
    "of %i bytes is unpacked by the official program",
    (size) => {
      const data = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
      const { status, stdout } = unpack(zstdFrame(data));
      expect(status).toBe(0);
      expect(Buffer.compare(stdout, data)).toBe(0);
    },
  );
});
