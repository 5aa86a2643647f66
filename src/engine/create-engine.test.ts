import { describe, expect, it } from "vitest";
import { TestContributor, testContext } from "../../test/support/engine.ts";
import {
  entriesOfKind,
  manyTasks,
  offlineRail,
  openMarket,
  single,
  workThrough,
} from "../../test/support/engine-world.ts";
import { Gate, type Intercept, wrapPool } from "../../test/support/pool-wrapper.ts";
import { signerFromSeed } from "../main/crypto.ts";
import { findResponse, pruneResponses, saveResponse } from "../store/identity/idempotency.ts";
import { putSetting } from "../store/identity/settings.ts";
import { createTestDatabase, useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { OfferView } from "./types.ts";

const database = useTestDatabase();
const pool = () => database().pool;

describe("a deployment", () => {
  it.each(["cluster", "mint", "pool"] as const)("is of one %s, and refuses another", async (name) => {
    const own = await createTestDatabase();
    await (await createEngine(testContext(own.pool, offlineRail))).close();
    await expect(createEngine(testContext(own.pool, { ...offlineRail, [name]: "another" }))).rejects.toMatchObject({
      code: "DATABASE_NETWORK_MISMATCH",
      message: expect.stringMatching(new RegExp(`^This database is of the ${name} \\w+, the chain of another\\.$`)),
    });
    await (await createEngine(testContext(own.pool, offlineRail))).close();
    await own.drop();
  });

  it("has one key that signs its heads, and refuses a process with another", async () => {
    const own = await createTestDatabase();
    await (await createEngine(testContext(own.pool, offlineRail))).close();
    const signer = signerFromSeed(new Uint8Array(32).fill(8));
    await expect(createEngine(testContext(own.pool, offlineRail, { signer }))).rejects.toMatchObject({
      code: "DATABASE_NETWORK_MISMATCH",
      message: expect.stringMatching(/is of the signer \w+, this process's data folder of \w+/),
      next: expect.stringContaining("that this database was made with"),
    });
    await own.drop();
  });

  it("is that of the first of two that start at once", async () => {
    const values = await Promise.all(["a", "b", "c"].map((value) => putSetting(pool(), "raced", value)));
    const stands = await putSetting(pool(), "raced", "d");
    expect(["a", "b", "c"]).toContain(stands);
    expect(new Set(values)).toEqual(new Set([stands]));
  });

  it("is ready where the database answers", async () => {
    const engine = await createEngine(testContext(pool(), offlineRail));
    await engine.checkReady();
    const broken = await createEngine(
      testContext(
        wrapPool(pool(), (text, run) => (text === "select 1" ? Promise.reject(new Error("gone")) : run())),
        offlineRail,
      ),
    );
    await expect(broken.checkReady()).rejects.toThrow("gone");
    await Promise.all([engine.close(), broken.close()]);
  });
});

describe("its loops", () => {
  it("sweep and settle without being asked", async () => {
    const time = { now: Date.now() };
    const clock = (): number => time.now;
    const engine = await createEngine(
      testContext(pool(), offlineRail, { clock, settings: { sweepMs: 5, epochMs: 5 } }),
    );
    const { market } = await openMarket(engine, { spec: single, tasks: manyTasks(2) });
    const person = await TestContributor.signIn(engine, undefined, clock);
    const [offer] = await person.assign(market);
    await person.submit(market, (offer as OfferView).slot, "a");
    await person.assign(market);
    time.now += 3_600_000;
    await expect.poll(() => entriesOfKind(pool(), market, "expired")).toHaveLength(1);
    await expect.poll(() => entriesOfKind(pool(), market, "cut")).not.toHaveLength(0);
    await engine.close();
  });
});

describe("closing", () => {
  it("finishes what is in flight: nothing that was asked for is dropped", async () => {
    const gate = new Gate();
    const slow = wrapPool(pool(), async (text, run) => {
      if (text === "commit") await gate.pass();
      return await run();
    });
    const engine = await createEngine(testContext(slow, offlineRail));
    const { market } = await openMarket(engine, { spec: single });
    const person = await TestContributor.signIn(engine);
    const [offer] = await person.assign(market);
    gate.close();
    const submitting = person.submit(market, (offer as OfferView).slot, "a");
    let isClosed = false;
    const closing = engine.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isClosed).toBe(false);
    gate.open();
    expect((await submitting).submissions[0]?.state).toBe("accepted");
    await closing;
  });
});

describe("totals", () => {
  it("are over all markets, fee apart", async () => {
    const engine = await createEngine(testContext(pool(), offlineRail));
    const before = await engine.totals();
    for (const _ of [1, 2]) {
      const { market } = await openMarket(engine, { spec: single });
      await workThrough(await TestContributor.signIn(engine), market, () => "a");
    }
    const after = await engine.totals();
    expect([after.earned - before.earned, after.fee - before.fee, after.settled]).toEqual([160_000n, 3_200n, 0n]);
    expect(after.contributorsPaid - before.contributorsPaid).toBe(2);
    await engine.close();
  });

  it("are read once for all who ask meanwhile, with what was there when they asked", async () => {
    const gates: Gate[] = [];
    const slow: Intercept = async (text, run) => {
      if (!text.includes("filter (where released + held > 0)")) return await run();
      const made = await run();
      const gate = new Gate();
      gate.close();
      gates.push(gate);
      await gate.pass();
      return made;
    };
    const engine = await createEngine(testContext(wrapPool(pool(), slow), offlineRail));
    const before = engine.totals();
    await expect.poll(() => gates.length).toBe(1);
    const { market } = await openMarket(engine, { spec: single });
    await workThrough(await TestContributor.signIn(engine), market, () => "a");
    const after = Array.from({ length: 20 }, () => engine.totals());
    gates[0]?.open();
    const { earned } = await before;
    await expect.poll(() => gates.length).toBe(2);
    gates[1]?.open();
    for (const totals of await Promise.all(after)) expect(totals.earned - earned).toBe(80_000n);
    expect(gates).toHaveLength(2);
    await engine.close();
  });
});

describe("responses that are kept for repeated requests", () => {
  const scope = new Uint8Array([1]);
  const stored = { requestHash: new Uint8Array(32), status: 200, response: "{}" };

  it("are the first ones, of their own scope, until they are pruned", async () => {
    await saveResponse(pool(), scope, "key", { ...stored, createdAtMs: 1_000 });
    await saveResponse(pool(), scope, "key", { ...stored, response: "other", createdAtMs: 2_000 });
    expect(await findResponse(pool(), scope, "key")).toEqual(stored);
    expect(await findResponse(pool(), new Uint8Array([2]), "key")).toBeNull();
    await pruneResponses(pool(), 1_000);
    expect(await findResponse(pool(), scope, "key")).toEqual(stored);
    await pruneResponses(pool(), 1_001);
    expect(await findResponse(pool(), scope, "key")).toBeNull();
  });
});
