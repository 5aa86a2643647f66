import { describe, expect, it } from "vitest";
import { machines, sizes, whiteSpace } from "./files.ts";
import { leftovers } from "./leftovers.ts";
import { Repository, SourceFile } from "./repository.ts";
import { foundBy } from "./testing.ts";

describe("files", () => {
  it("are not too long and not too large, but for data", () => {
    const long = "x;\n".repeat(601);
    expect(foundBy(sizes, { "src/core/a.ts": long, "examples/a.ts": long, "a.md": long })).toEqual([
      "src/core/a.ts:600 601 lines",
    ]);
    const large = new Repository([new SourceFile("a.bin", "", 2e6), new SourceFile("examples/a.csv", "", 2e6)]);
    expect([...sizes.check(large)].map((each) => each.path)).toEqual(["a.bin"]);
  });

  it("have no white space at line ends and one line end at the end", () => {
    const texts = { "a.md": "a \n", "b.md": "a\r\n", "c.md": "a", "d.md": "a\n\n", "e.md": "a\n" };
    expect(foundBy(whiteSpace, texts)).toEqual([
      "a.md:1 trailing white space",
      "b.md:1 a carriage return",
      "c.md:1 no line end at the end",
      "d.md:3 empty lines at the end",
    ]);
  });

  it("name no machine and no registry", () => {
    const home = ["", "home", "ada", "x"].join("/");
    const registry = ["https:/", "registry.example.org"].join("/");
    const texts = {
      "a.md": `see ${home}\n`,
      "b.md": "in /clones/of/x.ts\n",
      "c.json": `"${registry}/x"\n`,
      "d.md": "~/x ./clones/of/y\n",
    };
    expect(foundBy(machines("/clones/of/earnest"), texts)).toEqual([
      `a.md:1 the machine path ${["", "home", "ada"].join("/")}`,
      "b.md:1 the machine path /clones/of/",
      `c.json:1 the registry ${registry}`,
    ]);
  });
});

describe("leftovers", () => {
  const promise = "TO" + "DO";
  const only = ["it", "only"].join(".");
  const ignore = "@ts-" + "ignore";

  it("are found in comments and tests, not in strings or members", () => {
    const texts = {
      "src/a.ts": `// a\n/* b\n ${promise}: later */\n// ${ignore}\nconst a = "${promise}"; list.only();\n`,
      "src/a.test.ts": `${only}("x", () => {});\n`,
    };
    expect(foundBy(leftovers, texts)).toEqual([
      `src/a.ts:3 ${promise}`,
      `src/a.ts:4 ${ignore}`,
      "src/a.test.ts:1 a test with .only",
    ]);
  });
});
