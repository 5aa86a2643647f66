import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { foundBy } from "./testing.ts";
import { homonymWords, refusedWords, vocabulary, wordsOf } from "./vocabulary.ts";

const glossary = readFileSync(new URL("../../GLOSSARY.md", import.meta.url), "utf8");
const found = (path: string, text: string): string[] =>
  foundBy(vocabulary, { "GLOSSARY.md": glossary, [path]: text }).map((each) => each.replace(/^\S+ /, ""));

describe("the vocabulary", () => {
  it("comes from the last column of the glossary", () => {
    expect(refusedWords("| use | for | not |\n|---|---|---|\n| claim | x | `withdrawal request`, other |")).toEqual([
      { words: ["withdrawal", "request"], use: "claim" },
    ]);
    expect(refusedWords(glossary).length).toBeGreaterThan(15);
  });

  it("knows only homonyms of words that are out", () => {
    const out = refusedWords(glossary).map((each) => each.words.join(" "));
    expect(homonymWords().filter((word) => !out.includes(word))).toEqual([]);
  });

  it.each([
    ["openCampaign", ["open", "campaign"]],
    ["HITId", ["hit", "id"]],
    ["lease_expires_at", ["lease", "expires", "at"]],
  ])("splits the name %s", (name, words) => {
    expect(wordsOf(name)).toEqual(words);
  });

  it.each([
    ["src/market/a.ts", "const campaign = 1;"],
    ["src/market/a.ts", "function payOf(employerKey: string) {}"],
    ["src/market/a.ts", "const workerId = 1;"],
    ["src/market/a.ts", "interface Solution {}"],
    ["src/market/a.ts", "type WithdrawalRequest = 1;"],
    ["src/market/a.ts", "const shards = [];"],
    ["sql/000001_a.sql", "create table jobs ("],
    ["sql/000001_a.sql", "  worker_key bytea not null,"],
  ])("in %s refuses %s", (path, text) => {
    expect(found(path, text)).toHaveLength(1);
  });

  it.each([
    ["src/engine/a.ts", 'import { Worker } from "node:worker_threads";\nconst worker = new Worker("x");'],
    ["src/engine/a.ts", "const { leaseExpiresAt, submitToPaidMs } = result;"],
    ["src/engine/a.ts", 'const header = "task,worker,label"; // a campaign'],
    ["src/rails/a.ts", "class RpcClient {}"],
    ["sql/000001_a.sql", "-- jobs\ncreate table slots ("],
  ])("in %s lets stand %s", (path, text) => {
    expect(found(path, text)).toEqual([]);
  });
});
