import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { catalogue } from "#src/core/error-catalogue";
import { readRepository } from "../tidy/repository.ts";
import { errorsPage } from "./errors-page.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const repository = readRepository(root);
const codes = Object.keys(catalogue);
const catalogueFile = "src/core/error-catalogue.ts";
const grammar =
  /\b(?:MALFORMED_[A-Z_]+|[A-Z][A-Z_]*_(?:NOT_FOUND|EXCEEDED|MISMATCH|INSUFFICIENT|STATE|UNAVAILABLE))\b/g;

describe("the catalogue, the documents and the code name the same errors", () => {
  // Until the binary exists there are layers still to come, which use the rest of the codes.
  it.runIf(existsSync(`${root}src/main/earnest.ts`))("every code is used somewhere in src", () => {
    const used = new Set<string>();
    for (const file of repository.files) {
      if (file.layer === undefined || file.isTest || file.path === catalogueFile) continue;
      for (const token of file.code) if (token.kind === "text") used.add(token.text);
    }
    expect(codes.filter((code) => !used.has(code))).toEqual([]);
  });

  it("every code that a document names is in the catalogue", () => {
    const unknown = repository.files
      .filter((file) => file.path.endsWith(".md"))
      .flatMap((file) => [...file.text.matchAll(grammar)].map((match) => `${file.path}: ${match[0]}`))
      .filter((each) => !codes.includes(each.split(": ")[1] ?? ""));
    expect(unknown).toEqual([]);
  });

  it("the page lists every code once", () => {
    const page = errorsPage();
    for (const code of codes) expect(page.split(`| \`${code}\` |`), code).toHaveLength(2);
  });

  it("every text can be made from plain values of its context", () => {
    expect(errorsPage()).not.toMatch(/\bNaN\b|\bundefined\b|\[object/);
  });
});
