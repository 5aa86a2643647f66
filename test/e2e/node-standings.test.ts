import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signerFromSeed } from "../../src/client/keys.ts";
import { toBase58 } from "../../src/core/bytes.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import { parseSlot } from "../../src/core/slot.ts";
import { Gateway } from "../../src/engine/gateway/gateway.ts";
import { gatewayMarkets, gatewayStandings } from "../../src/engine/gateway/gateway-markets.ts";
import { randomFill } from "../../src/main/crypto.ts";
import { gatewayOptions, onOneMachine } from "../../src/main/gateway-options.ts";
import type { NodeEvent } from "../../src/node/events.ts";
import { NodeFolder } from "../../src/node/node-folder.ts";
import { type Dial, Relay } from "../../src/node/relay.ts";
import { RunningNode } from "../../src/node/run-node.ts";
import { offlineRail } from "../support/engine-world.ts";
import { type LocalWeb, openLocalWeb } from "../support/local-web.ts";
import { openPages } from "../support/pages-market.ts";
import { useWholeServer } from "../support/whole-server.ts";

const server = useWholeServer(async () => ({ rail: offlineRail, close: async () => undefined }));
const hourMs = 3_600_000;

let web: LocalWeb;
let folder: string;
let gateway: Gateway;
let port: number;
let lines = 1;
/** Markets that the gateway works for: none that another test has left. */
const chosen = new Set<MarketId>();
const logged: object[] = [];

beforeAll(async () => {
  web = await openLocalWeb();
  folder = await mkdtemp(join(tmpdir(), "earnest-standings-"));
});
afterAll(async () => {
  await web.close();
  await rm(folder, { recursive: true, force: true });
});

async function startGateway(): Promise<void> {
  chosen.clear();
  const markets = gatewayMarkets(server().engine, 6);
  gateway = await Gateway.open(
    gatewayOptions({
      name: "test gateway",
      folder: join(folder, `gateway-${lines}`),
      markets: { ...markets, open: async () => (await markets.open()).filter(({ market }) => chosen.has(market)) },
      standings: gatewayStandings(server().engine),
      web: { resolve: web.resolve },
      secret: new Uint8Array(32).fill(7),
      ...onOneMachine,
      log: (message, fields) => logged.push({ message, ...fields }),
    }),
  );
  port = await gateway.listen("127.0.0.1", 0);
}

beforeEach(async () => {
  logged.length = 0;
  await startGateway();
});
afterEach(() => gateway.close());

const newLine = (): string => {
  lines++;
  return `127.0.1.${lines}`;
};
const standingOf = async (seed: Uint8Array) =>
  await server().engine.nodeStanding((await signerFromSeed(seed)).publicKey);
const keyOf = async (seed: Uint8Array): Promise<string> => toBase58((await signerFromSeed(seed)).publicKey);
const spotless = { strikes: 0, foundBy: null, sharingUntilMs: 0, demotedUntilMs: 0 };

/** A funded market of pages, with one task. */
async function openMarket(): Promise<MarketId> {
  const urls = ["http://plain.under-test.org/page/1", "http://plain.under-test.org/page/2"];
  return (await openPages(server(), [{ id: "t0", content: { urls } }])).market;
}

interface Tunnel {
  readonly relay: Relay;
  readonly localAddress: string;
  /** By what its owner is told that it stands behind others. */
  readonly check: string | null;
  /** What the gateway said, in its order, up to now. */
  heard(): Promise<readonly string[]>;
  invited(): Promise<void>;
}

/** A tunnel by hand, which is let in. */
async function openTunnel(seed = randomFill(32), localAddress = newLine()): Promise<Tunnel> {
  const words: string[] = [];
  let wake: () => void = () => undefined;
  const relay = new Relay({
    gateway: { host: "127.0.0.1", port, localAddress },
    signer: await signerFromSeed(seed),
    dial: web.dial,
    onMessage: (word) => {
      words.push(word);
      wake();
    },
    onOpen: () => undefined,
    onBytes: () => 0,
  });
  const until = async (word: string, count: number): Promise<void> => {
    while (words.filter((each) => each === word).length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  let asked = 0;
  const check = await relay.joined;
  return {
    relay,
    localAddress,
    check,
    // What is refused in its turn shows that all before was heard.
    async heard() {
      asked++;
      relay.say("take", {});
      await until("refused", asked);
      return words.filter((word) => word !== "refused");
    },
    invited: () => until("invited", 1),
  };
}

async function ready(tunnel: Tunnel): Promise<void> {
  tunnel.relay.say("ready", { country: null, place: null });
  expect(await tunnel.heard()).toEqual([]);
}

/** Of two who wait, the one that has waited less long is invited, and the other one is not. */
async function expectBehind(behind: Tunnel, other: Tunnel): Promise<void> {
  await ready(behind);
  await ready(other);
  chosen.add(await openMarket());
  await other.invited();
  expect(await behind.heard()).toEqual([]);
}

/** The node as people run it. */
async function startNode(seed: Uint8Array, parts: { path: string; dial?: Dial; localAddress?: string }) {
  const stop = new AbortController();
  const events: NodeEvent[] = [];
  let wake: () => void = () => undefined;
  const node = await RunningNode.open({
    server: server().url,
    signer: await signerFromSeed(seed),
    lent: {
      line: {
        gateway: { host: "127.0.0.1", port, localAddress: parts.localAddress ?? newLine() },
        dial: parts.dial ?? web.dial,
      },
    },
    folder: await NodeFolder.open(join(folder, parts.path)),
    caps: { bytesPerDayMax: 1e9, bytesPerSecondMax: 1e9, processorPpm: 1e6, hours: null, isMeteredAllowed: false },
    clock: Date.now,
    minuteOf: () => 720,
    isMetered: () => Promise.resolve(false),
    onEvent: (event) => {
      events.push(event);
      wake();
    },
    stopped: stop.signal,
  });
  const running = node.run();
  return {
    node,
    events,
    abort: () => stop.abort(),
    ended: running,
    async next(kind: NodeEvent["kind"]): Promise<NodeEvent> {
      for (;;) {
        const found = events.find((event) => event.kind === kind);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}

describe("a node that breaks off in the middle of a page", () => {
  it("stands behind others from the first time on, is told so, and is back when it brings a whole session", async () => {
    const seed = randomFill(32);
    const market = await openMarket();
    chosen.add(market);
    let abort: () => void = () => undefined;
    const dying = await startNode(seed, {
      path: "dying",
      dial: (address, at) => web.dial(address, at).once("data", () => abort()),
    });
    ({ abort } = dying);
    await dying.ended;
    expect(dying.events.filter(({ kind }) => kind === "paid" || kind === "unpaid")).toEqual([]);
    await expect.poll(() => standingOf(seed)).toMatchObject({ ...spotless, strikes: 1, foundBy: "BROKEN_OFF" });
    await expect
      .poll(() => logged)
      .toContainEqual({ message: "a node stands behind others", node: await keyOf(seed), check: "BROKEN_OFF" });
    // Nothing came of the slot, and nothing is paid for it.
    expect((await server().engine.heldSlot(market, parseSlot("0.0")))?.state).toBe("assigned");

    // Another one forgives nothing.
    await gateway.close();
    await startGateway();
    const [behind, otherSeed] = [await openTunnel(seed), randomFill(32)];
    expect(behind.check).toBe("BROKEN_OFF");
    const other = await openTunnel(otherSeed);
    expect(other.check).toBeNull();
    await expectBehind(behind, other);
    for (const { relay } of [behind, other]) relay.close();
    expect(await standingOf(otherSeed)).toMatchObject(spotless);

    const back = await startNode(seed, { path: "dying" });
    expect(await back.next("standing")).toMatchObject({ check: "BROKEN_OFF" });
    expect(await back.next("paid")).toMatchObject({ market, slot: "0.0" });
    await expect.poll(() => standingOf(seed)).toMatchObject({ ...spotless, sessions: 1 });
    await expect.poll(() => back.node.status.lendings).toMatchObject([{ standsBehindBy: null }]);
    await back.stop();
  });
});

describe("a second owner behind one line", () => {
  it("is not let in, earns nothing, and stands behind others for an hour; the first and neighbours do not", async () => {
    const [firstSeed, seed, neighbourSeed] = [randomFill(32), randomFill(32), randomFill(32)];
    const first = await openTunnel(firstSeed);
    const { localAddress } = first;
    const twin = await startNode(seed, { path: "twin", localAddress });
    expect(await twin.next("disconnected")).toMatchObject({ problem: "NETWORK_TAKEN" });
    expect(twin.node.status.lendings).toMatchObject([{ isConnected: false, problem: "NETWORK_TAKEN", paid: 0 }]);
    await twin.stop();
    expect(twin.events.filter(({ kind }) => kind === "connected" || kind === "begun")).toEqual([]);
    expect(logged).toEqual([
      { message: "a node stands behind others", node: await keyOf(seed), check: "NETWORK_TAKEN" },
    ]);
    const { sharingUntilMs, ...rest } = await standingOf(seed);
    expect((sharingUntilMs - Date.now()) / hourMs).toBeCloseTo(1, 1);
    expect(rest).toMatchObject({ strikes: 0, demotedUntilMs: 0 });
    expect(await standingOf(firstSeed)).toMatchObject(spotless);

    // Also once the first is gone; whoever has a line to himself is before it.
    const before = gateway.connected;
    first.relay.close();
    await expect.poll(() => gateway.connected).toBe(before - 1);
    const behind = await openTunnel(seed, localAddress);
    expect(behind.check).toBe("NETWORK_TAKEN");
    const neighbour = await openTunnel(neighbourSeed);
    expect(neighbour.check).toBeNull();
    await expectBehind(behind, neighbour);
    for (const { relay } of [behind, neighbour]) relay.close();
    expect(await standingOf(neighbourSeed)).toMatchObject(spotless);

    // Two honest people whose line was one: it is forgotten as soon as each has his own.
    const moved = await openTunnel(seed);
    expect(moved.check).toBeNull();
    expect(await standingOf(seed)).toMatchObject(spotless);
    moved.relay.close();
  });

  it("is written down for so many keys behind a line, and no more", async () => {
    const { relay, localAddress } = await openTunnel();
    const seeds = Array.from({ length: 10 }, () => randomFill(32));
    for (const seed of [...seeds, ...seeds])
      await expect(openTunnel(seed, localAddress)).rejects.toThrow("NETWORK_TAKEN");
    expect(logged).toHaveLength(8);
    relay.close();
  });
});
