import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { runCli } from "../../test/support/cli.ts";
import { createProgram } from "./create-program.ts";
import { cliReference } from "./reference.ts";

const command = await createProgram({
  io: { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
  settings: {
    dataFolder: "/secret/folder",
    server: "http://secret.example",
    apiKey: "s",
    profile: null,
    isColourWanted: true,
  },
  version: "9.9.9",
  workingFolder: "/secret/folder",
  clock: () => 0,
  interrupted: new AbortController().signal,
}).whole();
const page = cliReference(command);

describe("the reference", () => {
  it("has every command once, with its usage, and an example that the program would take", () => {
    const sections = page.split("\n## ").slice(1);
    for (const each of command.commands) {
      const names = each.commands.length === 0 ? [""] : each.commands.map((sub) => ` ${sub.name()}`);
      for (const name of names) {
        const title = `earnest ${each.name()}${name}`;
        const section = sections.filter((text) => text.startsWith(`${title}\n`));
        expect(section, title).toHaveLength(1);
        expect(section[0], title).toContain(`    ${title}`);
        expect(section[0], title).toContain("For example:");
      }
    }
  });

  it("begins with every command under its heading, each a link to its section", () => {
    const links = [...page.matchAll(/\[([\w-]+)\]\(#([\w-]+)\)/g)].map(([, name, to]) => ({ name, to }));
    expect(new Set(links.map(({ name }) => name))).toEqual(new Set(command.commands.map((each) => each.name())));
    expect(links).toHaveLength(command.commands.length);
    for (const { to } of links) expect(page).toContain(`\n## ${to?.replace("earnest-", "earnest ")}\n`);
    expect(page).toContain("- **Ask for work**: [ask]");
  });

  it("says what a result has where the command tells, by the keys that it prints", async () => {
    const section = page.split("\n## ").find((text) => text.startsWith("earnest estimate\n")) ?? "";
    const [, table = ""] = section.split("| with `--json` | |\n|---|---|\n");
    const keys = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
    const { json } = await runCli(["estimate", "--tasks", "1", "--reward", "1", "--json"]);
    expect(new Set(["ok", ...keys])).toEqual(new Set(Object.keys(json)));
  });

  it("says nothing of the machine it was made on, and nothing unreadable", () => {
    for (const text of ["/secret", "secret.example", "9.9.9", "[object", "undefined", "NaN"])
      expect(page).not.toContain(text);
  });

  it("is a table wherever it should be: every row has as many cells as its head", () => {
    for (const table of page.split("\n\n").filter((block) => block.startsWith("|"))) {
      const cells = table.split("\n").map((row) => row.replaceAll("\\|", "").split("|").length);
      expect(new Set(cells).size, table).toBe(1);
    }
  });
});
