import { beforeAll, describe, expect, it } from "vitest";
import type { TestContributor } from "../../../test/support/engine.ts";
import { entriesOf, manyTasks, openMarket, signInMany, single } from "../../../test/support/engine-world.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import { amount } from "../../core/amount.ts";
import type { MarketId } from "../../core/market-id.ts";
import { sha256 } from "../../main/crypto.ts";
import { controlCommitment } from "../../market/controls.ts";
import { type Entry, reasons } from "../../market/entries.ts";
import { dayMs, defaultPolicy, hourMs } from "../../market/spec.ts";
import type { Engine } from "../engine.ts";
import { Lanes } from "../lanes.ts";
import { sweepOnce } from "../sweep.ts";
import type { OfferView, VerdictView } from "../types.ts";
import { findingsOf, ruleText } from "./rules.ts";

const used = useTestEngine();
const { pool, time, clock, context } = used;
let engine: Engine;

beforeAll(() => {
  engine = used.engine();
});

async function answer(person: TestContributor, market: MarketId, task: number, choice: string): Promise<void> {
  const [offer] = await person.assign(market, task);
  await person.submit(market, (offer as OfferView).slot, choice);
}

const join = async (): Promise<TestContributor> => (await signInMany(engine, 1, clock))[0] as TestContributor;
const verdicts = async (person: TestContributor): Promise<readonly VerdictView[]> =>
  (await engine.listVerdicts(person.session, null, 100)).items;
const newest = async (person: TestContributor): Promise<VerdictView> => (await verdicts(person))[0] as VerdictView;
const entryAt = async (market: MarketId, sequence: number): Promise<Entry> =>
  (await entriesOf(pool(), market))[sequence - 1] as Entry;

/** Two say a, the third b. */
async function outvoted(parts: Parameters<typeof openMarket>[1] = {}, tasks = 1) {
  const opened = await openMarket(engine, { tasks: manyTasks(tasks), ...parts });
  const people = await signInMany(engine, 3, clock);
  const odd = people[2] as TestContributor;
  for (let task = 0; task < tasks; task++) {
    for (const person of people) await answer(person, opened.market, task, person === odd ? "b" : "a");
  }
  return { ...opened, people, odd };
}

describe("an explained verdict", () => {
  it("has a rule for every reason and every fault", () => {
    const texts = reasons.map((reason) => ruleText(reason));
    expect(new Set(texts).size).toBe(reasons.length);
    const findings = findingsOf('[{"actual":200000,"code":"PLACE_FAR","limit":50000}]');
    expect(ruleText("PLACE_FAR", findings)).toMatch(/200000.*50000|50000.*200000/);
    expect(texts.every((text) => text.endsWith("."))).toBe(true);
    expect(ruleText("FAULT_STORAGE")).toMatch(/fault of the network/);
    expect(ruleText(null)).toMatch(/No verdict/);
  });

  it("cites the label it rests on, its confidence and the entry that has it", async () => {
    const { market, odd, people } = await outvoted();
    const { explanation } = await newest(odd);
    expect(explanation).toMatchObject({
      rule: expect.stringMatching(/settled on another answer/),
      label: { label: "a", decided: true },
      control: null,
      record: null,
      model: null,
      panel: null,
      note: null,
    });
    expect(explanation.label?.confidencePpm).toBeGreaterThan(600_000);
    const entry = await entryAt(market, explanation.label?.sequence ?? 0);
    expect(entry).toMatchObject({ kind: "settled", task: 0, label: 0 });
    expect((await newest(people[0] as TestContributor)).explanation).toMatchObject({
      label: { label: "a" },
      appeal: null,
    });
  });

  it("cites the commitment of a control task, and its answer no sooner than everybody may see it", async () => {
    const tasks = manyTasks(4, (i) => (i === 3 ? "b" : null));
    const { owner, market } = await openMarket(engine, { tasks: tasks.slice(0, 2) });
    await engine.addTasks(owner, market, tasks.slice(2));
    const person = await join();
    await answer(person, market, 3, "a");
    const { control, rule, label } = (await newest(person)).explanation;
    expect([rule, label]).toEqual([expect.stringMatching(/known beforehand, and yours is another/), null]);
    expect(control).toMatchObject({ openedSequence: null, answer: null });
    const batch = await entryAt(market, control?.committedSequence ?? 0);
    expect(batch).toMatchObject({
      kind: "batchAdded",
      first: 2,
      controls: [{ task: 3, commitment: control?.commitment }],
    });
    await engine.retireControls(owner, market);
    const opened = (await newest(person)).explanation.control;
    expect(opened).toMatchObject({ commitment: control?.commitment, answer: "b" });
    const shown = await entryAt(market, opened?.openedSequence ?? 0);
    expect(shown.kind === "controlRetired" && controlCommitment(sha256, shown)).toEqual(control?.commitment);
  });

  it("cites the record where too few controls were right", async () => {
    const { market } = await openMarket(engine, {
      tasks: manyTasks(3, (i) => (i < 2 ? "b" : null)),
      spec: { ...single, controls: { answeredMin: 2, accuracyPpmMin: 500_000 } },
    });
    const person = await join();
    for (const task of [0, 1, 2]) await answer(person, market, task, "a");
    const all = await verdicts(person);
    const low = all.find(({ reason }) => reason === "CONTROL_RATE_LOW");
    expect(low?.explanation.record).toEqual({ answered: 2, right: 0, answeredMin: 2, accuracyPpmMin: 500_000 });
  });

  it("has what the requester said", async () => {
    const { owner, market } = await openMarket(engine, {
      tasks: manyTasks(1),
      spec: { terms: { overlap: { min: 1, max: 1, targetPpm: 990_000 } }, review: { windowMs: hourMs } },
    });
    const person = await join();
    await answer(person, market, 0, "a");
    expect((await newest(person)).explanation).toMatchObject({ label: { decided: false }, appeal: null });
    await engine.review(owner, market, { task: 0, ordinal: 0 }, false, "It is a dog.");
    expect((await newest(person)).explanation).toMatchObject({ note: "It is a dog.", appeal: { isOpen: true } });
  });

  it("names the model that called a contributor uninformative, and nothing of the task", async () => {
    const { owner, market } = await openMarket(engine, {
      deposit: 50_000_000n,
      tasks: manyTasks(80, (i) => (i % 4 === 0 ? (["a", "b"][(i / 4) % 2] as string) : null)),
      spec: { policy: { ...defaultPolicy, uninformativeMillinats: -1_000 } },
    });
    const people = await signInMany(engine, 4, clock);
    for (let task = 0; task < 80; task++) {
      for (const [i, person] of people.entries()) {
        const truth = ["a", "b"][Math.floor(task / 4) % 2] as string;
        await answer(person, market, task, i === 3 ? "a" : truth).catch(() => undefined);
      }
    }
    await engine.changeStatus(owner, market, "close");
    const all = await verdicts(people[3] as TestContributor);
    const named = all.filter(({ reason }) => reason === "UNINFORMATIVE");
    expect(named.length).toBeGreaterThan(0);
    for (const { explanation, decidedSequence } of named) {
      expect(explanation).toMatchObject({ label: null, control: null, record: null });
      expect(explanation.model?.sequence).toBeLessThan(decidedSequence);
      const { version } = explanation.model ?? {};
      expect(await entryAt(market, explanation.model?.sequence ?? 0)).toMatchObject({ kind: "modelAdopted", version });
    }
    const last = named[0]?.explanation.model;
    expect(last?.standing === "uninformative" || last?.standing === null).toBe(true);
  });
});

describe("an appeal in an explained verdict", () => {
  it("is open until its window ends, and free the first time", async () => {
    const { market, odd } = await outvoted();
    const untilMs = time.now + hourMs;
    expect((await newest(odd)).explanation.appeal).toEqual({ isOpen: true, untilMs, cost: 0n, problem: null });
    time.now += hourMs;
    // Before anybody has written the time, and after.
    const shut = { isOpen: false, untilMs: null, cost: null, problem: "its window has passed" };
    expect((await newest(odd)).explanation.appeal).toEqual(shut);
    time.now += dayMs;
    await sweepOnce(context(), new Lanes(context()));
    expect(await newest(odd)).toMatchObject({ state: "rejected", market, explanation: { appeal: shut } });
  });

  it("costs reserve the second time, and says where there is not enough", async () => {
    const appeal = { windowMs: hourMs, budget: amount(200_000n), panel: 3, cost: amount(60_000n) };
    const { market, odd } = await outvoted({ spec: { appeal } }, 2);
    await engine.appeal(odd.session, market, { task: 0, ordinal: 2 });
    const [second, first] = await verdicts(odd);
    expect(first?.explanation.appeal).toMatchObject({ isOpen: false, problem: "an appeal is under way" });
    expect(second?.explanation.appeal).toMatchObject({
      isOpen: false,
      cost: 60_000n,
      problem: "it costs more than your reserve in this market",
    });
    await expect(engine.appeal(odd.session, market, { task: 1, ordinal: 2 })).rejects.toMatchObject({
      code: "BUDGET_EXCEEDED",
    });
  });

  it("says where the market's budget is used up", async () => {
    const appeal = { windowMs: hourMs, budget: amount(61_200n), panel: 3, cost: amount(0n) };
    const { market, odd } = await outvoted({ spec: { appeal } }, 2);
    await engine.appeal(odd.session, market, { task: 0, ordinal: 2 });
    expect((await newest(odd)).explanation.appeal).toMatchObject({
      isOpen: false,
      problem: "the market's budget for appeals is used up",
    });
  });

  it("shows what the panel said", async () => {
    const { market, odd } = await outvoted();
    await engine.appeal(odd.session, market, { task: 0, ordinal: 2 });
    for (const person of await signInMany(engine, 3, clock)) await answer(person, market, 0, "b");
    expect(await newest(odd)).toMatchObject({
      state: "accepted",
      reason: "APPEAL_WON",
      explanation: { panel: { votes: 3, label: "b" }, appeal: null, label: null },
    });
  });
});

describe("a page of verdicts", () => {
  it("explains verdicts of several markets", async () => {
    const person = await join();
    const markets: MarketId[] = [];
    for (let i = 0; i < 3; i++) {
      const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(2) });
      markets.push(market);
      for (const task of [0, 1]) await answer(person, market, task, "a");
    }
    const all = await verdicts(person);
    expect(all).toHaveLength(6);
    expect(all.every(({ explanation }) => explanation.label?.label === "a")).toBe(true);
    expect(new Set(all.map(({ market }) => market))).toEqual(new Set(markets));
    expect((await engine.listVerdicts((await join()).session, null, 5)).items).toEqual([]);
  });
});
