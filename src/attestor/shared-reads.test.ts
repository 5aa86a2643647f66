import { expect, it } from "vitest";
import { amount } from "../core/amount.ts";
import { bytes32, concatBytes } from "../core/bytes.ts";
import { writeLeafFile } from "../core/commit/leaf-file.ts";
import { marketId } from "../core/market-id.ts";
import type { ChainSource } from "./chain-source.ts";
import type { LogSource, SourceRecord } from "./log-source.ts";
import { SharedReads } from "./shared-reads.ts";

const market = marketId("00112233445566778899aabbccddeeff");
const digest = bytes32(new Uint8Array(32).fill(7));
const unused = (): never => {
  throw new Error("nobody asks for it");
};

/** Two attestors of one process, what they read, and how often the server was asked for it. */
function twoAttestors() {
  const time = { ms: 0 };
  const asked: string[] = [];
  const server = { size: 3, isThere: true, hasLeaves: true };
  const own: LogSource = {
    commits: async () => {
      asked.push("commits");
      if (!server.isThere) throw new Error("it is away");
      return [];
    },
    commit: unused,
    leafFile: async () => {
      asked.push("leaves");
      return server.hasLeaves ? new Uint8Array([1]) : null;
    },
    records: async ({ from, limit }) => {
      asked.push(`${from}+${limit}`);
      const count = Math.max(0, Math.min(limit, server.size - from + 1));
      return Array.from({ length: count }, (_, i): SourceRecord => {
        return { sequence: from + i, encoded: new Uint8Array([from + i]), attachment: null };
      });
    },
    content: unused,
    sign: async () => {
      asked.push("sign");
    },
    refuse: unused,
  };
  const chain: ChainSource = {
    view: unused,
    poolNow: async () => {
      asked.push("now");
      return unused();
    },
    blockHash: unused,
    tokenAccountOf: (wallet) => wallet,
    send: null,
  };
  const reads = new SharedReads({ clock: () => time.ms, freshMs: 150 });
  const both = [reads.source("pool", own), reads.source("pool", own)] as const;
  const news = (): string[] => asked.splice(0);
  return { time, server, reads, own, chain, both, news };
}

it("asks once for what both want, also while the first answer is on its way", async () => {
  const { both, news } = twoAttestors();
  const page = { market, lane: 0, from: 1, limit: 3 };
  const [one, two] = await Promise.all(both.map((each) => each.records(page)));
  expect(one).toBe(two);
  expect(one?.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  await Promise.all(both.flatMap((each) => [each.commits(), each.leafFile(digest)]));
  expect(news()).toEqual(["1+3", "commits", "leaves"]);
});

it("takes what changes for new no longer than said, and what does not for longer", async () => {
  const { both, time, news } = twoAttestors();
  const look = async () => {
    for (const each of both) await Promise.all([each.commits(), each.leafFile(digest)]);
    return news();
  };
  expect(await look()).toEqual(["commits", "leaves"]);
  time.ms = 149;
  expect(await look()).toEqual([]);
  time.ms = 150;
  expect(await look()).toEqual(["commits"]);
  time.ms = 10_000;
  expect(await look()).toEqual(["commits", "leaves"]);
});

it("reads a leaf file once for all who were given the same bytes", () => {
  const { reads } = twoAttestors();
  const payouts = [{ index: 4, destination: digest, cumulative: amount(9n), held: amount(0n) }];
  const file = concatBytes(...writeLeafFile(digest, 3, { payouts, markets: [], lanes: [] }));
  const first = reads.leaves(file);
  expect(first.leaves.payouts).toEqual(payouts);
  expect(first.header.epoch).toBe(3);
  expect(reads.leaves(file)).toBe(first);
  expect(reads.leaves(file.slice())).not.toBe(first);
  expect(reads.leaves(file.slice())).toEqual(first);
  const damaged = file.slice(0, -1);
  for (const look of [1, 2]) expect(() => reads.leaves(damaged), `look ${look}`).toThrow("leaf file");
});

it("asks again for what failed, was not there, or was not all there", async () => {
  const { both, server, reads, chain, news } = twoAttestors();
  server.isThere = false;
  for (const each of both) await expect(each.commits()).rejects.toThrow("it is away");
  server.hasLeaves = false;
  for (const each of both) expect(await each.leafFile(digest)).toBeNull();
  for (const each of [reads.chain("pool", chain), reads.chain("pool", chain)])
    await expect(each.poolNow()).rejects.toThrow();
  expect(news()).toEqual(["commits", "commits", "leaves", "leaves", "now", "now"]);
  const page = { market, lane: 0, from: 2, limit: 3 };
  expect(await both[0].records(page)).toHaveLength(2);
  server.size = 4;
  expect(await both[1].records(page)).toHaveLength(3);
  expect(news()).toEqual(["2+3", "2+3"]);
});

it("keeps pools apart, and leaves what an attestor says to itself", async () => {
  const { both, reads, own, news } = twoAttestors();
  const [ann, bob] = both;
  await Promise.all([ann.commits(), reads.source("another", own).commits()]);
  const signature = { key: digest, signature: new Uint8Array(64) };
  for (const each of [ann, bob]) await each.sign(digest, signature);
  expect(news()).toEqual(["commits", "commits", "sign", "sign"]);
});

it("holds no more than a few answers", async () => {
  const { both, server, news } = twoAttestors();
  server.size = 100;
  for (let from = 1; from <= 17; from++) await both[0].records({ market, lane: 0, from, limit: 1 });
  news();
  await both[1].records({ market, lane: 0, from: 17, limit: 1 });
  await both[1].records({ market, lane: 0, from: 1, limit: 1 });
  expect(news()).toEqual(["1+1"]);
});
