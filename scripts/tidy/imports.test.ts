import { describe, expect, it } from "vitest";
import { imports, importsOf } from "./imports.ts";
import { foundBy } from "./testing.ts";
import { codeOf, tokensOf } from "./tokens.ts";

const manifest = { "package.json": JSON.stringify({ dependencies: { pg: "1", zod: "1", "@noble/hashes": "1" } }) };
const found = (path: string, text: string): string[] => foundBy(imports, { ...manifest, [path]: text });

describe("imports", () => {
  it("are found in every form, and only there", () => {
    const source = `
      import type { A } from "./a.ts";
      import b, * as c from "./b.ts";
      import "./c.ts";
      export { d } from "./d.ts";
      const e = await import("./e.ts");
      const text = \`\${from} from "x" \${from}, which\`; // import "./f.ts"
    `;
    const specifiers = importsOf(codeOf(tokensOf(source))).map((each) => each.specifier);
    expect(specifiers).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts"]);
  });

  it.each([
    ["src/market/a.ts", "../core/b.ts"],
    ["src/market/a.ts", "./b.ts"],
    ["src/store/a.ts", "node:fs"],
    ["src/store/a.ts", "pg"],
    ["src/client/a.ts", "@noble/hashes/sha2.js"],
    ["src/main/a.ts", "../cli/b.ts"],
    ["src/engine/a.test.ts", "../client/b.ts"],
    ["src/core/a.test.ts", "node:crypto"],
    ["src/store/testing-server.ts", "vitest"],
    ["web/source/screens/a.tsx", "../../../src/market/b.ts"],
    ["web/source/a.tsx", "preact/hooks"],
    ["scripts/a.ts", "#src/core/b"],
    ["test/support/a.ts", "../../src/core/b.ts"],
  ])("let %s import %s", (path, specifier) => {
    expect(found(path, `import "${specifier}";\n`)).toEqual([]);
  });

  it.each([
    ["src/core/a.ts", "../market/b.ts", "core imports market"],
    ["src/ledger/a.test.ts", "../store/b.ts", "ledger imports store"],
    ["src/core/a.ts", "./b", 'imports "./b"'],
    ["src/core/a.ts", "./b.test.ts", "imports src/core/b.test.ts"],
    ["src/core/a.ts", "./testing.ts", "imports src/core/testing.ts"],
    ["src/store/a.ts", "../../scripts/b.ts", "imports scripts/b.ts"],
    ["src/market/a.ts", "node:crypto", "market imports node:crypto"],
    ["src/client/a.ts", "node:fs", "client imports node:fs"],
    ["src/store/a.ts", "fs", 'imports "fs"'],
    ["src/core/a.ts", "pg", "core imports the package pg"],
    ["src/store/a.ts", "#src/core/b", "store imports the package #src"],
    ["src/main/a.ts", "vitest", "vitest is not a dependency"],
    ["bench/a.ts", "../src/core/b.ts", 'imports "../src/core/b.ts"'],
    ["web/source/a.ts", "../../src/engine/b.ts", "web imports engine"],
    ["web/source/a.tsx", "node:fs", "web imports node:fs"],
    ["web/source/a.tsx", "react", "web imports the package react"],
    ["src/nowhere/a.ts", "./b.ts", "src/nowhere is no layer"],
  ])("refuse that %s imports %s", (path, specifier, message) => {
    expect(found(path, `\nimport "${specifier}";\n`).map((each) => each.replace(/^\S+ /, ""))).toEqual([message]);
  });

  it("have no barrels", () => {
    expect(found("src/core/index.ts", 'export * from "./a.ts";\n')).toEqual([
      "src/core/index.ts:1 a barrel",
      "src/core/index.ts:1 export *",
    ]);
  });

  it("agree with the references that the compiler sees", () => {
    const references = (...names: string[]): string =>
      JSON.stringify({ references: names.map((name) => ({ path: `../${name}` })) });
    const texts = {
      "src/core/tsconfig.json": references("store"),
      "src/ledger/tsconfig.json": references("core"),
      "src/store/tsconfig.json": references("core"),
      "web/tsconfig.json": JSON.stringify({ references: [{ path: "../src/core" }, { path: "../src/store" }] }),
    };
    expect(foundBy(imports, texts)).toEqual([
      "src/core/tsconfig.json:1 references store",
      "src/store/tsconfig.json:1 does not reference ledger",
      "web/tsconfig.json:1 references store",
      "web/tsconfig.json:1 does not reference ledger",
    ]);
  });
});
