import { beforeAll, describe, expect, it } from "vitest";
import { changeEntries, deleteRunOf } from "../../test/support/damage.ts";
import { type TestContributor, testContext } from "../../test/support/engine.ts";
import {
  manyTasks,
  offlineRail,
  openMarket,
  replayed,
  signInMany,
  workThrough,
} from "../../test/support/engine-world.ts";
import { type Intercept, wrapPool } from "../../test/support/pool-wrapper.ts";
import { logRoot } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { sha256 } from "../main/crypto.ts";
import { stateHash } from "../market/snapshot.ts";
import type { LaneState } from "../market/state.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import { Lanes } from "./lanes.ts";
import { loadLane } from "./load-lane.ts";

const database = useTestDatabase();
const pool = () => database().pool;
const logged: string[] = [];
const context = () =>
  testContext(pool(), offlineRail, {
    settings: { entriesPerCheckpoint: 20 },
    log: (message) => logged.push(message),
  });

let market: MarketId;
let key: Uint8Array;
let whole: LaneState;

/** The sequences of a lane's checkpoints, newest first. */
async function checkpoints(): Promise<number[]> {
  const { rows } = await pool().query<{ sequence: bigint }>(
    "select sequence from checkpoints where market = $1 order by sequence desc",
    [key],
  );
  return rows.map(({ sequence }) => Number(sequence));
}

const head = (state: LaneState): { sequence: number; head: Uint8Array } => ({
  sequence: state.tree.size,
  head: logRoot(sha256, state.tree),
});

/** Everything in a transaction that is undone: each test damages the same lane. */
async function damaged<T>(
  sql: readonly string[],
  test: (on: Parameters<typeof loadLane>[1]) => Promise<T>,
): Promise<T> {
  const client = await pool().connect();
  logged.length = 0;
  try {
    await client.query("begin");
    for (const statement of sql) await client.query(statement);
    return await test(client);
  } finally {
    await client.query("rollback");
    client.release();
  }
}

beforeAll(async () => {
  const engine = await createEngine(context());
  ({ market } = await openMarket(engine, { tasks: manyTasks(8) }));
  key = marketIdToBytes(market);
  for (const person of await signInMany(engine, 3)) await workThrough(person, market, () => "a");
  await engine.close();
  whole = await replayed(pool(), market);
});

const load = (on: Parameters<typeof loadLane>[1], at = head(whole)) =>
  loadLane(context(), on, { market: key, lane: 0 }, at);

describe("a lane that is loaded", () => {
  it("begins with the newest of two checkpoints and does not read what came before", async () => {
    const [newest, older, ...rest] = await checkpoints();
    expect(rest).toEqual([]);
    expect(newest).toBeGreaterThan(older as number);
    await damaged(
      [changeEntries({ encoded: `case when sequence > ${newest} then encoded else '\\x05' end` })],
      async (on) => {
        const { state, checkpoint } = await load(on);
        expect(checkpoint).toBe(newest);
        expect(stateHash(sha256, state)).toEqual(stateHash(sha256, whole));
      },
    );
  });

  it("passes over a damaged checkpoint and takes the one before it", async () => {
    const [newest, older] = await checkpoints();
    await damaged([`update checkpoints set state = state || '\\x00' where sequence = ${newest}`], async (on) => {
      const { state, checkpoint } = await load(on);
      expect(checkpoint).toBe(older);
      expect(stateHash(sha256, state)).toEqual(stateHash(sha256, whole));
      expect(logged).toEqual(["a checkpoint cannot be used"]);
    });
  });

  it("replays the whole log where no checkpoint can be used", async () => {
    for (const damage of [
      "update checkpoints set hash = decode(repeat('00', 32), 'hex')",
      "update checkpoints set state = substring(state from 1 for 40)",
      "update checkpoints set sequence = sequence - 1",
    ]) {
      await damaged([damage], async (on) => {
        const { state, checkpoint } = await load(on);
        expect(checkpoint).toBe(0);
        expect(stateHash(sha256, state)).toEqual(stateHash(sha256, whole));
        expect(logged).toHaveLength(2);
      });
    }
  });

  it("passes over a checkpoint that fits its hash but is not of this log", async () => {
    const engine = await createEngine(context());
    const other = await openMarket(engine, { tasks: manyTasks(30) });
    const [person] = (await signInMany(engine, 1)) as [TestContributor];
    await workThrough(person, other.market, () => "b");
    await engine.close();
    const [newest] = await checkpoints();
    const foreign = Buffer.from(marketIdToBytes(other.market)).toString("hex");
    const swap = `update checkpoints c set (hash, state) = (select o.hash, o.state from checkpoints o
      where o.market = '\\x${foreign}' order by sequence desc limit 1) where c.sequence = ${newest}`;
    await damaged([swap], async (on) => {
      const { state } = await load(on);
      expect(stateHash(sha256, state)).toEqual(stateHash(sha256, whole));
      expect(logged).toEqual(["a checkpoint cannot be used"]);
    });
  });

  it("does not look at a checkpoint beyond the head", async () => {
    const [, older] = await checkpoints();
    const shorter = await replayed(pool(), market);
    await damaged([`delete from checkpoints where sequence = ${older}`], async (on) => {
      const { checkpoint } = await load(on, head(shorter));
      expect(checkpoint).toBeLessThanOrEqual(shorter.tree.size);
    });
    const [row] = (
      await pool().query<{ sequence: bigint; root: Uint8Array }>(
        "select sequence, root from heads where market = $1 and sequence < $2 order by sequence desc limit 1",
        [key, older],
      )
    ).rows;
    const early = { sequence: Number(row?.sequence), head: row?.root as Uint8Array };
    const { state, checkpoint } = await load(pool(), early);
    expect([state.tree.size, checkpoint]).toEqual([early.sequence, 0]);
  });
});

describe("a log that does not lead to the lane's head", () => {
  const lastOf = (): number => whole.tree.size;

  it.each([
    ["an entry is missing in the middle", () => deleteRunOf(lastOf() - 3)],
    ["the last entry is missing", () => deleteRunOf(lastOf())],
    [
      "an entry was altered",
      () => changeEntries({ encoded: `case sequence when ${lastOf() - 3} then '\\x05' else encoded end` }),
    ],
    [
      "bytes are no entry",
      () => changeEntries({ encoded: `case sequence when ${lastOf() - 3} then '\\xff' else encoded end` }),
    ],
    [
      "the body of an answer was altered",
      () => changeEntries({ attachment: `case when attachment is not null then '{"answer":"b"}'::bytea end` }),
    ],
    ["the body of an answer is missing", () => changeEntries({ attachment: "null::bytea" })],
  ])("is refused: %s", async (_, sql) => {
    await damaged(["delete from checkpoints", sql()], async (on) => {
      await expect(load(on)).rejects.toSatisfy((error: { code?: string }) =>
        ["REPLAY_MISMATCH", "MALFORMED_ENCODING"].includes(error.code ?? ""),
      );
    });
  });

  it("is refused where the row's head is another", async () => {
    const wrong = { sequence: whole.tree.size, head: new Uint8Array(32) };
    await expect(load(pool(), wrong)).rejects.toMatchObject({ code: "REPLAY_MISMATCH" });
  });
});

describe("a lane with nothing in its log", () => {
  it("is empty", async () => {
    const { state, checkpoint } = await loadLane(
      context(),
      pool(),
      { market: new Uint8Array(16), lane: 0 },
      { sequence: 0, head: new Uint8Array(32) },
    );
    expect([state.tree.size, checkpoint, state.spec]).toEqual([0, 0, null]);
  });
});

it("says how far it is where it takes long", async () => {
  const said: unknown[] = [];
  let nowMs = 0;
  const slow = { ...context(), clock: () => (nowMs += 6_000), log: (...line: unknown[]) => said.push(line) };
  const at = head(whole);
  await damaged(["delete from checkpoints"], (on) => loadLane(slow, on, { market: key, lane: 0 }, at));
  const { sequence } = at;
  expect(said).toEqual([["a log is being replayed", { market, lane: 0, sequence, upTo: sequence }]]);
});

describe("a fresh process", () => {
  it("takes up the work where the last one stopped", async () => {
    const lanes = new Lanes(context());
    const seen = await lanes.get(market).read((state) => stateHash(sha256, state));
    expect(seen).toEqual(stateHash(sha256, whole));
  });

  it("has nothing to replay where the last one ended in order, and little where it had little to leave", async () => {
    const atEnd = async (entriesPerLastCheckpoint: number) => {
      const settings = { entriesPerCheckpoint: 1_000, entriesPerLastCheckpoint };
      const world = testContext(pool(), offlineRail, { settings, log: (message) => logged.push(message) });
      const engine = await createEngine(world);
      const { market: fresh } = await openMarket(engine, { tasks: manyTasks(4) });
      const [person] = await signInMany(engine, 1);
      await workThrough(person as TestContributor, fresh, () => "a");
      await engine.close();
      const state = await replayed(pool(), fresh);
      const id = { market: marketIdToBytes(fresh), lane: 0 };
      return { size: state.tree.size, ...(await loadLane(world, pool(), id, head(state))) };
    };
    const left = await atEnd(5);
    expect(left.size).toBeGreaterThan(5);
    expect(left.checkpoint).toBe(left.size);
    expect((await atEnd(500)).checkpoint).toBe(0);
  });

  it("is not held up by a database that is gone when the last one ends", async () => {
    logged.length = 0;
    const lost: string[] = [];
    const losing: Intercept = async (text, run) => {
      if (text.includes("into checkpoints")) {
        lost.push(text);
        throw new Error("gone");
      }
      return await run();
    };
    const settings = { entriesPerLastCheckpoint: 1 };
    const lanes = new Lanes(
      testContext(wrapPool(pool(), losing), offlineRail, { settings, log: (message) => logged.push(message) }),
    );
    const engine = await createEngine(context());
    for (let i = 0; i < 2; i++) {
      const { market: each } = await openMarket(engine, { tasks: manyTasks(1) });
      await lanes.get(each).read(() => undefined);
    }
    await lanes.leave();
    await engine.close();
    expect(lost).toHaveLength(1);
    expect(logged.filter((message) => message === "a checkpoint was not written")).toHaveLength(1);
  });
});
