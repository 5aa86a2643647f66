import { describe, expect, it } from "vitest";
import { jsonPointer } from "./json-pointer.ts";

describe("a JSON pointer", () => {
  it.each([
    ["", ""],
    ["terms", "/terms"],
    ["verification.all[1].match.tolerance", "/verification/all/1/match/tolerance"],
    ["a[0][12].b", "/a/0/12/b"],
    ["a~b.c/d", "/a~0b/c~1d"],
  ])("to %j is %j", (path, pointer) => {
    expect(jsonPointer(path)).toBe(pointer);
  });
});
