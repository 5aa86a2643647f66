import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { TestContributor, testContext, testSandbox } from "../../test/support/engine.ts";
import { entriesOfKind, offlineRail, openMarket, replayed } from "../../test/support/engine-world.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import { bytes32, toBase64, toHex, toUtf8 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import type { MarketId } from "../core/market-id.ts";
import type { Slot } from "../core/slot.ts";
import { newVerification } from "../market/composition.ts";
import { usualLimits } from "../market/known.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { useTestDatabase } from "../store/testing.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine } from "./engine.ts";

const database = useTestDatabase();
const threadProgram = new URL("../../dist/sandbox/thread-program.js", import.meta.url);
const program = toUtf8(
  "const main = (input) => { if (input[0] === 33) throw new Error('bang'); while (input[0] === 63); }",
);
const hash = toHex(sha256(program));
const limits = { fuelMax: 2_000_000_000, memoryBytesMax: 8_388_608, outputBytesMax: 100, faultsMax: 3 };

/** What runs instead of the sandbox; it may fail as a loaded machine does. */
let execute: Sandbox["execute"] = (...args) => testSandbox.execute(...args);
const sandbox: Pick<Sandbox, "execute"> = { execute: (...args) => execute(...args) };
const start = (): Promise<Engine> => createEngine(testContext(database().pool, offlineRail, { sandbox }));
let engine: Engine;

beforeAll(async () => {
  engine = await start();
});
afterAll(() => engine.close());

/** A market with one task, which a proof crashes. */
async function opened(): Promise<MarketId> {
  const run = { program: { hash }, input: { content: "proof" }, output: null, limits: usualLimits };
  const known = { window: null, place: null, digests: {}, values: {}, runs: { proof: run } };
  const { market, owner } = await openMarket(engine, {
    spec: {
      verification: newVerification({ replay: { name: "proof", expect: "fires", runsMin: 3, ...limits } }),
      terms: { known, overlap: { min: 2, max: 2, targetPpm: 0 } },
    },
    tasks: [],
  });
  await engine.addProgram(owner, market, { language: "javascript", program });
  // The same again is a retry.
  await engine.addProgram(owner, market, { language: "javascript", program });
  await engine.addTasks(owner, market, [{ externalId: "t", content: null, terms: null, control: null }]);
  return market;
}

async function send(market: MarketId, proof: string): Promise<Slot> {
  const person = await TestContributor.signIn(engine);
  const [offer] = await person.assign(market);
  const { slot } = offer as { readonly slot: Slot };
  const body: Json = { answer: "a", content: { proof: toBase64(toUtf8(proof)) } };
  await engine.submit(person.request(market, [{ slot, body }]));
  return slot;
}

const stateOf = (market: MarketId, slot: Slot) => async () => (await engine.submission(market, slot)).state;

describe("submissions that wait for executions", () => {
  it("are executed for, and say that they wait", async () => {
    const market = await opened();
    expect(await engine.program(market, bytes32(sha256(program)))).toEqual({ language: "javascript", program });
    let begin = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      begin = resolve;
    });
    execute = async (...args) => {
      await waiting;
      return await testSandbox.execute(...args);
    };
    const slots = [await send(market, "!"), await send(market, ".")];
    expect(await engine.submission(market, slots[0] as Slot)).toMatchObject({ state: "held", reason: "WAITING" });
    begin();
    await expect.poll(stateOf(market, slots[0] as Slot), { timeout: 30_000 }).toBe("accepted");
    await expect.poll(stateOf(market, slots[1] as Slot), { timeout: 30_000 }).toBe("rejected");
    expect(await entriesOfKind(database().pool, market, "executed")).toHaveLength(6);
    expect((await replayed(database().pool, market)).executing.size).toBe(0);
  }, 60_000);

  it("are tried again where a thread was killed under load, and void after too many", async () => {
    const market = await opened();
    let kills = 2;
    execute = (...args) =>
      kills-- > 0
        ? Promise.resolve({ outcome: "fault", problem: "it took longer than 60000 ms", fuel: 0 })
        : testSandbox.execute(...args);
    const first = await send(market, "!");
    await expect.poll(stateOf(market, first), { timeout: 30_000 }).toBe("accepted");
    execute = () => Promise.resolve({ outcome: "fault", problem: "the thread ended", fuel: 0 });
    const other = await send(market, "!!");
    await expect.poll(stateOf(market, other), { timeout: 30_000 }).toBe("void");
    expect(await engine.submission(market, other)).toMatchObject({ reason: "FAULT_SANDBOX", reward: 0n });
  }, 60_000);

  it("end as void where threads that execute them are killed, and nobody else's do", async () => {
    const market = await opened();
    const hasty = new Sandbox({ threads: 1, wallMsMax: 10, threadProgram });
    execute = (...args) => hasty.execute(...args);
    const spinning = await send(market, "?");
    await expect.poll(stateOf(market, spinning), { timeout: 60_000 }).toBe("void");
    await hasty.close();
    execute = (...args) => testSandbox.execute(...args);
    const other = await send(market, "!");
    await expect.poll(stateOf(market, other), { timeout: 60_000 }).toBe("accepted");
  }, 120_000);

  it("are found again after a restart", async () => {
    const market = await opened();
    const asked = vi.fn(() => new Promise<never>(() => undefined));
    execute = asked;
    const slot = await send(market, "!");
    await expect.poll(() => asked.mock.calls.length, { timeout: 30_000 }).toBe(3);
    await engine.close();
    execute = (...args) => testSandbox.execute(...args);
    engine = await start();
    await expect.poll(stateOf(market, slot), { timeout: 30_000 }).toBe("accepted");
  }, 60_000);
});
