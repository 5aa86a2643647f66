import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Kept } from "./kept.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "earnest kept "));
});
afterEach(() => rm(folder, { recursive: true }));

const market = (id: string) => ({ market: id, deposit: null, submitToPaidMs: null });

describe("what a demonstration remembers", () => {
  it("is nothing at the first start", async () => {
    const kept = await Kept.open(folder);
    expect(kept.get("machines")).toBeUndefined();
    expect(kept.answers("m1").size).toBe(0);
  });

  it("has the answers to each market at the next start", async () => {
    const kept = await Kept.open(folder);
    await kept.set("machines", market("m1"));
    await kept.set("people", market("m2"));
    await kept.keepAnswer("m1", "aa", "a");
    await kept.keepAnswer("m1", "bb", "b");
    await kept.keepAnswer("m2", "cc", "c");
    await kept.keepAnswer("m1", "aa", "a");
    const later = await Kept.open(folder);
    const answers = [
      ["aa", "a"],
      ["bb", "b"],
    ];
    for (const each of [kept, later]) {
      expect([...each.answers("m1")]).toEqual(answers);
      expect([...each.answers("m2")]).toEqual([["cc", "c"]]);
      expect(each.get("machines")).toEqual({ ...market("m1"), answers: Object.fromEntries(answers) });
    }
  });

  it("keeps no answers to a market that it does not know", async () => {
    const kept = await Kept.open(folder);
    await kept.set("machines", market("m1"));
    await kept.keepAnswer("m9", "aa", "a");
    expect(kept.answers("m9").size).toBe(0);
    expect(await readFile(join(folder, "demonstration.json"), "utf8")).not.toContain("aa");
  });
});
