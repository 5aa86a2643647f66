import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMeter } from "../../src/cli/energy/read-meter.ts";
import { ComputeSolver } from "../../src/cli/work/compute-solver.ts";
import { Earnest } from "../../src/client/earnest.ts";
import { signerFromSeed } from "../../src/client/keys.ts";
import type { NewTask } from "../../src/contract/tasks.ts";
import { toUtf8 } from "../../src/core/bytes.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import { parseSlot } from "../../src/core/slot.ts";
import { randomFill, sha256 } from "../../src/main/crypto.ts";
import type { NodeEvent } from "../../src/node/events.ts";
import { NodeFolder } from "../../src/node/node-folder.ts";
import { type Lent, RunningNode } from "../../src/node/run-node.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { Load } from "../../src/verification/baseline/load.ts";
import { offlineRail } from "../support/engine-world.ts";
import { descriptionOf, type KindMarket, kindMarkets } from "../support/kind-markets.ts";
import { useWholeServer } from "../support/whole-server.ts";

/** Nodes that lend a processor and a meter, on a whole server whose chain has no further block: nothing is drawn. */
const server = useWholeServer(async () => ({ rail: offlineRail, close: async () => undefined }));
const kindMarket = (name: string): KindMarket => kindMarkets.find(({ kind }) => kind === name) as KindMarket;
/** Where nothing is drawn to be computed again, so that who is paid does not hang on blocks. */
const computing: KindMarket = { ...kindMarket("compute"), set: { recheckPpm: 0 } };
const energy = kindMarket("energy");
const energyEvidence = energy.sent[0]?.evidence as unknown as () => {
  readonly digests: { readonly meter: string };
  readonly loads: { readonly meter: Load };
};
const taskOf = ({ task }: KindMarket): NewTask => (typeof task === "function" ? task() : task);

let folder: string;
let computeMarket: string;
let energyMarket: string;

/** All before the first node looks for work: what there is of it is looked up every five seconds. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "earnest-lending-"));
  const agreed = { agree: { type: "share", scorePpmMin: 100_000 } };
  await openMarket({ ...computing, market: { title: "No programs", verification: agreed } }, [
    { id: "u", content: { text: "nothing to run" } },
  ]);
  computeMarket = await openMarket(computing, [taskOf(computing)]);
  const { meter } = energyEvidence().digests;
  const tasks = ["another meter", meter].map((id) => ({ ...taskOf(energy), id }));
  energyMarket = await openMarket(energy, tasks);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const matches = (event: NodeEvent, wanted: Partial<NodeEvent>): boolean =>
  Object.entries(wanted).every(([name, value]) => event[name as keyof NodeEvent] === value);

async function openMarket(wanted: KindMarket, tasks: readonly NewTask[]): Promise<string> {
  const owner = await signerFromSeed(randomFill(32));
  const { apiKeys } = await Earnest.signIn({ server: server().url, signer: owner });
  const client = new Earnest({ server: server().url, apiKey: (await apiKeys.create({ name: "test" })).secret });
  const { id } = await client.markets.create(descriptionOf(wanted));
  await server().engine.fundMarket(owner.publicKey, id as MarketId, `${id}:100000000:1`);
  await client.markets.open(id);
  for (const program of wanted.programs ?? []) await client.markets.addProgram(id, "javascript", program);
  await client.markets.addTasks(id, tasks);
  return id;
}

/** @param name of its folder; the same begins again where the first one ended. */
async function newNode(name: string, lent: Lent) {
  const stop = new AbortController();
  const events: NodeEvent[] = [];
  let hear: () => void = () => undefined;
  const kept = await NodeFolder.open(join(folder, name));
  const node = await RunningNode.open({
    server: server().url,
    signer: await signerFromSeed(sha256(toUtf8(name))),
    facts: { country: "DE" },
    lent,
    folder: kept,
    caps: { bytesPerDayMax: 1, bytesPerSecondMax: 1, processorPpm: 1_000_000, hours: null, isMeteredAllowed: true },
    clock: Date.now,
    minuteOf: () => 0,
    isMetered: () => Promise.resolve(true),
    looks: { minMs: 20, maxMs: 100 },
    onEvent: (event) => {
      events.push(event);
      hear();
    },
    stopped: stop.signal,
  });
  const running = node.run();
  return {
    node,
    kept,
    events,
    /** The first event that has these. */
    async next(wanted: Partial<NodeEvent>): Promise<NodeEvent> {
      for (;;) {
        const found = events.find((event) => matches(event, wanted));
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          hear = resolve;
        });
      }
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}

const sandbox = () =>
  new Sandbox({ threads: 1, threadProgram: new URL("../../dist/sandbox/thread-program.js", import.meta.url) });

describe("a node that lends a processor", () => {
  it("computes what two owners agree on, tells of it at once and again when it is paid, and rests", async () => {
    const market = computeMarket;
    let open = 0;
    const computer = () => {
      open++;
      const solver = new ComputeSolver(new Earnest({ server: server().url }), sandbox());
      return {
        solve: (task: Parameters<typeof solver.solve>[0]) => solver.solve(task),
        close: async () => {
          open--;
          await solver.close();
        },
      };
    };
    const both = await Promise.all([newNode("one", { computer }), newNode("other", { computer })]);
    const paid = await Promise.all(both.map((each) => each.next({ kind: "paid" })));
    for (const event of paid) expect(event).toMatchObject({ lending: "compute", market, reward: "0.001" });
    // Whoever was first waited for the other, and nobody for a draw of nothing.
    expect(both.flatMap(({ events }) => events.filter(({ kind }) => kind === "held"))).toHaveLength(1);
    await Promise.all(both.map((each) => each.next({ kind: "idle" })));
    for (const { node, kept } of both) {
      expect(node.status.lendings).toMatchObject([{ lending: "compute", isConnected: true, paid: 1, earned: "0.001" }]);
      expect(node.status.today.pieces).toBe(1);
      expect((await kept.newest(1))[0]).toMatchObject({ market, state: "accepted", reward: "0.001" });
    }
    await Promise.all(both.map((each) => each.stop()));
    expect(open).toBe(0);
  });
});

describe("a node that reads a meter", () => {
  it("takes the task of that meter alone, and is paid for what it did not count in the events", async () => {
    const market = energyMarket;
    const { digests, loads } = energyEvidence();
    const { unit, startMs, intervalMs, values } = loads.meter;
    const path = join(folder, "readings");
    const file = { unit: "mWh", intervalMs, utcOffsetMinutes: 0 } as const;
    const part = async (name: string, from: number, to: number): Promise<void> => {
      const load = { unit, startMs: startMs + from * intervalMs, intervalMs, values: values.slice(from, to) };
      await writeFile(join(path, name), JSON.stringify(load));
    };
    await mkdir(path);
    await part("1.json", 0, 300);
    const meter: Lent["meter"] = { digest: digests.meter, covers: "whole", read: () => readMeter(path, file) };
    const first = await newNode("meter", { meter });
    // The last event is not in the readings yet.
    await first.next({ kind: "idle", why: "waiting for readings" });
    await first.stop();
    expect(first.events.map(({ kind }) => kind)).not.toContain("begun");
    expect(await first.kept.read("meter.json", (json) => json)).toMatchObject({ market, slot: "1.0" });

    await part("2.json", 290, values.length);
    expect(await readMeter(path, file)).toEqual(loads.meter);
    const again = await newNode("meter", { meter });
    expect(await again.next({ kind: "paid" })).toMatchObject({
      lending: "energy",
      market,
      slot: "1.0",
      reward: "5.78658",
    });
    await again.stop();
    expect(await again.kept.read("meter.json", (json) => json ?? "none")).toBe("none");
    // The task of another meter is nobody's.
    expect(await server().engine.heldSlot(market as MarketId, parseSlot("0.0"))).toBeNull();
  });
});
