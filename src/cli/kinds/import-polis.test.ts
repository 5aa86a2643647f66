import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { folderOfPolis, isPolisHere, polisNames } from "../../../test/support/polis.ts";

const run = async (folder: string, path: string) => {
  const args = ["kinds", "import", "polis", path, "--out", "out.json", "--json"];
  const { json } = await runCli(args, { folder });
  const tested = await runCli(["kinds", "test", "review", "--vectors", "out.json", "--json"], { folder });
  return { json, tested: tested.json };
};

describe("kinds import polis", () => {
  it.each(polisNames)("accepts no statement of %s that a group of the source's own rejects", async (name) => {
    if (!isPolisHere(name)) return console.warn(`${name} is not here: skipped`);
    const { json, tested } = await run(temporaryFolder(), folderOfPolis(name));
    expect(json).toMatchObject({ ok: true, kind: "review", differing: [] });
    expect(json.cases).toBeGreaterThan(90);
    expect(tested).toMatchObject({ ok: true, cases: json.cases, failed: 0 });
  });

  it("rejects what one side rejects, however many are on the other, and accepts what both want", async () => {
    // 16 statements for the history, each followed by one to judge: both want it, or only the first side of 200 does.
    const statements = Array.from({ length: 32 }, (_, i) => i);
    const vote = (person: number, statement: number): number => {
      const isFirst = person < 200;
      const kind = Math.floor(statement / 2) % 4;
      if (statement % 2 === 1) return kind === 0 || isFirst ? 1 : -1;
      return kind < 2 === isFirst ? 1 : -1;
    };
    const header = ["participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree", ...statements];
    const lines = Array.from({ length: 210 }, (_, person) =>
      [person, person < 200 ? 0 : 1, 0, 32, 0, 0, ...statements.map((each) => vote(person, each))].join(","),
    );
    const folder = temporaryFolder();
    mkdirSync(join(folder, "camps"));
    writeFileSync(join(folder, "camps/participants-votes.csv"), `${[header.join(","), ...lines].join("\n")}\n`);
    const { json, tested } = await run(folder, "camps");
    expect([json.cases, json.differing, tested.failed]).toEqual([16, [], 0]);
    const { stdout } = await runCli(["kinds", "import", "polis", "camps"], { folder });
    const { vectors } = JSON.parse(stdout.slice(0, stdout.lastIndexOf("}") + 1)) as {
      vectors: { verdict: string; reasons: string[] }[];
    };
    expect(vectors.map(({ verdict }) => verdict)).toEqual(
      Array.from({ length: 16 }, (_, i) => (i % 4 === 0 ? "accepted" : "rejected")),
    );
  });

  it.each([
    ["other.csv", "a,b\n1,2\n", "is not that of Polis"],
    [
      "votes.csv",
      "participant,group-id,n-comments,n-votes,n-agree,n-disagree,0\n1,0,0,1,1,0,7\n",
      "line 2 has no votes",
    ],
  ])("says what is wrong with %s", async (name, text, problem) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, name), text);
    const { stderr, exitCode } = await runCli(["kinds", "import", "polis", name], { folder });
    expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining(problem)]);
  });
});
