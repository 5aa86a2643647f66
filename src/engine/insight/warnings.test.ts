import { beforeAll, describe, expect, it } from "vitest";
import { manyTasks, openMarket, signInMany, workThrough } from "../../../test/support/engine-world.ts";
import { people, workThrough as playOut, policyMarket, truthOf } from "../../../test/support/policy-market.ts";
import { useTestEngine } from "../../../test/support/used-engine.ts";
import { defaultPolicy } from "../../market/spec.ts";
import type { Engine } from "../engine.ts";
import type { Lanes } from "../lanes.ts";
import { Pools } from "../pools.ts";
import { createWarnings } from "./warnings.ts";

const used = useTestEngine();
let engine: Engine;

beforeAll(() => {
  engine = used.engine();
});

const names = ["a", "b"] as const;
const controlled = (count: number) => manyTasks(count, (i) => (i % 6 === 0 ? (names[truthOf(i)] as string) : null));

describe("the warnings of a market", () => {
  it("are none where all is well", async () => {
    const { market } = await openMarket(engine);
    expect(await engine.warnings(market)).toEqual([]);
  });

  it("say what is wrong and what can be done, in tokens and per cent", async () => {
    const { market } = await openMarket(engine, { spec: { policy: defaultPolicy }, deposit: 200_000n });
    // Four tasks, three answers each, 0.0204 with fee; 0.1 are set aside for appeals.
    expect(await engine.warnings(market)).toEqual([
      {
        code: "CONTROLS_MISSING",
        what: expect.stringMatching(/no control tasks/),
        next: expect.stringMatching(/one in ten/),
      },
      {
        code: "ESCROW_SHORT",
        tasks: 4,
        needed: 244_800n,
        free: 100_000n,
        what: "The 4 tasks that nobody has begun will cost about 0.2448 with fee, and 0.1 is free.",
        next: expect.stringMatching(/^Fund the market/),
      },
    ]);
  });

  it("come early where a target cannot be reached at any price", async () => {
    const { market } = await openMarket(engine, {
      deposit: 50_000_000n,
      tasks: controlled(120),
      spec: { policy: defaultPolicy, terms: { overlap: { min: 3, max: 6, targetPpm: 999_000 } } },
    });
    let turn = 0;
    for (const person of await signInMany(engine, 4, used.clock)) {
      let left = 25;
      // One answer in three is wrong.
      const said = (task: number): string => names[++turn % 3 === 0 ? 1 - truthOf(task) : truthOf(task)] as string;
      await workThrough(person, market, (task) => {
        if (left-- === 0) throw new Error("enough");
        return said(task);
      }).catch(() => undefined);
    }
    expect((await engine.market(market)).answers).toBe(100);
    const warnings = await engine.warnings(market);
    expect(warnings.map(({ code }) => code)).toContain("TARGET_OUT_OF_REACH");
    expect(warnings[0]?.what).toMatch(/no price makes most tasks 99\.9% certain: at any price \d+(\.\d)?% of labels/);
    // Asked again, nothing is computed anew, and the same is said.
    expect(await engine.warnings(market)).toEqual(warnings);
  });

  it("go by what happened once tasks are settled", async () => {
    const { market } = await openMarket(engine, {
      tasks: manyTasks(20),
      deposit: 10_000_000n,
      spec: { terms: { overlap: { min: 1, max: 1, targetPpm: 990_000 } } },
    });
    const [person] = await signInMany(engine, 1, used.clock);
    await workThrough(person as never, market, () => "a");
    expect(await engine.warnings(market)).toMatchObject([
      {
        code: "TARGET_SELDOM_REACHED",
        reached: 0,
        answersMax: 1,
        what: expect.stringMatching(/^Only 0% of tasks become 99% certain/),
      },
    ]);
  });

  it("are foreseen once a minute at most, however often models are adopted and owners ask", async () => {
    const hard = { spec: { policy: defaultPolicy, terms: { overlap: { min: 3, max: 6, targetPpm: 999_000 } } } };
    const [bad, good] = [policyMarket(hard), policyMarket()];
    playOut(bad, people(3, 3, 3, 4, 4), 110);
    playOut(good, people(0, 0, 1, 1, 1), 300);
    expect(good.state.model.version).not.toBe(bad.state.model.version);
    let shown = bad.state;
    const pools = new Pools(used.context());
    pools.of = () => Promise.resolve(pools.home);
    const read = <T>(look: (state: typeof shown) => T): Promise<T> => Promise.resolve(look(shown));
    const lanes = { get: () => ({ read }) } as unknown as Lanes;
    const { warnings } = createWarnings(used.context(), lanes, pools);
    const codes = async () => (await warnings(bad.state.market)).map(({ code }) => code);
    expect(await codes()).toContain("TARGET_OUT_OF_REACH");
    shown = good.state;
    used.time.now += 59_999;
    expect(await codes()).toContain("TARGET_OUT_OF_REACH");
    used.time.now += 1;
    expect(await codes()).toEqual([]);
  });
});
