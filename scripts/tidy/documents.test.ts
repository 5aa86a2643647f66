import { describe, expect, it } from "vitest";
import { commands, links } from "./documents.ts";
import { foundBy } from "./testing.ts";

describe("documents", () => {
  it("name only scripts that exist", () => {
    const texts = {
      "package.json": JSON.stringify({ scripts: { start: "x", "test:crash": "x" } }),
      "README.md": "`npm start`, `npm run test:crash -- --kills 5`, `npm test`\n\n    npm run gone\n",
    };
    expect(foundBy(commands, texts)).toEqual([
      'README.md:1 no script "test" in package.json',
      'README.md:3 no script "gone" in package.json',
    ]);
  });

  it("link to files and headings that are there", () => {
    const texts = {
      "README.md": "[a](docs/a.md) [b](docs/a.md#the-first-part) [c](docs/) [d](https://x.example) [e](#top)\n# Top\n",
      "docs/a.md":
        "# The first part\n[a](../README.md) [b](b.md) [c](../README.md#gone)\n```\n[d](e.md)\n```\n`[x](y.md)`\n",
    };
    expect(foundBy(links, texts)).toEqual([
      "docs/a.md:2 a link to docs/b.md, which is not there",
      "docs/a.md:2 a link to #gone, which README.md does not have",
    ]);
  });
});
