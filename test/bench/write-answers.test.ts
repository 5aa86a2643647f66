import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeAnswers } from "../../bench/infer/write-answers.ts";
import { temporaryFolder } from "../support/cli.ts";

it("writes as many answers as it is asked for, five a task, the same every time", async () => {
  const [one, two] = ["one.csv", "two.csv"].map((name) => join(temporaryFolder(), name)) as [string, string];
  for (const path of [one, two]) await writeAnswers(path, 1_000, 50);
  const [header, ...rows] = readFileSync(one, "utf8").trim().split("\n");
  expect(header).toBe("task,contributor,label");
  expect(rows).toHaveLength(1_000);
  expect(new Set(rows.map((row) => row.split(",")[0])).size).toBe(200);
  expect(new Set(rows.map((row) => row.split(",")[2]))).toEqual(new Set(["yes", "no"]));
  expect(readFileSync(two).equals(readFileSync(one))).toBe(true);
});
