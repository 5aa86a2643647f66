import { describe, expect, it } from "vitest";
import { viewOf } from "./elf-object.ts";
import { link } from "./link.ts";
import { murmur3 } from "./murmur3.ts";
import { codeOf, exit, instructionBytes, objectOf, type TestObject } from "./testing-object.ts";

const callOpcode = 0x85;
const entry = { name: "entrypoint", section: ".text" };
const call = (immediate = -1): Uint8Array => instructionBytes(callOpcode, 0x10, 0, immediate);
const load64 = (addend = 0): Uint8Array => Buffer.concat([instructionBytes(0x18, 1, 0, addend), instructionBytes(0)]);
const text = (...instructions: readonly Uint8Array[]) => ({
  name: ".text",
  bytes: codeOf(...instructions),
  isCode: true,
});
const letters = { name: ".rodata", bytes: Uint8Array.from(Buffer.from("letters!")) };

const linked = (object: TestObject): { view: DataView; code: Uint8Array; data: Uint8Array } => {
  const image = link(objectOf(object));
  const view = viewOf(image);
  const segment = (at: number): Uint8Array => {
    const [offset, size] = [Number(view.getBigUint64(at + 8, true)), Number(view.getBigUint64(at + 32, true))];
    return image.subarray(offset, offset + size);
  };
  return { view, data: segment(64), code: segment(64 + 56) };
};

describe("the image", () => {
  it("is an sBPF v3 program: read-only data at address 0, code above, entered where the symbol says", () => {
    const { view } = linked({
      sections: [text(exit, exit), letters],
      symbols: [{ ...entry, value: 8 }],
    });
    expect(view.getUint32(0)).toBe(0x7f454c46);
    expect([view.getUint16(16, true), view.getUint16(18, true), view.getUint32(48, true)]).toEqual([3, 247, 3]);
    expect(view.getBigUint64(24, true)).toBe(0x1_0000_0008n);
    expect(view.getUint16(56, true)).toBe(2);
    const [data, code] = [64, 64 + 56].map((at) => ({
      flags: view.getUint32(at + 4, true),
      address: view.getBigUint64(at + 16, true),
    }));
    expect([data, code]).toEqual([
      { flags: 4, address: 0n },
      { flags: 1, address: 0x1_0000_0000n },
    ]);
  });

  it("leaves the first 16 bytes of the data unused, so that nothing has the address of a null pointer", () => {
    const { data } = linked({ sections: [text(), letters], symbols: [entry] });
    expect([...data.subarray(0, 16)]).toEqual(Array.from({ length: 16 }, () => 0));
    expect(Buffer.from(data.subarray(16)).toString()).toBe("letters!");
  });

  it("has those 16 bytes also without any data", () => {
    expect(linked({ sections: [text()], symbols: [entry] }).data).toHaveLength(16);
  });

  it("is the same every time", () => {
    const object = objectOf({ sections: [text(exit), letters], symbols: [entry] });
    expect(link(object)).toEqual(link(object));
  });
});

describe("relocations", () => {
  it("a system call gets the hash of its name, and source register 0", () => {
    const { code } = linked({
      sections: [text(call())],
      symbols: [entry, { name: "sol_sha256" }],
      relocations: [{ section: ".text", offset: 0, type: 10, symbol: "sol_sha256" }],
    });
    expect(code[1]).toBe(0);
    expect(viewOf(code).getUint32(4, true)).toBe(murmur3("sol_sha256"));
  });

  it.each([
    ["forward", 0, 16, 1],
    ["backward", 16, 0, -3],
    ["to itself", 8, 8, -1],
  ])("a call %s gets the distance in instructions", (_, from, to, distance) => {
    const instructions = [0, 8, 16].map((at) => (at === from ? call() : exit));
    const { code } = linked({
      sections: [text(...instructions)],
      symbols: [entry, { name: "callee", section: ".text", value: to }],
      relocations: [{ section: ".text", offset: from, type: 10, symbol: "callee" }],
    });
    expect(code[from + 1]).toBe(0x10);
    expect(viewOf(code).getInt32(from + 4, true)).toBe(distance);
  });

  it("a call into another section counts from that section's place", () => {
    const other = { name: ".text.other", bytes: codeOf(exit), isCode: true };
    const { code } = linked({
      sections: [text(call(0)), other],
      symbols: [entry, { name: "other", section: ".text.other" }],
      relocations: [{ section: ".text", offset: 0, type: 10, symbol: "other" }],
    });
    // From instruction 0 to the second instruction of the section that begins at instruction 2.
    expect(viewOf(code).getInt32(4, true)).toBe(2);
  });

  it("a 64-bit load gets the address of data in its two halves", () => {
    const { code } = linked({
      sections: [text(load64(3)), letters],
      symbols: [entry, { name: ".rodata", section: ".rodata", value: 2 }],
      relocations: [{ section: ".text", offset: 0, type: 1, symbol: ".rodata" }],
    });
    const view = viewOf(code);
    expect([view.getUint32(4, true), view.getUint32(12, true)]).toEqual([16 + 2 + 3, 0]);
  });

  it("a pointer in data gets the address of code", () => {
    const pointers = { name: ".data.rel.ro", bytes: new Uint8Array(8), isWritable: true };
    const { data } = linked({
      sections: [text(exit), pointers],
      symbols: [entry, { name: "function", section: ".text", value: 8 }],
      relocations: [{ section: ".data.rel.ro", offset: 0, type: 2, symbol: "function" }],
    });
    expect(viewOf(data).getBigUint64(16, true)).toBe(0x1_0000_0008n);
  });
});

describe("what cannot become a program is refused", () => {
  const call0 = { section: ".text", offset: 0, type: 10 };

  it.each<[string, TestObject, string]>([
    [
      "an unknown system call",
      {
        sections: [text(call())],
        symbols: [entry, { name: "sol_wish" }],
        relocations: [{ ...call0, symbol: "sol_wish" }],
      },
      "sol_wish is neither defined nor a system call",
    ],
    [
      "a library function that the compiler added",
      { sections: [text(call())], symbols: [entry, { name: "memcpy" }], relocations: [{ ...call0, symbol: "memcpy" }] },
      "memcpy is neither",
    ],
    [
      "a writable global",
      { sections: [text(), { name: ".data", bytes: new Uint8Array(8), isWritable: true }], symbols: [entry] },
      ".data: a program cannot have writable globals",
    ],
    [
      "a zeroed global",
      {
        sections: [text(), { name: ".bss", bytes: new Uint8Array(0), emptySize: 8, isWritable: true }],
        symbols: [entry],
      },
      ".bss: a program cannot have writable globals",
    ],
    ["no entry", { sections: [text()], symbols: [{ name: "main", section: ".text" }] }, "does not define entrypoint"],
    [
      "an address that is defined nowhere",
      {
        sections: [text(load64())],
        symbols: [entry, { name: "elsewhere" }],
        relocations: [{ section: ".text", offset: 0, type: 1, symbol: "elsewhere" }],
      },
      "elsewhere is not defined",
    ],
    [
      "another relocation",
      { sections: [text(exit)], symbols: [entry], relocations: [{ ...call0, type: 3, symbol: "entrypoint" }] },
      "a relocation of type 3",
    ],
    ["32-bit arithmetic", { sections: [text(instructionBytes(0x04))], symbols: [entry] }, "compile with -mcpu=v2"],
  ])("%s", (_, object, problem) => {
    expect(() => link(objectOf(object))).toThrow(problem);
  });

  it.each([
    ["a text", Buffer.from("int main(void) { return 0; }".repeat(4)), "no ELF file"],
    ["nothing", new Uint8Array(0), "no ELF file"],
    ["an object of another machine", withByte(18, 62), "no relocatable BPF object"],
    ["an object of the other byte order", withByte(5, 2), "not 64-bit little-endian"],
    ["a program that is linked already", withByte(16, 3), "no relocatable BPF object"],
  ])("%s", (_, bytes, problem) => {
    expect(() => link(bytes)).toThrow(problem);
  });
});

function withByte(at: number, value: number): Uint8Array {
  const bytes = objectOf({ sections: [text()], symbols: [entry] });
  bytes[at] = value;
  return bytes;
}
