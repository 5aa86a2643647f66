import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { readCrash } from "./read-crash.ts";

describe("docs/crashes.md", () => {
  const page = readFileSync(new URL("../../../docs/crashes.md", import.meta.url), "utf8");
  const [report = "", json = ""] = [...page.matchAll(/```(?:text|json)\n(.*?)```/gs)].map(
    (block) => block[1] as string,
  );

  it("has an example that is true", () => expect(readCrash(report)).toEqual(JSON.parse(json)));

  it("has the limits that are kept", () => {
    const { textMax, lineMax, linesMax, nameMax } = limits;
    for (const limit of [textMax, lineMax, linesMax, nameMax]) expect(page).toContain(limit.toLocaleString("en-US"));
  });
});
