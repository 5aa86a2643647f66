import { expect, it } from "vitest";
import { murmur3 } from "./murmur3.ts";

it.each([
  // The reference implementation's, seed 0.
  ["", 0],
  ["a", 0x3c2569b2],
  ["ab", 0x9bbfd75f],
  ["abc", 0xb3dd93fa],
  ["abcd", 0x43ed676a],
  // As disassemblers of sBPF programs show them.
  ["abort", 0xb6fc1a11],
  ["sol_log_", 0x207559bd],
  ["sol_panic_", 0x686093bb],
  ["sol_memcpy_", 0x717cc4a3],
  ["sol_invoke_signed_c", 0xa22b9c85],
  ["sol_invoke_signed_rust", 0xd7449092],
  ["sol_sha256", 0x11f49d86],
])("hashes %j", (text, hash) => expect(murmur3(text)).toBe(hash));
