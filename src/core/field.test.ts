import { describe, expect, it } from "vitest";
import { earnestError } from "./errors.ts";
import { Field } from "./field.ts";
import type { Json } from "./json.ts";

const root = (text: string): Field => new Field(JSON.parse(text) as Json, "spec");

describe("Field", () => {
  it("points at the value that is wrong", () => {
    const field = root('{ "all": [{ "match": { "tolerance": -1 } }] }');
    const tolerance = field.get("all").items(4)[0]?.get("match").get("tolerance") as Field;
    expect(() => tolerance.integer(0, 9)).toThrowError(
      /spec\.all\[0\]\.match\.tolerance: must be an integer from 0 to 9/,
    );
  });

  it("refuses fields it was not told of, inherited names among them", () => {
    expect(() => root('{ "a": 1, "b": 2 }').fields("a")).toThrowError(/unknown field "b"/);
    expect(() => root('{ "__proto__": { "a": 1 } }').fields("a")).toThrowError(/unknown field "__proto__"/);
    expect(root("{}").get("toString").value).toBeUndefined();
  });

  it.each(['"1"', "1.5", "1e400", "null", "[1]", "-1", "11"])("takes %s for no integer from 0 to 10", (text) => {
    expect(() => root(text).integer(0, 10)).toThrowError(/must be an integer from 0 to 10/);
  });

  it("throws the error of its root, in children too", () => {
    const malformed = (path: string, problem: string) => earnestError("MALFORMED_CASE", { path, problem });
    const field = new Field({ a: [1] }, "case", malformed);
    for (const child of [field, field.get("a"), field.get("a").items(1)[0] as Field]) {
      expect(() => child.fail("is wrong")).toThrowError(expect.objectContaining({ code: "MALFORMED_CASE" }) as Error);
    }
  });

  it("bounds lists and texts", () => {
    expect(() => root("[1,2,3]").items(2)).toThrowError(/at most 2 items/);
    expect(() => root('["a","a"]').texts(1, 3)).toThrowError(/has an item twice/);
    expect(() => root('"abc"').text(2)).toThrowError(/1 to 2 characters/);
    expect(() => root('"\\ud800"').text()).toThrowError(/well-formed Unicode/);
  });
});
