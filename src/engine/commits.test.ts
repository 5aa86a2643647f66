import { describe, expect, it } from "vitest";
import { testContext } from "../../test/support/engine.ts";
import { offlineRail } from "../../test/support/engine-world.ts";
import { named } from "../../test/support/market-hash.ts";
import { wrapPool } from "../../test/support/pool-wrapper.ts";
import { amount } from "../core/amount.ts";
import { bytes32, fromHex, toHex } from "../core/bytes.ts";
import { encodeCommit } from "../core/commit/commit-message.ts";
import { finishCommit, insertCommit } from "../store/settlement/commits.ts";
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

describe("commit messages", () => {
  const message = (epoch: bigint): Uint8Array =>
    encodeCommit({
      context: { ...places, setVersion: 1, previousDigest: filled(0) },
      body: {
        epoch,
        floor: 0n,
        asOf: 1_000n,
        validUntil: 9_000n,
        allocated: amount(1n),
        leafCount: 1n,
        payoutRoot: filled(1),
        marketRoot: filled(2),
        logRoot: filled(3),
        leafFileHash: filled(4),
      },
    });
  const propose = async (epoch: bigint, proposedAtMs: number, pool = 0): Promise<string> => {
    const digest = named(`commit ${pool} ${epoch} ${proposedAtMs}`);
    const row = { digest, epoch, message: message(epoch), leafFile: new Uint8Array(1), proposedAtMs };
    expect(await insertCommit(database().pool, row, pool)).toBe(true);
    return toHex(digest);
  };

  it("are listed to the first one, page by page, and those that an epoch had before are not left out", async () => {
    await database().pool.query("delete from commits");
    const context = testContext(database().pool, offlineRail);
    const { listCommits } = createCommits(context, new Pools(context));
    const made: string[] = [];
    // Of every third epoch two expire before one lands.
    for (let epoch = 1n; epoch <= 9n; epoch++) {
      for (let turn = epoch % 3n === 0n ? 0 : 2; turn <= 2; turn++) {
        made.push(await propose(epoch, turn));
        const end = turn === 2 ? ({ state: "committed", atMs: 1 } as const) : ({ state: "expired" } as const);
        await finishCommit(database().pool, fromHex(made.at(-1) as string), end, 0);
      }
    }
    await propose(5n, 7, 1);
    for (const limit of [1, 2, 4, 15, 16]) {
      const seen: string[] = [];
      let pages = 0;
      for (let after: string | null = null; ; pages++) {
        const page: Awaited<ReturnType<typeof listCommits>> = await listCommits({ after, limit });
        seen.push(...page.items.map(({ digest }) => toHex(digest)));
        after = page.next;
        if (after === null) break;
        expect(page.items).toHaveLength(limit);
      }
      expect(seen).toEqual(made.toReversed());
      expect(pages).toBe(Math.ceil(15 / limit) - 1);
    }
    for (const after of ["zz", "1", "1.x", "-1.2", `${10n ** 18n}.1`])
      await expect(listCommits({ after, limit: 2 })).rejects.toMatchObject({ code: "MALFORMED_REQUEST" });
  });
});

const filled = (byte: number) => bytes32(new Uint8Array(32).fill(byte));
const places = { program: filled(10), cluster: filled(11), network: filled(12), pool: filled(13) };
