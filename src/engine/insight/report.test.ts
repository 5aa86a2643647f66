import { beforeAll, describe, expect, it } from "vitest";
import { TestContributor } from "../../../test/support/engine.ts";
import { manyTasks, openMarket, workThrough } from "../../../test/support/engine-world.ts";
import { truthOf } from "../../../test/support/policy-market.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import { type Bytes32, bytes32, toBase58 } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import { randomFill } from "../../main/crypto.ts";
import { defaultPolicy } from "../../market/spec.ts";
import type { Engine } from "../engine.ts";
import type { NewTask, OfferView } from "../types.ts";

const used = useTestEngine();
const { clock } = used;
let engine: Engine;

beforeAll(() => {
  engine = used.engine();
});

const join = (automated = false): Promise<TestContributor> =>
  TestContributor.signIn(engine, undefined, clock, undefined, automated);

async function answer(person: TestContributor, market: MarketId, task: number, choice: string): Promise<void> {
  const [offer] = await person.assign(market, task);
  await person.submit(market, (offer as OfferView).slot, choice);
}

const single = { overlap: { min: 1, max: 1, targetPpm: 0 } };

/** Two tasks that take one answer, three that take three, and a control task whose answer is b. */
const tasks: readonly NewTask[] = manyTasks(6).map((task, i) => ({
  ...task,
  terms: i < 2 ? single : null,
  control: i === 5 ? "b" : null,
}));

interface Played {
  readonly owner: Bytes32;
  readonly market: MarketId;
  readonly machine: TestContributor;
}

async function played(): Promise<Played> {
  const { owner, market } = await openMarket(engine, { tasks });
  const [machine, one, other] = [await join(true), await join(), await join()];
  await answer(machine, market, 0, "a");
  await answer(one, market, 1, "a");
  for (const task of [2, 3, 4]) await answer(machine, market, task, "a");
  // The machine is overruled on 2 and confirmed on 3; nobody knows yet on 4.
  for (const person of [one, other]) await answer(person, market, 2, "b");
  await answer(one, market, 3, "a");
  await answer(other, market, 3, "b");
  await answer(one, market, 4, "a");
  await answer(machine, market, 5, "a");
  await answer(one, market, 5, "b");
  return { owner, market, machine };
}

describe("the report of a market", () => {
  it("says what machines gave and what people added", async () => {
    const { owner, market, machine } = await played();
    const report = await engine.report(owner, market);
    expect(report).toMatchObject({
      market,
      title: "Which is better?",
      tasks: { asked: 5, controls: 1, settled: 4, decided: 4 },
      answers: { machines: 4, people: 6, perTask: 2 },
      // Overruled were the machine on 2 and one of the people on 3; the control task does not count.
      agreement: { judged: 8, agreed: 6 },
      people: { contributors: 2, measured: { tasks: 1, right: 1, accuracy: 1 } },
      settledBy: { machines: 1, people: 1, both: 2 },
      added: { confirmed: 1, corrected: 1, helped: 0 },
      saved: null,
      warnings: [],
    });
    expect(report.machines).toMatchObject([
      {
        answers: 4,
        judged: 3,
        agreed: 2,
        earned: 40_000n,
        measured: { tasks: 1, right: 0, accuracy: 0, errors: [{ truth: "b", answer: "a", count: 1 }] },
      },
    ]);
    expect(toBase58(report.machines[0]?.contributor as Uint8Array)).toBe(toBase58(machine.session.key));
    // The machine's two, and of people: one alone, two against the machine, one with it, and one on the control task.
    expect(report.cost).toBe(140_000n);
    expect(report.confidence).toBeGreaterThan(0.5);
  });

  it("is of people alone where no machine came", async () => {
    const { owner, market } = await openMarket(engine, { tasks });
    await answer(await join(), market, 0, "a");
    expect(await engine.report(owner, market)).toMatchObject({
      machines: [],
      answers: { machines: 0, people: 1, perTask: 1 },
      settledBy: { machines: 0, people: 1, both: 0 },
      saved: null,
    });
  });

  it("stays the same where all tasks of a stretch have ended, and goes on in the others", async () => {
    const many = manyTasks(503).map((task) => ({ ...task, terms: single }));
    const { owner, market } = await openMarket(engine, { deposit: 50_000_000n, tasks: many });
    const machine = await join(true);
    for (let done = 0; done < 503; ) {
      const slots = (await machine.assign(market, null, 100)).map(({ slot }) => slot);
      await engine.submit(
        machine.request(
          market,
          slots.map((slot) => ({ slot, body: { answer: "a" } })),
        ),
      );
      done += slots.length;
    }
    const before = await engine.report(owner, market);
    expect(before).toMatchObject({ answers: { machines: 503, people: 0 }, tasks: { settled: 503 } });
    await engine.addTasks(owner, market, [{ ...(many[0] as NewTask), externalId: "later" }]);
    await answer(await join(), market, 503, "b");
    const after = await engine.report(owner, market);
    expect(after).toMatchObject({
      answers: { machines: 503, people: 1 },
      tasks: { settled: 504 },
      settledBy: { machines: 503, people: 1, both: 0 },
    });
    expect(after.machines).toMatchObject([{ answers: 503, judged: 503, agreed: 503 }]);
    expect(await engine.report(owner, market)).toEqual(after);
  });

  it("is empty before anything happened, and for the owner alone", async () => {
    const { owner, market } = await openMarket(engine, { tasks: [] });
    expect(await engine.report(owner, market)).toMatchObject({
      tasks: { asked: 0, controls: 0, settled: 0, decided: 0 },
      answers: { perTask: null },
      confidence: null,
      agreement: { judged: 0, agreed: 0 },
      people: { contributors: 0, measured: { tasks: 0, accuracy: null, interval: [0, 1] } },
      cost: 0n,
    });
    await expect(engine.report(bytes32(randomFill(32)), market)).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
  });

  it("foresees what people alone would have given, once a model knows them", async () => {
    const names = ["a", "b"] as const;
    const said = (task: number): string => names[truthOf(task)] as string;
    const { owner, market } = await openMarket(engine, {
      deposit: 50_000_000n,
      tasks: manyTasks(60, (i) => (i % 4 === 0 ? said(i) : null)),
      spec: { policy: defaultPolicy, terms: { overlap: { min: 1, max: 5, targetPpm: 900_000 } } },
    });
    const [machine, ...people] = [await join(true), await join(), await join(), await join()];
    for (let task = 0; task < 60; task++) await answer(machine, market, task, said(task));
    for (const person of people) await workThrough(person, market, said);
    const { saved, settledBy, tasks: counted } = await engine.report(owner, market);
    expect(settledBy.machines + settledBy.both + settledBy.people).toBe(counted.settled);
    expect(counted.settled).toBeGreaterThan(0);
    expect(saved?.isEstimate).toBe(true);
    expect(saved?.peopleAlone).toBeGreaterThanOrEqual(counted.settled);
    expect(saved?.answers).toBeLessThanOrEqual(saved?.peopleAlone ?? 0);
  });
});
