import { describe, expect, it } from "vitest";
import { testContext } from "../../test/support/engine.ts";
import { offlineRail } from "../../test/support/engine-world.ts";
import { named } from "../../test/support/market-hash.ts";
import { wrapPool } from "../../test/support/pool-wrapper.ts";
import { insertCommit } from "../store/settlement/commits.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createCommits } from "./commits.ts";
import { Pools } from "./pools.ts";

const database = useTestDatabase();

describe("a leaf file", () => {
  it("is read once for all who ask, and again where it was not there or could not be read", async () => {
    const digest = named("commit");
    const leafFile = new Uint8Array(5_000).fill(7);
    let [reads, isAway] = [0, false];
    const counting = wrapPool(database().pool, (text, run) => {
      if (text.includes("select leaf_file")) {
        reads++;
        if (isAway) return Promise.reject(new Error("away"));
      }
      return run();
    });
    const context = testContext(counting, offlineRail);
    const commits = createCommits(context, new Pools(context));
    await expect(commits.leafFile(digest)).rejects.toMatchObject({ code: "COMMIT_NOT_FOUND" });
    isAway = true;
    await expect(commits.leafFile(digest)).rejects.toThrow();
    isAway = false;
    const row = { digest, epoch: 1n, message: new Uint8Array(340), leafFile, proposedAtMs: 0 };
    await insertCommit(database().pool, row, 0);
    reads = 0;
    const files = await Promise.all([1, 2, 3].map(() => commits.leafFile(digest)));
    for (const file of files) expect(Buffer.from(file).equals(leafFile)).toBe(true);
    expect(reads).toBe(1);
  });
});
