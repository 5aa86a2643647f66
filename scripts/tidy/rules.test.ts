import { describe, expect, it } from "vitest";
import { type Rule, repositoryOf } from "./repository.ts";
import { check } from "./rules.ts";

const noisy: Rule = {
  name: "noisy",
  check: (repository) => repository.files.map((file) => file.finding(1, "noise here", "silence")),
};
const repository = repositoryOf({ "a.ts": "", "b.ts": "" });

describe("exceptions", () => {
  it("silence one rule in one file", () => {
    const allowed = [{ rule: "noisy", path: "a.ts", found: "noise", why: "it must" }];
    expect(check(repository, [noisy], allowed).map((each) => each.path)).toEqual(["b.ts"]);
  });

  it("are findings once nothing needs them", () => {
    const allowed = [{ rule: "noisy", path: "c.ts", why: "it had to" }];
    expect(check(repository, [noisy], allowed).map((each) => each.found)).toEqual([
      "noise here",
      "noise here",
      'nothing in c.ts needs its exception from "noisy"',
    ]);
  });
});
