import { describe, expect, it } from "vitest";
import { refuseUnsafeCode } from "./refuse.ts";
import { codeOf, instructionBytes } from "./testing-object.ts";

const framePointer = 10;

describe("code that sBPF would run otherwise, or not at all", () => {
  it.each([
    ["a 32-bit addition", instructionBytes(0x04), "32-bit arithmetic"],
    ["a 32-bit move", instructionBytes(0xbc), "32-bit arithmetic"],
    ["a 32-bit division", instructionBytes(0x34), "32-bit arithmetic"],
    ["a 32-bit comparison", instructionBytes(0x16), "32-bit comparison"],
    ["a signed division", instructionBytes(0x3f, 0x10, 1), "signed division"],
    ["a sign-extending move", instructionBytes(0xbf, 0x10, 8), "sign-extending move"],
    ["a sign-extending load of a byte", instructionBytes(0x91), "sign-extending load"],
    ["a sign-extending load of a word", instructionBytes(0x81), "sign-extending load"],
    ["an atomic addition", instructionBytes(0xdb), "atomic"],
    ["an atomic 32-bit addition", instructionBytes(0xc3), "atomic"],
    ["a packet load", instructionBytes(0x20), "packet load"],
    ["a call through a pointer", instructionBytes(0x8d), "through a pointer"],
    ["a load below the frame", instructionBytes(0x79, framePointer << 4, -4104), "a frame of 4104 bytes"],
    ["a store below the frame", instructionBytes(0x7b, framePointer, -4104), "a frame of 4104 bytes"],
    ["a constant stored below the frame", instructionBytes(0x7a, framePointer, -5000), "a frame of 5000 bytes"],
  ])("%s is refused", (_, instruction, problem) => {
    expect(() => refuseUnsafeCode(codeOf(instruction))).toThrow(problem);
  });

  it("an address computed below the frame is refused", () => {
    const address = [instructionBytes(0xbf, (framePointer << 4) | 1), instructionBytes(0x07, 1, 0, -4097)];
    expect(() => refuseUnsafeCode(codeOf(...address))).toThrow("a frame of 4097 bytes");
  });

  it("says which instruction it is", () => {
    expect(() => refuseUnsafeCode(codeOf(instructionBytes(0x07), instructionBytes(0x04)))).toThrow("instruction 1 ");
  });
});

describe("what clang writes for -mcpu=v2", () => {
  it.each([
    ["64-bit arithmetic", instructionBytes(0x0f, 0x21)],
    ["an unsigned division", instructionBytes(0x3f, 0x21)],
    ["plain loads", instructionBytes(0x71, 0x21)],
    ["plain stores", instructionBytes(0x63, 0x21)],
    ["a byte swap", instructionBytes(0xdc, 0x01, 0, 32)],
    ["a call", instructionBytes(0x85)],
    ["the whole frame", instructionBytes(0x7b, framePointer, -4096)],
    ["a large offset from another register", instructionBytes(0x7b, 1, -5000)],
  ])("%s passes", (_, instruction) => {
    expect(() => refuseUnsafeCode(codeOf(instruction))).not.toThrow();
  });

  it("the second half of a 64-bit load is no instruction", () => {
    expect(() => refuseUnsafeCode(codeOf(instructionBytes(0x18), instructionBytes(0x04)))).not.toThrow();
  });
});
