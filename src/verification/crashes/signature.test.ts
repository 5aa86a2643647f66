import { describe, expect, it } from "vitest";
import { sha256 } from "../../../test/support/market-hash.ts";
import { toHex } from "../../core/bytes.ts";
import type { Crash } from "./crash.ts";
import { readCrash } from "./read-crash.ts";
import { crashSignature } from "./signature.ts";

const signatureOf = (crash: Pick<Crash, "type" | "state">): string => toHex(crashSignature(sha256, crash));

describe("a crash signature", () => {
  it.each([
    [
      { type: "Heap-use-after-free\nREAD 4", state: ["take", "parse_item", "parse"] },
      "0765ab918d47ecccd542324e14dc8dcb7be0e19653ca1d3be49d3dde39874d0b",
    ],
    [
      { type: "Uncaught TypeError", state: ["take", "parse"] },
      "4c30331cb43573fd19ba5e4c5b29f28aa258106715e447658f9ee0da67ad9377",
    ],
    [{ type: "ASSERT", state: ['x != "ä"', "f"] }, "f282e9f6f75d77004e5dde701d4a99b63dd1c8829e097b07eedf80ec7679c898"],
    [{ type: "GPU failure", state: ["NULL"] }, "44af653860cbcb3cbe9870878aea870ac477cc10d80b97e9f9859df532f36c4f"],
  ])("is pinned: %j", (crash, hex) => expect(signatureOf(crash)).toBe(hex));

  const report = (
    address: string,
    pid: number,
  ): string => `==${pid}==ERROR: AddressSanitizer: heap-use-after-free on address 0x${address} at pc 0x1
READ of size 4 at 0x${address} thread T0
    #0 0x${address}1 in take(char const*) src/parser.c:11:5
    #1 0x${address}2 in parse src/parser.c:12:5`;
  const read = (text: string): Crash => readCrash(text) as Crash;

  it("is the same in every run", () => {
    expect(signatureOf(read(report("602000001230", 1)))).toBe(signatureOf(read(report("60200000cccc", 2))));
  });

  it("is another one where something else happened, or elsewhere", () => {
    const one = read(report("602000001230", 1));
    expect(signatureOf({ ...one, type: "UNKNOWN" })).not.toBe(signatureOf(one));
    expect(signatureOf({ ...one, state: one.state.toReversed() })).not.toBe(signatureOf(one));
    expect(signatureOf({ ...one, state: [one.state.join("")] })).not.toBe(signatureOf(one));
  });
});
