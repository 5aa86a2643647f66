import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TestContributor, testContext } from "../../test/support/engine.ts";
import { offlineRail, replayed, signInMany, storedEntries } from "../../test/support/engine-world.ts";
import { commands, controlFor, startMs } from "../../test/support/market.ts";
import { checkState, OutcomeTracker } from "../../test/support/market-invariants.ts";
import { byNumber, commandOf, type Life, lifeArbitrary } from "../../test/support/market-random.ts";
import { bytes32, equalBytes, toBase58, toHex } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import { logLeaf, logRoot } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { randomFill, sha256 } from "../main/crypto.ts";
import type { Command } from "../market/decide.ts";
import { decodeEntry } from "../market/entries.ts";
import { encodeState } from "../market/snapshot.ts";
import { priceOf } from "../market/spec.ts";
import type { LaneState } from "../market/state.ts";
import { useTestDatabase } from "../store/testing.ts";
import type { EngineContext } from "./context.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";
import { Lanes } from "./lanes.ts";

const database = useTestDatabase();

/** Two processes on one database, each with its own cache and a clock that is a little off. */
class Processes {
  nowMs = startMs;
  readonly lanes: readonly Lanes[];
  readonly #contexts: readonly EngineContext[];

  constructor() {
    this.#contexts = [0, 40].map((aheadMs) =>
      testContext(database().pool, offlineRail, {
        clock: () => this.nowMs + aheadMs,
        rules: { hash: sha256, propose: byNumber },
        settings: { commandsPerBatchMax: 3, entriesPerCheckpoint: 20 },
      }),
    );
    this.lanes = this.#contexts.map((context) => new Lanes(context));
  }

  engine(): Promise<Engine> {
    return createEngine(this.#contexts[0] as EngineContext);
  }

  /** Refusals are part of life; anything else is not. */
  async run(process: number, market: MarketId, command: Command): Promise<void> {
    try {
      await (this.lanes[process % 2] as Lanes).get(market).run(command);
    } catch (error) {
      if (!isEarnestError(error) || error.kind === "internal") throw error;
    }
  }

  stateHexes(market: MarketId): Promise<string[]> {
    return Promise.all(this.lanes.map((lanes) => lanes.get(market).read((state) => toHex(encodeState(state)))));
  }
}

const joined = (person: TestContributor, place: number): Command =>
  commands.input("joined", {
    contributor: person.session.contributor,
    key: bytes32(randomFill(32)),
    // Two of them are one party.
    owner: bytes32(new Uint8Array(32).fill(place === 7 ? 1 : place + 1)),
    automated: false,
    facts: place % 2 === 0 ? '{"country":"FR"}' : "",
  });

async function begin(processes: Processes, life: Life): Promise<MarketId> {
  const engine = await processes.engine();
  const owner = bytes32(randomFill(32));
  const { market } = await engine.createMarket(owner, { spec: life.spec, refundTo: toBase58(owner), standing: false });
  const people = await signInMany(engine, 8, () => processes.nowMs);
  const { appeal, newcomer, terms } = life.spec;
  const deposit = life.deposit + appeal.budget + (newcomer?.budget ?? 0n) + priceOf(life.spec, terms);
  const first = [commands.funded(deposit), commands.input("opened", {})];
  const rest = [commands.batch(0, 8, null, [controlFor(1, 0), controlFor(3, 1)]), ...people.map(joined)];
  for (const [i, command] of [...first, ...rest].entries()) await processes.run(i, market, command);
  await engine.close();
  return market;
}

/** Both processes act at once; what each asks for is chosen by what one of them sees. */
async function liveThrough(processes: Processes, market: MarketId, life: Life): Promise<void> {
  const [lanes] = processes.lanes as [Lanes];
  for (const { waitMs, actions } of life.turns) {
    processes.nowMs += Math.max(waitMs, 0);
    const asked = await lanes.get(market).read((state) =>
      actions.flatMap((action) => {
        const command = action.kind === "join" ? null : commandOf(state, processes.nowMs, action);
        return command === null ? [] : [{ command, process: action.a + action.b }];
      }),
    );
    await Promise.all(asked.map(({ command, process }) => processes.run(process, market, command)));
  }
}

async function expectOneHistory(processes: Processes, market: MarketId): Promise<void> {
  const { pool } = database();
  const state: LaneState = await replayed(pool, market);
  checkState(state);
  expect(await processes.stateHexes(market)).toEqual([0, 1].map(() => toHex(encodeState(state))));
  const { rows } = await pool.query<{ head: Uint8Array }>("select head from lanes where market = $1", [
    marketIdToBytes(market),
  ]);
  expect(equalBytes(rows[0]?.head as Uint8Array, logRoot(sha256, state.tree))).toBe(true);
  const log = (await storedEntries(pool, market)).map(({ encoded, attachment }, i) => ({
    entry: decodeEntry(encoded),
    attachment,
    encoded,
    sequence: i + 1,
    completed: [logLeaf(sha256, encoded)],
  }));
  new OutcomeTracker().see(log, state);
}

describe("random commands to two processes at once", () => {
  it("make one history: every slot ends once, no money is made or lost, and replay gives both caches to the bit", async () => {
    await fc.assert(
      fc.asyncProperty(lifeArbitrary(24), async (life) => {
        const processes = new Processes();
        const market = await begin(processes, life);
        await liveThrough(processes, market, life);
        await expectOneHistory(processes, market);
      }),
      { numRuns: 15 },
    );
  });
});
