import { describe, expect, it } from "vitest";
import { specWith } from "../../test/support/market.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import { toHex } from "../core/bytes.ts";
import { jsonHash, tags } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { type Guide, guideLimits, templateIds, templateOf } from "./guide.ts";
import { parseSpec, parseSpecText, specText, specToJson } from "./spec.ts";

const example = { content: { text: "A purring animal" }, answer: "yes", good: true, why: "It is a cat." } as const;
const whole: Guide = {
  guide: "# Cats\n\n- Say **yes** where there is one.",
  examples: [example, { ...example, answer: "no", good: false, why: "It is one all the same." }],
  template: { id: "choice", parameters: { question: "Is this a cat?", show: ["text"] } },
};

const read = (changes: object): Guide => parseSpec({ ...(specToJson(specWith()) as object), ...changes });
const refusal = (changes: object): string => {
  try {
    read(changes);
  } catch (error) {
    return (error as Error).message;
  }
  return "taken";
};

describe("a guide in a specification", () => {
  it("stays as it was given, and is part of what is hashed", () => {
    const spec = specWith(whole);
    expect(parseSpecText(specText(spec))).toEqual(spec);
    expect(specToJson(spec)).toMatchObject(whole);
    expect(specText(spec)).not.toBe(specText(specWith({ ...whole, guide: "Something else." })));
  });

  it("leaves the bytes of a specification without one as they were", () => {
    const text = specText(specWith());
    expect(text).not.toMatch(/guide|examples|template/);
    expect(specText(parseSpecText(text))).toBe(text);
    // A golden value: what the first markets were opened with.
    expect(toHex(jsonHash(sha256, tags.spec, JSON.parse(text) as Json))).toBe(
      "b9c3fe0ccaaf2a294750643680b4b53c025fec01bf038b6af52f22e753197428",
    );
  });

  it("does not depend on which of its parts are there", () => {
    for (const part of ["guide", "examples", "template"] as const) {
      const spec = specWith({ [part]: whole[part] });
      expect(parseSpecText(specText(spec))).toEqual(spec);
    }
  });
});

describe("what a guide may be", () => {
  it("is at most 20,000 bytes of text, however few characters they are", () => {
    expect(refusal({ guide: "a".repeat(guideLimits.guideBytes) })).toBe("taken");
    expect(refusal({ guide: "a".repeat(guideLimits.guideBytes + 1) })).toMatch(/guide.*1 to 20000 characters/);
    expect(refusal({ guide: "ä".repeat(guideLimits.guideBytes / 2 + 1) })).toMatch(/guide.*20000 bytes/);
    expect(refusal({ guide: "" })).toMatch(/guide/);
    expect(refusal({ guide: null })).toMatch(/guide/);
    expect(refusal({ guide: "\ud800" })).toMatch(/Unicode/);
  });

  it("has at most 20 examples, none of them empty or too long", () => {
    expect(refusal({ examples: Array.from({ length: 20 }, () => example) })).toBe("taken");
    expect(refusal({ examples: Array.from({ length: 21 }, () => example) })).toMatch(/at most 20/);
    expect(refusal({ examples: [] })).toMatch(/left out/);
    expect(refusal({ examples: [{ ...example, content: undefined }] })).toMatch(/content: must be there/);
    expect(refusal({ examples: [{ ...example, content: "a".repeat(guideLimits.exampleBytes) }] })).toMatch(
      /8192 bytes/,
    );
    expect(refusal({ examples: [{ ...example, good: "yes" }] })).toMatch(/true or false/);
    expect(refusal({ examples: [{ ...example, why: "" }] })).toMatch(/why/);
    expect(refusal({ examples: [{ ...example, html: "<b>" }] })).toMatch(/unknown field "html"/);
  });

  it("answers its examples as a contributor could, also the bad ones", () => {
    expect(refusal({ examples: [{ ...example, good: false, answer: "perhaps" }] })).toMatch(/examples\[0\]\.answer/);
    expect(refusal({ examples: [{ ...example, answer: null }] })).toMatch(/examples\[0\]\.answer/);
  });

  it("has a template that fits the type of answer", () => {
    expect(refusal({ template: { id: "choice", parameters: {} } })).toBe("taken");
    expect(refusal({ template: { id: "boxes", parameters: {} } })).toMatch(/does not ask for answers of type choice/);
    expect(refusal({ template: { id: "code", parameters: {} } })).toMatch(/does not ask for answers of type choice/);
    expect(refusal({ template: { id: "script", parameters: {} } })).toMatch(/must be one of choice, /);
    expect(refusal({ template: { id: "choice", parameters: [] } })).toMatch(/must be an object/);
    expect(refusal({ template: { id: "choice", parameters: { a: "b".repeat(5_000) } } })).toMatch(/4096 bytes/);
    expect(refusal({ template: { id: "choice" } })).toMatch(/must be an object/);
  });
});

describe("the template of a task", () => {
  const text = { type: "text", charactersMax: 100, normalise: [], distancePpm: 0 } as const;

  it("is that of its type of answer where nothing else is said", () => {
    const types = templateIds.filter((id) => id !== "report" && id !== "code");
    for (const type of types) expect(templateOf({}, { type } as never)).toEqual({ id: type, parameters: {} });
  });

  it("is the market's for answers of the market's type alone", () => {
    const report: Guide = { template: { id: "report", parameters: { photo: true } } };
    expect(templateOf(report, text)).toEqual(report.template);
    expect(templateOf(report, { type: "choice", choices: ["a", "b"] })).toEqual({ id: "choice", parameters: {} });
  });
});
