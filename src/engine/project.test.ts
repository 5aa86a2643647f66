import { beforeAll, describe, expect, it } from "vitest";
import type { TestContributor } from "../../test/support/engine.ts";
import {
  collect,
  manyTasks,
  openMarket,
  type SpecChanges,
  signInMany,
  storedEntries,
} from "../../test/support/engine-world.ts";
import { useTestEngine } from "../../test/support/used-engine.ts";
import { amount, zero } from "../core/amount.ts";
import { type Bytes32, bytes32 } from "../core/bytes.ts";
import { isEarnestError } from "../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { type Slot, slotKey } from "../core/slot.ts";
import { sha256 } from "../main/crypto.ts";
import { commitDraft, draftOf } from "../market/draft.ts";
import { decodeEntry, faults, isInput, type LogRecord } from "../market/entries.ts";
import { Replay } from "../market/replay.ts";
import { hourMs, minuteMs } from "../market/spec.ts";
import { emptyLaneState, type LaneState } from "../market/state.ts";
import type { Appended } from "../market/step.ts";
import { readResults } from "../store/tasks/read-results.ts";
import { readVerdictsOfTasks } from "../store/tasks/read-verdicts.ts";
import type { ResultRow } from "../store/tasks/result-row.ts";
import type { VerdictRow } from "../store/tasks/verdict-row.ts";
import type { Engine } from "./engine.ts";
import { Lanes } from "./lanes.ts";
import { project } from "./project.ts";
import { sweepOnce } from "./sweep.ts";

const used = useTestEngine();
const { pool, time, clock, context } = used;
let engine: Engine;
let people: TestContributor[];

beforeAll(async () => {
  engine = used.engine();
  people = await signInMany(engine, 9, clock);
});

interface Rows {
  readonly verdicts: ReadonlyMap<number, VerdictRow & { readonly decidedAtMs: number }>;
  readonly results: ReadonlyMap<number, ResultRow>;
  readonly state: LaneState;
}

/** The tables as somebody makes them who has the log alone, one step at a time. */
async function recomputed(market: MarketId): Promise<Rows> {
  const verdicts = new Map<number, VerdictRow & { decidedAtMs: number }>();
  const results = new Map<number, ResultRow>();
  let state = emptyLaneState();
  for (const records of await steps(market)) {
    const draft = draftOf(state);
    const replay = new Replay(draft, sha256);
    const first = draft.tree.size + 1;
    replay.feed(records);
    replay.end();
    const appended = records.map((record, i) => ({ ...record, sequence: first + i }) as unknown as Appended);
    const rows = project(draft, appended);
    for (const { isNew, ...row } of rows.verdicts) {
      expect(isNew).toBe(!verdicts.has(slotKey(row)));
      const sequences = [...(verdicts.get(slotKey(row))?.sequences ?? []), ...row.sequences];
      verdicts.set(slotKey(row), { ...row, sequences, decidedAtMs: draft.timeMs });
    }
    for (const { isNew, ...row } of rows.results) {
      expect(isNew).toBe(!results.has(row.task));
      results.set(row.task, { ...row, sequence: results.get(row.task)?.sequence ?? row.sequence });
    }
    state = commitDraft(draft);
  }
  return { verdicts, results, state };
}

/** Each input with what follows from it. */
async function steps(market: MarketId): Promise<LogRecord[][]> {
  const groups: LogRecord[][] = [];
  for (const { encoded, attachment } of await storedEntries(pool(), market)) {
    const entry = decodeEntry(encoded);
    if (isInput(entry)) groups.push([{ entry, attachment }]);
    else groups.at(-1)?.push({ entry, attachment });
  }
  return groups;
}

async function expectProjected(market: MarketId): Promise<Rows> {
  const expected = await recomputed(market);
  const key = marketIdToBytes(market);
  const verdicts = await readVerdictsOfTasks(pool(), key, 0, 0, 1_000_000);
  const stored = verdicts.map(({ market: _m, lane: _l, key: _k, ...row }) => row);
  expect(stored).toEqual([...expected.verdicts].sort(([a], [b]) => a - b).map(([, row]) => row));
  expect(await readResults(pool(), key, 0, 0, 1_000_000)).toEqual(
    [...expected.results.values()].sort((a, b) => a.task - b.task),
  );
  expectBalanced(expected);
  expectComplete(expected);
  return expected;
}

/** Said without the projection: what the rows paid is what is in the purses. */
function expectBalanced({ verdicts, state }: Rows): void {
  const paid = new Map<number, bigint>();
  for (const { contributor, reward } of verdicts.values()) {
    paid.set(contributor, (paid.get(contributor) ?? 0n) + reward);
  }
  for (const contributor of state.members.keys()) {
    const purse = state.members.get(contributor)?.purse;
    expect((purse?.released ?? 0n) + (purse?.held ?? 0n)).toBe(paid.get(contributor) ?? 0n);
  }
}

/** Every slot of the state that has a verdict, or was answered and is void, has a row that says the same. */
function expectComplete({ verdicts, state }: Rows): void {
  const undecided = new Set(["assigned", "held", "expired"]);
  for (const task of state.tasks.keys()) {
    for (const [ordinal, slot] of (state.tasks.get(task)?.slots ?? []).entries()) {
      const row = verdicts.get(slotKey({ task, ordinal }));
      const hasRow = slot.body !== null && !undecided.has(slot.state);
      expect(row?.state ?? "none").toBe(hasRow ? slot.state : "none");
      if (slot.state !== "void") expect(row?.reason ?? null).toBe(hasRow ? slot.reason : null);
    }
  }
}

/** Small, repeatable randomness. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const spec: SpecChanges = {
  terms: { overlap: { min: 2, max: 2, targetPpm: 800_000 } },
  review: { windowMs: 30 * minuteMs },
  appeal: { windowMs: hourMs, budget: amount(2_000_000n), panel: 2, cost: zero },
};

const refused = (error: unknown): void => {
  if (!isEarnestError(error) || error.kind === "internal") throw error;
};

interface Run {
  readonly owner: Bytes32;
  readonly market: MarketId;
  readonly roll: (sides: number) => number;
}

async function act({ owner, market, roll }: Run): Promise<void> {
  const person = people[roll(people.length)] as TestContributor;
  const verdicts = (await engine.listVerdicts(person.session, null, 100)).items.filter(
    (each) => each.market === market && each.state === "appealable",
  );
  const appealed = verdicts[roll(Math.max(verdicts.length, 1))];
  switch (roll(8)) {
    case 0:
      time.now += roll(40) * minuteMs;
      break;
    case 1:
      if (appealed !== undefined) await engine.appeal(person.session, market, appealed.slot);
      break;
    case 2: {
      for (const { slot } of await engine.reviews(owner, market)) {
        await engine.review(owner, market, slot, roll(3) > 0, "");
      }
      break;
    }
    default: {
      const offers = await person.assign(market, roll(4) === 0 ? 5 * roll(3) : null, 1 + roll(3));
      const answers = offers.filter(() => roll(6) > 0);
      // The first control says "b", which is wrong: nearly everybody knows better.
      const bodies = answers.map(({ slot }) => ({ slot, body: { answer: roll(4) === 0 ? "b" : "a" } }));
      if (bodies.length > 0) await engine.submit(person.request(market, bodies, roll(2)));
    }
  }
}

/** Random work in a market of its own. Four act at a time, so that no two lives of a seed are the same. */
async function live(seed: number): Promise<MarketId> {
  const roll = dice(seed);
  const tasks = manyTasks(14, (i) => (i % 5 > 0 ? null : i === 0 ? "b" : "a"));
  const { owner, market } = await openMarket(engine, { spec, deposit: 5_000_000n, tasks });
  for (let i = 0; i < 25; i++) {
    await Promise.all(Array.from({ length: 4 }, () => act({ owner, market, roll }).catch(refused)));
  }
  return market;
}

async function unseenReasons(): Promise<readonly string[]> {
  const { rows } = await pool().query<{ reason: string }>("select distinct reason from verdicts");
  const seen = new Set(rows.map(({ reason }) => reason));
  const wanted = ["AGREES", "CONTROL_MATCHED", "CONTROL_MISSED", "APPEAL_LOST", "REVIEW_ACCEPTED"];
  return wanted.filter((reason) => !seen.has(reason));
}

describe("the tables of verdicts and results", () => {
  it.each([1, 2, 3, 4])("are what a replay of the log gives, after random work (%i)", async (seed) => {
    const market = await live(seed);
    await expectProjected(market);
    for (let i = 0; i < 4; i++) {
      time.now += 2 * hourMs;
      await sweepOnce(context(), new Lanes(context()));
    }
    const { verdicts, results } = await expectProjected(market);
    expect(verdicts.size).toBeGreaterThan(20);
    expect(results.size).toBeGreaterThan(5);
  });

  it("have a row of every way that a verdict can come about, sooner or later", { timeout: 120_000 }, async () => {
    for (let seed = 5; seed < 30 && (await unseenReasons()).length > 0; seed++) {
      await expectProjected(await live(seed));
    }
    expect(await unseenReasons()).toEqual([]);
  });
});

describe("a single verdict's row", () => {
  const overlapOf = (answers: number): SpecChanges => ({
    terms: { overlap: { min: answers, max: answers, targetPpm: 600_000 } },
  });
  const slotIn = (offers: readonly { readonly slot: Slot }[]): Slot => (offers[0] as { slot: Slot }).slot;
  const rowOf = async (market: MarketId, slot: Slot) =>
    (await readVerdictsOfTasks(pool(), marketIdToBytes(market), 0, slot.task, slot.task)).find(
      ({ ordinal }) => ordinal === slot.ordinal,
    );

  it("is there with the verdict, and not before", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(1) });
    const slots: Slot[] = [];
    for (const [i, person] of people.slice(0, 3).entries()) {
      const slot = slotIn(await person.assign(market));
      slots.push(slot);
      expect(await rowOf(market, slot)).toBeUndefined();
      await person.submit(market, slot, i === 2 ? "b" : "a");
    }
    expect(await Promise.all(slots.map(async (slot) => (await rowOf(market, slot))?.state))).toEqual([
      "accepted",
      "accepted",
      "appealable",
    ]);
  });

  it("follows an appeal to its end; the label too", async () => {
    const appeal = { windowMs: hourMs, budget: amount(200_000n), panel: 3, cost: zero };
    const { market } = await openMarket(engine, { spec: { appeal }, tasks: manyTasks(1) });
    const slots: Slot[] = [];
    for (const [i, person] of people.slice(0, 3).entries()) {
      const slot = slotIn(await person.assign(market));
      slots.push(slot);
      await person.submit(market, slot, i === 2 ? "b" : "a");
    }
    const lost = slots[2] as Slot;
    await engine.appeal((people[2] as TestContributor).session, market, lost);
    expect(await rowOf(market, lost)).toMatchObject({ state: "appealed", reward: 0n });
    const [before] = await readResults(pool(), marketIdToBytes(market), 0, 0, 0);
    for (const person of people.slice(3, 6)) await person.submit(market, slotIn(await person.assign(market)), "b");
    expect(await rowOf(market, lost)).toMatchObject({ state: "accepted", reason: "APPEAL_WON", reward: 20_000n });
    const [after] = await readResults(pool(), marketIdToBytes(market), 0, 0, 0);
    expect([before?.label, after?.label]).toEqual(["a", "b"]);
    expect(after?.sequence).toBe(before?.sequence);
    await expectProjected(market);
  });

  it("of a control that is voided turns into an acceptance", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(2, () => "b") });
    for (const [i, person] of people.slice(0, 5).entries()) {
      for (const [task, answer] of [
        [1, "b"],
        [0, "a"],
      ] as const) {
        await person.submit(market, slotIn(await person.assign(market, task)), answer);
      }
      if (i < 4) expect(await rowOf(market, { task: 0, ordinal: i })).toMatchObject({ reason: "CONTROL_MISSED" });
    }
    for (const ordinal of [0, 1, 2, 3, 4]) {
      const row = await rowOf(market, { task: 0, ordinal });
      expect(row).toMatchObject({ state: "accepted", reason: "CONTROL_VOIDED", reward: 20_000n });
    }
    await expectProjected(market);
  });

  it.each(faults)(
    "says that it is void, by a fault of ours (%s), while the task is open and afterwards",
    async (fault) => {
      const { owner, market } = await openMarket(engine, { spec: overlapOf(2), tasks: manyTasks(1) });
      const [person, ...others] = people.slice(0, 3) as [TestContributor, TestContributor, TestContributor];
      const slot = slotIn(await person.assign(market));
      await person.submit(market, slot, "b");
      const view = { slot, state: "void", reason: `FAULT_${fault.toUpperCase()}`, reward: 0n };
      const voided = { kind: "voided", ...slot, fault, evidence: bytes32(new Uint8Array(32)) } as const;
      await new Lanes(context()).get(market).run({ type: "input", record: { entry: voided, attachment: null } });
      expect(await rowOf(market, slot)).toMatchObject({ state: "void", reason: view.reason, reward: 0n });
      expect(await engine.submission(market, slot)).toMatchObject(view);
      expect((await person.submit(market, slot, "b")).submissions).toMatchObject([view]);
      for (const other of others) await other.submit(market, slotIn(await other.assign(market)), "a");
      expect(await engine.submission(market, slot)).toMatchObject(view);
      const { items } = await engine.listVerdicts(person.session, null, 1_000);
      expect(items.filter((each) => each.market === market)).toMatchObject([view]);
      // It is no vote: the task was settled without it.
      expect(await collect(engine.results(owner, market))).toMatchObject([{ label: "a", votes: { a: 2 } }]);
      await expectProjected(market);
    },
  );

  it("is not there of a slot that was void before it was answered", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(1) });
    const [person] = people as [TestContributor];
    const slot = slotIn(await person.assign(market));
    const voided = { kind: "voided", ...slot, fault: "operator", evidence: bytes32(new Uint8Array(32)) } as const;
    await new Lanes(context()).get(market).run({ type: "input", record: { entry: voided, attachment: null } });
    expect(await rowOf(market, slot)).toBeUndefined();
    expect(await engine.submission(market, slot)).toMatchObject({ state: "void", reason: null });
    await expectProjected(market);
  });

  it("becomes final when the window to appeal has passed", async () => {
    const { market } = await openMarket(engine, { tasks: manyTasks(1) });
    for (const [i, person] of people.slice(0, 3).entries()) {
      await person.submit(market, slotIn(await person.assign(market)), i === 2 ? "b" : "a");
    }
    time.now += 2 * hourMs;
    await sweepOnce(context(), new Lanes(context()));
    expect(await rowOf(market, { task: 0, ordinal: 2 })).toMatchObject({ state: "rejected", decidedAtMs: time.now });
    await expectProjected(market);
  });
});
