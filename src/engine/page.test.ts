import { describe, expect, it } from "vitest";
import { pageOf } from "./page.ts";

describe("a page of a list", () => {
  const cursorOf = (last: string): string => `after ${last}`;

  it("ends where its limit is, and names the next one by its last row where there are more", () => {
    expect(pageOf(["a", "b", "c"], 2, cursorOf)).toEqual({ items: ["a", "b"], next: "after b" });
  });

  it("is the last one where no row more was found, or none at all", () => {
    expect(pageOf(["a", "b"], 2, cursorOf)).toEqual({ items: ["a", "b"], next: null });
    expect(pageOf([], 2, cursorOf)).toEqual({ items: [], next: null });
  });
});
