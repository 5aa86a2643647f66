import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AttestorWorld, type WorldLane } from "../../test/support/attestor-world.ts";
import { testSandbox } from "../../test/support/engine.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import { epochRoots } from "../core/commit/epoch-trees.ts";
import type { LaneLeaf } from "../core/merkle/leaves.ts";
import { signerFromSeed, verifyEd25519 } from "../main/crypto.ts";
import type { OwnReplay } from "../market/settlement/check-commit.ts";
import type { AskedRecords } from "./log-source.ts";
import { type EpochAsked, PoolReplay, type PoolReplayOptions } from "./pool-replay.ts";
import { decodeLane, encodeLane, type StoredLane } from "./stored-lane.ts";

let world: AttestorWorld;
let lanes: WorldLane[];
beforeAll(async () => {
  world = await AttestorWorld.start();
  lanes = [];
  for (let i = 0; i < 4; i++) {
    const lane = await world.market();
    lane.join(1 + i, 2 + i, 3 + i);
    lane.work(1 + i, 2 + i, 3 + i);
    lanes.push(lane);
  }
});
afterAll(() => world.close());

/** Lanes on a disk that is a map: what is stored is only what its bytes say. */
function storeOf(stored = new Map<string, Uint8Array>()) {
  return {
    stored,
    lane: (market: string, lane: number): Promise<StoredLane | null> => {
      const bytes = stored.get(`${market}/${lane}`);
      return Promise.resolve(bytes === undefined ? null : decodeLane(bytes));
    },
    storeLane: (lane: StoredLane): Promise<void> => {
      stored.set(`${lane.state.market}/${lane.state.lane}`, encodeLane(lane));
      return Promise.resolve();
    },
  };
}

const none = { markets: [], lanes: [] };

function replayWith(parts: Partial<PoolReplayOptions> & { readonly asked?: AskedRecords[] } = {}): PoolReplay {
  const { asked = [], ...changed } = parts;
  const source = world.source();
  return new PoolReplay({
    source: {
      ...source,
      records: (each) => {
        asked.push(each);
        return source.records(each);
      },
    },
    sandbox: testSandbox,
    chain: { blockHash: async () => null },
    store: storeOf(),
    hash: sha256,
    verify: verifyEd25519,
    pool: world.pool,
    tokenAccountOf: world.chain.tokenAccountOf,
    ...changed,
  });
}

async function run(
  replay: PoolReplay,
  leaves: readonly LaneLeaf[],
  previous: EpochAsked["previous"] = none,
): Promise<Extract<OwnReplay, { type: "replayed" }>> {
  const chain = await world.chain.view();
  const own = await replay.replay({ lanes: leaves, chain, previous, asOf: chain.view.clock });
  if (own.type !== "replayed") throw new Error(JSON.stringify(own));
  return own;
}

describe("a pool's replay", () => {
  it("comes to the same whether its lanes fit into memory or not", async () => {
    const roomy = replayWith();
    const asked: AskedRecords[] = [];
    const store = storeOf();
    const narrow = replayWith({ store, asked, lanesMax: 1 });
    for (let epoch = 0; epoch < 3; epoch++) {
      const { leaves } = await world.propose();
      const own = await run(roomy, leaves.lanes);
      expect(own.leaves).toEqual(leaves);
      expect(own.roots).toEqual(epochRoots(sha256, world.pool, leaves));
      const other = await run(narrow, leaves.lanes);
      expect([other.leaves, other.roots]).toEqual([own.leaves, own.roots]);
      narrow.markSigned();
      await narrow.storeLanes();
      for (const [i, lane] of lanes.entries()) lane.work(1 + i, 3 + i, 2 + i);
    }
    // All but the one that was used last; and nothing was read twice.
    expect(store.stored.size).toBeGreaterThanOrEqual(3);
    const places = asked.map(({ market, from }) => `${market} ${from}`);
    expect(new Set(places).size).toBe(places.length);
    expect(narrow.entries).toBe(roomy.entries);
  });

  it("stores a lane where a message that was signed has it, and nowhere else", async () => {
    const store = storeOf();
    const replay = replayWith({ store, entriesPerCheckpoint: 1 });
    const { leaves } = await world.propose();
    await run(replay, leaves.lanes);
    await replay.storeLanes(true);
    expect(store.stored.size).toBe(0);
    replay.markSigned();
    await replay.storeLanes();
    expect(store.stored.size).toBe(lanes.length);
    const states = [...store.stored.values()].map((bytes) => decodeLane(bytes)?.state);
    expect(new Set(states.map((state) => state?.tree.size))).toEqual(new Set(leaves.lanes.map(({ size }) => size)));
  });

  it("stores a lane again once it grew by a quarter", async () => {
    const store = storeOf();
    const replay = replayWith({ store, entriesPerCheckpoint: 1 });
    const [lane] = lanes as [WorldLane];
    const storings: boolean[] = [];
    for (let epoch = 0, stored = 0; epoch < 7; epoch++) {
      const { leaves } = await world.propose();
      await run(replay, leaves.lanes);
      replay.markSigned();
      await replay.storeLanes();
      const { size } = leaves.lanes.find(({ market }) => market === lane.market) as LaneLeaf;
      const isDue = size - stored >= stored / 4;
      if (isDue) stored = size;
      storings.push(isDue);
      const states = [...store.stored.values()].map((bytes) => decodeLane(bytes)?.state);
      expect(states.find((state) => state?.market === lane.market)?.tree.size).toBe(stored);
      lane.work(1);
    }
    expect(new Set(storings)).toEqual(new Set([true, false]));
  });

  it("begins at the beginning where what is stored is of another lane, or ahead", async () => {
    const store = storeOf();
    const first = replayWith({ store });
    const { leaves } = await world.propose();
    await run(first, leaves.lanes);
    first.markSigned();
    await first.storeLanes(true);
    const [one, two] = [...store.stored.keys()] as [string, string];
    store.stored.set(one, store.stored.get(two) as Uint8Array);
    const asked: AskedRecords[] = [];
    const own = await run(replayWith({ store, asked }), leaves.lanes);
    expect(own.leaves).toEqual(leaves);
    expect(asked.filter(({ from }) => from === 1).map(({ market }) => `${market}/0`)).toEqual([one]);
  });

  it("begins again after a difference, and goes on from what was signed", async () => {
    const store = storeOf();
    const replay = replayWith({ store });
    const { leaves } = await world.propose();
    await run(replay, leaves.lanes);
    replay.markSigned();
    await replay.storeLanes(true);
    const [lane] = lanes as [WorldLane];
    lane.work(1, 2, 3);
    const { leaves: next } = await world.propose();
    const honest = lane.shown;
    lane.shown = honest.with(-2, { ...(honest.at(-2) as (typeof honest)[0]), encoded: Uint8Array.of(255) });
    const chain = await world.chain.view();
    const asked = { chain, previous: none, asOf: chain.view.clock, lanes: next.lanes };
    const place = { type: "entry", market: lane.market, lane: 0, sequence: honest.length - 1 };
    expect(await replay.replay(asked)).toMatchObject({ type: "differs", difference: { code: "ENTRY_DIFFERS", place } });
    lane.shown = honest;
    expect((await run(replay, next.lanes)).leaves).toEqual(next);
  });

  describe("beside what was committed", () => {
    const differs = async (replay: PoolReplay, parts: Pick<EpochAsked, "lanes" | "previous">): Promise<string> => {
      const chain = await world.chain.view();
      const own = await replay.replay({ ...parts, chain, asOf: chain.view.clock });
      return own.type === "differs" ? `${own.difference.code}: ${own.difference.what}` : own.type;
    };

    it("takes a log that goes on from there, also when it was ahead, or only stored", async () => {
      const { leaves: first } = await world.propose();
      for (const [i, lane] of lanes.entries()) lane.work(1 + i, 3 + i, 2 + i);
      const { leaves: second } = await world.propose();
      const fresh = replayWith();
      await run(fresh, second.lanes, first);
      const store = storeOf();
      const ahead = replayWith({ store });
      await run(ahead, first.lanes);
      await run(ahead, second.lanes);
      await run(ahead, second.lanes, first);
      ahead.markSigned();
      await ahead.storeLanes(true);
      // It knows its roots at earlier cuts: no entry is read again.
      const asked: AskedRecords[] = [];
      const again = replayWith({ store, asked });
      expect((await run(again, second.lanes, first)).leaves.lanes).toEqual(second.lanes);
      expect(asked).toEqual([]);
    });

    it("reads a lane again where it does not know the place that was committed", async () => {
      const { leaves: first } = await world.propose();
      for (const [i, lane] of lanes.entries()) lane.work(1 + i, 3 + i, 2 + i);
      const { leaves: second } = await world.propose();
      const ahead = replayWith();
      await run(ahead, second.lanes);
      expect((await run(ahead, second.lanes, first)).roots).toEqual(epochRoots(sha256, world.pool, second));
    });

    it("refuses another history, however consistent it is", async () => {
      const { leaves } = await world.propose();
      const [lane] = leaves.lanes as [LaneLeaf];
      const rewritten = leaves.lanes.map((each) => (each === lane ? { ...each, root: sha256(each.root) } : each));
      const previous = { markets: [], lanes: rewritten };
      const known = replayWith();
      await run(known, leaves.lanes);
      for (const replay of [replayWith(), known]) {
        expect(await differs(replay, { lanes: leaves.lanes, previous })).toBe(
          `LANE_DIFFERS: the last commit has another root at ${lane.size} entries`,
        );
      }
    });

    it("refuses a lane that went back, or is gone", async () => {
      const { leaves: first } = await world.propose();
      lanes[0]?.work(3, 1, 2);
      const { leaves: second } = await world.propose();
      const went = { lanes: first.lanes, previous: second };
      expect(await differs(replayWith(), went)).toMatch(/^LANE_WENT_BACK: /);
      const gone = { lanes: second.lanes.slice(1), previous: second };
      expect(await differs(replayWith(), gone)).toBe("LANE_DIFFERS: it is missing");
    });
  });

  it("says that the log was not shown where the server does not answer, or shows less", async () => {
    const { leaves } = await world.propose();
    const [{ market, lane }] = leaves.lanes as [(typeof leaves.lanes)[number]];
    const chain = await world.chain.view();
    const asked = { lanes: leaves.lanes, chain, previous: none, asOf: chain.view.clock };
    const away = replayWith({ source: { ...world.source(), records: () => Promise.reject(new Error("no answer")) } });
    expect(await away.replay(asked)).toEqual({ type: "notShown", market, lane, problem: "no answer" });
    const short = replayWith({ source: { ...world.source(), records: async () => [] } });
    expect(await short.replay(asked)).toEqual({ type: "notShown", market, lane, problem: "its log ends at 0" });
  });

  it("says that its own machine failed where its own disk does", async () => {
    const { leaves } = await world.propose();
    const store = { lane: () => Promise.reject(new Error("EIO")), storeLane: async () => {} };
    const chain = await world.chain.view();
    const asked = { lanes: leaves.lanes, chain, previous: none, asOf: chain.view.clock };
    expect(await replayWith({ store }).replay(asked)).toEqual({ type: "failed", problem: "Error: EIO" });
  });

  it("needs the signature of each contributor, of whom one signs for itself alone", async () => {
    const [, lane] = lanes as [WorldLane, WorldLane];
    const slot = lane.lane.take(2, 15);
    lane.submit(2, slot, "yes", signerFromSeed(sha256(new Uint8Array(1))));
    const { leaves } = await world.propose();
    const chain = await world.chain.view();
    const own = await replayWith().replay({ lanes: leaves.lanes, chain, previous: none, asOf: chain.view.clock });
    expect(own).toMatchObject({
      type: "differs",
      difference: { code: "ENTRY_DIFFERS", place: { market: lane.market } },
    });
  });
});
