import { describe, expect, it } from "vitest";
import { homesOfThings, purity } from "./calls.ts";
import { foundBy } from "./testing.ts";

const impure = (text: string): string[] =>
  foundBy(purity, { "src/market/a.ts": text }).map((each) => each.replace(/^\S+ | in a pure folder$/g, ""));

describe("pure folders", () => {
  it.each([
    ["const at = Date.now();", "Date"],
    ["const at = new Date(0);", "Date"],
    ["performance.now();", "performance"],
    ["const { random } = Math, x = Math.random();", "Math.random"],
    ["Math.log2(x); ", "Math.log2"],
    ["a.localeCompare(b);", "localeCompare"],
    ["setTimeout(f, 1);", "setTimeout"],
    ["crypto.subtle;", "crypto"],
    ["new Intl.Collator();", "Intl"],
    ["globalThis.x;", "globalThis"],
  ])("refuse %s", (text, name) => {
    expect(impure(text)).toContain(name);
  });

  it.each([
    "Math.floor(x) + Math.sqrt(y) + Math.max(a, b);",
    "const task = { process: 1, fetch: 2 };",
    "// Date.now\nconst text = 'new Date()';",
    "spec.process.crypto;",
  ])("let stand %s", (text) => {
    expect(impure(text)).toEqual([]);
  });

  it("bind neither tests nor other folders", () => {
    const text = "Date.now();";
    expect(foundBy(purity, { "src/core/a.test.ts": text, "src/engine/a.ts": text })).toEqual([]);
  });
});

describe("what has one home", () => {
  const texts = (layer: string): Record<string, string> => ({
    [`src/${layer}/a.ts`]: 'process.env["A"];\ndb.query("BEGIN");\nconsole.log("begin with this");\n',
  });

  it("is refused elsewhere", () => {
    expect(foundBy(homesOfThings, texts("store"))).toEqual([
      "src/store/a.ts:1 process.env here",
      "src/store/a.ts:2 starting a database transaction here",
      "src/store/a.ts:3 console here",
    ]);
  });

  it("is at home there", () => {
    expect(foundBy(homesOfThings, texts("main"))).toEqual(["src/main/a.ts:2 starting a database transaction here"]);
    expect(foundBy(homesOfThings, texts("engine"))).toHaveLength(2);
    expect(foundBy(homesOfThings, { "scripts/a.ts": "process.env; console.log()" })).toEqual([]);
  });
});
