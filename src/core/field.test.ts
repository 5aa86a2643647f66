import { describe, expect, it } from "vitest";
import { earnestError } from "./errors.ts";
import { Field } from "./field.ts";
import type { Json } from "./json.ts";

const root = (text: string): Field => new Field(JSON.parse(text) as Json, "spec");

describe("Field", () => {
  it("points at the value that is wrong", () => {
    const field = root('{ "all": [{ "match": { "tolerance": -1 } }] }');
    const tolerance = field.get("all").items(4)[0]?.get("match").get("tolerance") as Field;
    expect(() => tolerance.integer(0, 9)).toThrow(/spec\.all\[0\]\.match\.tolerance: must be an integer from 0 to 9/);
  });

  it("refuses fields it was not told of, inherited names among them", () => {
    expect(() => root('{ "a": 1, "b": 2 }').fields("a")).toThrow(/unknown field "b"/);
    expect(() => root('{ "__proto__": { "a": 1 } }').fields("a")).toThrow(/unknown field "__proto__"/);
    expect(root("{}").get("toString").value).toBeUndefined();
  });

  it.each(['"1"', "1.5", "1e400", "null", "[1]", "-1", "11"])("takes %s for no integer from 0 to 10", (text) => {
    expect(() => root(text).integer(0, 10)).toThrow(/must be an integer from 0 to 10/);
  });

  it("throws the error of its root, in children too", () => {
    const malformed = (path: string, problem: string) => earnestError("MALFORMED_CASE", { path, problem });
    const field = new Field({ a: [1] }, "case", malformed);
    for (const child of [field, field.get("a"), field.get("a").items(1)[0] as Field]) {
      expect(() => child.fail("is wrong")).toThrow(expect.objectContaining({ code: "MALFORMED_CASE" }) as Error);
    }
  });

  it("bounds lists and texts", () => {
    expect(() => root("[1,2,3]").items(2)).toThrow(/at most 2 items/);
    expect(() => root('["a","a"]').texts(1, 3)).toThrow(/has an item twice/);
    expect(() => root('"abc"').text(2)).toThrow(/1 to 2 characters/);
    expect(() => root('"\\ud800"').text()).toThrow(/well-formed Unicode/);
  });

  it.each<readonly [string, (each: Field) => unknown, Json, string]>([
    ["an object", (each) => each.object(), [], "must be an object"],
    ["an object that is not null", (each) => each.object(), null, "must be an object"],
    ["an amount", (each) => each.amount(), "18446744073709551616", "base units"],
    ["a text that is not empty", (each) => each.text(), "", "a text of 1 to 200 characters"],
    ["some texts", (each) => each.texts(1, 5), [], "at least 1 items"],
    ["a boolean", (each) => each.boolean(), 0, "true or false"],
  ])("wants %s", (_, read, value, problem) => {
    expect(() => read(new Field(value, "spec"))).toThrow(problem);
  });

  it("reads null and nothing as null", () => {
    const field = root('{ "a": null, "b": 0 }');
    expect(field.get("a").orNull(String)).toBeNull();
    expect(field.get("c").orNull(String)).toBeNull();
    expect(field.get("b").orNull((each) => each.integer(0, 1))).toBe(0);
  });

  it("has one zero", () => {
    expect(Object.is(new Field(-0, "spec").integer(-1, 1), 0)).toBe(true);
  });
});
