import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildNode } from "../../scripts/node/build-node.ts";
import { Contributor } from "../../src/client/contributor.ts";
import { signerFromSeed } from "../../src/client/keys.ts";
import type { NewTask } from "../../src/contract/tasks.ts";
import { toBase58, toUtf8 } from "../../src/core/bytes.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import { parseSlot } from "../../src/core/slot.ts";
import { archivesIn } from "../../src/engine/gateway/archives.ts";
import { Gateway, type GatewayOptions } from "../../src/engine/gateway/gateway.ts";
import { gatewayMarkets, gatewayStandings } from "../../src/engine/gateway/gateway-markets.ts";
import { type Checks, type SessionReceipt, usualChecks } from "../../src/engine/gateway/session.ts";
import { randomFill, sha256 } from "../../src/main/crypto.ts";
import { gatewayOptions, onOneMachine } from "../../src/main/gateway-options.ts";
import { Replay } from "../../src/market/replay.ts";
import { emptyLaneState } from "../../src/market/state.ts";
import type { Caps } from "../../src/node/caps.ts";
import type { NodeEvent } from "../../src/node/events.ts";
import { NodeFolder } from "../../src/node/node-folder.ts";
import { type Dial, type Fields, Relay } from "../../src/node/relay.ts";
import { RunningNode } from "../../src/node/run-node.ts";
import { headerOf } from "../../src/verification/web/warc.ts";
import { openBadWays } from "../support/bad-ways.ts";
import { checkByItsRules, recordsOf, takeAll } from "../support/bandwidth-files.ts";
import { problemsByWarcio, problemsOfWarc, warcioCheck } from "../support/check-warc.ts";
import { runCli } from "../support/cli.ts";
import { offlineRail } from "../support/engine-world.ts";
import { hostileTargets } from "../support/hostile-targets.ts";
import { descriptionOf, type KindMarket, kindMarkets } from "../support/kind-markets.ts";
import { authority, type LocalWeb, openLocalWeb } from "../support/local-web.ts";
import { faults, inventing, openLiar, type Story } from "../support/node-faults.ts";
import { openPages, openRequested, type Requested } from "../support/pages-market.ts";
import { useWholeServer } from "../support/whole-server.ts";

const server = useWholeServer(
  async () => ({ rail: offlineRail, close: async () => undefined }),
  undefined,
  {},
  { list: (...given) => archivesIn(folder).list(...given), open: (...given) => archivesIn(folder).open(...given) },
);
/** So that nothing but the filter of addresses stands before them. */
const hostileHosts = hostileTargets.flatMap((url) => (URL.canParse(url) ? [new URL(url).hostname] : []));
const plain = "http://plain.under-test.org/";
const caps: Caps = {
  bytesPerDayMax: 1e9,
  bytesPerSecondMax: 1e9,
  processorPpm: 1_000_000,
  hours: null,
  isMeteredAllowed: false,
};

let web: LocalWeb;
let folder: string;
let gateway: Gateway;
let port: number;
let people = 2;
const logged: string[] = [];

const optionsIn = (path: string, checks: Checks = usualChecks): GatewayOptions =>
  gatewayOptions({
    name: "test gateway",
    folder: path,
    markets: gatewayMarkets(server().engine, 6),
    standings: gatewayStandings(server().engine),
    web: { resolve: web.resolve, authorities: [authority], limits: { bodyBytesMax: 300_000, pageMsMax: 5_000 } },
    canary: {
      url: (nonce) => `http://plain.under-test.org/canary/${nonce}`,
      content: (nonce) => toUtf8(`<html><title>/canary/${nonce}</title>${"words and more words ".repeat(40)}</html>`),
    },
    secret: new Uint8Array(32).fill(7),
    ...onOneMachine,
    checks,
    log: (message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
  });

beforeAll(async () => {
  web = await openLocalWeb();
  folder = await mkdtemp(join(tmpdir(), "earnest-gateway-"));
  gateway = await Gateway.open(optionsIn(folder));
  port = await gateway.listen("127.0.0.1", 0);
});

afterAll(async () => {
  await gateway.close();
  await web.close();
  await rm(folder, { recursive: true, force: true });
});

/** A funded market of the kind that comes along, with these tasks. */
const openMarket = async (...contents: readonly object[]): Promise<Requested> =>
  await openPages(
    server(),
    contents.map((content, i) => ({ id: `t${i}`, content: content as never })),
  );

interface Person {
  readonly node: RunningNode;
  readonly events: NodeEvent[];
  readonly key: string;
  /** The next event of that kind. */
  next(kind: NodeEvent["kind"], count?: number): Promise<NodeEvent>;
  stop(): Promise<void>;
}

/** Somebody with a line of their own. */
async function newPerson(
  parts: {
    dial?: Dial;
    clock?: () => number;
    localAddress?: string;
    caps?: Caps;
    seed?: Uint8Array;
    port?: number;
    path?: string;
    server?: string;
  } = {},
): Promise<Person> {
  const signer = await signerFromSeed(parts.seed ?? randomFill(32));
  const stop = new AbortController();
  const events: NodeEvent[] = [];
  const heard: (() => void)[] = [];
  people++;
  const node = await RunningNode.open({
    server: parts.server ?? server().url,
    signer,
    lent: {
      line: {
        gateway: {
          host: "127.0.0.1",
          port: parts.port ?? port,
          localAddress: parts.localAddress ?? `127.0.0.${people}`,
        },
        dial: parts.dial ?? web.dial,
      },
    },
    folder: await NodeFolder.open(parts.path ?? join(folder, `node-${people}`)),
    caps: parts.caps ?? caps,
    clock: parts.clock ?? Date.now,
    minuteOf: () => 720,
    isMetered: () => Promise.resolve(false),
    onEvent: (event) => {
      events.push(event);
      for (const each of heard.splice(0)) each();
    },
    stopped: stop.signal,
  });
  const running = node.run();
  return {
    node,
    events,
    key: toBase58(signer.publicKey),
    async next(kind, count = 1) {
      for (;;) {
        const found = events.filter((event) => event.kind === kind);
        if (found.length >= count) return found[count - 1] as NodeEvent;
        await new Promise<void>((resolve) => heard.push(resolve));
      }
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}

async function receiptOf(market: string, slot: string): Promise<SessionReceipt> {
  return JSON.parse(await readFile(join(folder, market, `${slot}.json`), "utf8")) as SessionReceipt;
}

async function replayed(market: MarketId) {
  const { records } = await server().engine.wholeLog(market, 0, 1, 10_000);
  const replay = new Replay(emptyLaneState(), sha256);
  replay.feedStored(records);
  replay.end();
  return replay.state;
}

describe("a bandwidth market", () => {
  it("pays for pages by the byte, and has them in a WARC file with an index and a receipt", async () => {
    const urls = [
      "http://plain.under-test.org/page/1",
      "https://secure.under-test.org/page/2",
      "https://modern.under-test.org/page/3",
      "http://plain.under-test.org/chunked",
      "http://plain.under-test.org/packed",
      "http://plain.under-test.org/to?%2Fpage%2F9",
      "http://plain.under-test.org/same/page/1",
      "http://plain.under-test.org/missing",
    ];
    const { market, client } = await openMarket({ urls });
    const person = await newPerson();
    const paid = await person.next("paid");
    expect(paid).toMatchObject({ market, slot: "0.0", pages: urls.length, state: "accepted" });
    const receipt = await receiptOf(market, "0.0");
    expect(receipt.pages.map(({ outcome, status, why }) => [outcome, status, why])).toEqual([
      ...Array.from({ length: 7 }, () => ["fetched", 200, null]),
      ["fetched", 404, null],
    ]);
    expect(receipt.pages[1]).toMatchObject({
      address: "93.184.216.2",
      certificate: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const records = recordsOf(await readFile(join(folder, market, receipt.warc)));
    const types = records.map((record) => headerOf(record, "WARC-Type"));
    expect(types.filter((type) => type === "response" || type === "revisit")).toHaveLength(9);
    expect(types.filter((type) => type === "revisit").length).toBeGreaterThan(0);
    const index = await readFile(join(folder, market, "0.0.cdxj"), "utf8");
    expect(index.split("\n")).toHaveLength(10);
    expect(index.startsWith("org,under-test,")).toBe(true);
    // By another reading than ours, by the library of warcio's makers, and by Python's own checker where it is.
    const path = join(folder, market, receipt.warc);
    const file = await readFile(path);
    expect(problemsOfWarc(file, index)).toEqual([]);
    expect(await problemsByWarcio(file, index)).toEqual([]);
    expect(await problemsByWarcio(file, index.replace(/"offset": ?"(\d+)"/, '"offset":"1"'))).toHaveLength(2);
    expect(warcioCheck(path) ?? "").toBe("");
    checkByItsRules(file);
    const other = Buffer.from(gunzipSync(file).toString("latin1").replace("words and", "lies! and"), "latin1");
    expect(problemsOfWarc(gzipSync(other), "").length).toBeGreaterThan(0);
    expect((await problemsByWarcio(gzipSync(other), "")).length).toBeGreaterThan(0);
    expect(problemsOfWarc(file.subarray(0, -1), index)).not.toEqual([]);
    expect(problemsOfWarc(file, index.replace(/"offset": ?"(\d+)"/, '"offset":"1"'))).not.toEqual([]);
    // Measured on both sides, to the same byte, and paid by it.
    const { bytes, reward } = paid as { bytes: number; reward: string };
    expect(bytes).toBe(receipt.measured.quantities["bytes"]);
    expect(Number(reward)).toBe(Math.floor(bytes / 10) / 1_000_000);
    expect((await replayed(market)).books.earned).toBe(BigInt(Math.floor(bytes / 10)));
    await person.stop();
    await takeAll(server().url, folder, market, client, file);
  });

  it("asks for nothing that it may not, wherever a site or a name leads", async () => {
    const rules: readonly (readonly [string, string])[] = [
      ["http://plain.under-test.org/private/page", "robots"],
      ["http://busy.under-test.org/", "robots"],
      ["http://rebinding.under-test.org/", "private"],
      ["http://inside.under-test.org/", "private"],
      ["http://mapped.under-test.org/", "private"],
      ["http://plain.under-test.org/loop", "redirects"],
      ["http://plain.under-test.org/to?http%3A%2F%2F169.254.169.254%2Flatest", "private"],
      ["http://plain.under-test.org/to?http%3A%2F%2Fplain.under-test.org%3A22%2F", "port"],
      ["http://plain.under-test.org/to?file%3A%2F%2F%2Fetc%2Fpasswd", "scheme"],
      ["http://plain.under-test.org/to?http%3A%2F%2Fa%3Ab%40plain.under-test.org%2F", "credentials"],
      ["http://plain.under-test.org/to?http%3A%2F%2Felsewhere.org%2F", "allowList"],
      ["http://plain.under-test.org/to?http%3A%2F%2Finside.under-test.org%2F", "private"],
    ];
    const failing = [
      "http://garbage.under-test.org/",
      "https://other-name.org/page",
      "https://garbage.under-test.org/page",
      "https://closed.under-test.org/page",
      "http://nowhere.under-test.org/page",
      "http://plain.under-test.org/slow",
      "http://plain.under-test.org/broken",
    ];
    const huge = "http://plain.under-test.org/huge";
    const allow = ["*.under-test.org", "other-name.org", "169.254.169.254", "127.0.0.1", ...hostileHosts];
    // Some that are hostile as they stand lead back to the site that they stand on.
    const redirects = hostileTargets
      .filter((url) => !URL.canParse(url, plain) || new URL(url, plain).hostname !== "plain.under-test.org")
      .map((url) => `${plain}to?${encodeURIComponent(url)}`);
    const { market } = await openMarket(
      { urls: [...rules.map(([url]) => url), ...failing, huge], allow },
      { urls: hostileTargets, allow },
      { urls: redirects, allow },
      { sitemap: "http://plain.under-test.org/sitemap.xml" },
    );
    web.dialled.clear();
    const person = await newPerson();
    await person.next("paid", 4);
    // Nor do the counts differ where a page is cut in the middle: what was under way then nobody is paid for.
    for (const event of person.events) if (event.kind === "paid") expect(event.reason).toBe("CHECKS_PASSED");
    const receipt = await receiptOf(market, "0.0");
    expect(receipt.pages.slice(0, rules.length).map(({ url, why }) => [url, why])).toEqual(rules);
    expect(receipt.pages.slice(rules.length).map(({ url, outcome }) => [url, outcome])).toEqual([
      ...failing.map((url) => [url, "failed"]),
      [huge, "fetched"],
    ]);
    expect(receipt.pages.at(-1)?.bytes).toBe(300_000);
    const records = recordsOf(await readFile(join(folder, market, receipt.warc)));
    expect(records.some((record) => headerOf(record, "WARC-Truncated") === "length")).toBe(true);
    // Of all hostile hosts and redirects none was connected to: only the sites themselves were.
    for (const slot of ["1.0", "2.0"]) {
      const { pages } = await receiptOf(market, slot);
      expect(pages.length).toBeGreaterThanOrEqual(200);
      expect(pages.filter(({ outcome }) => outcome !== "refused").map(({ url }) => url)).toEqual([]);
    }
    expect([...web.dialled].sort()).toEqual([
      "93.184.216.1:80",
      "93.184.216.2:443",
      "93.184.216.4:443",
      "93.184.216.4:80",
      "93.184.216.5:443",
    ]);
    const { pages } = await receiptOf(market, "3.0");
    expect(pages.map(({ url, outcome, why }) => [url, outcome, why])).toEqual([
      ...[1, 2, 3].map((i) => [`http://plain.under-test.org/page/${i}?a=1&b=2`, "fetched", null]),
      ["http://elsewhere.org/", "refused", "allowList"],
    ]);
    await person.stop();
  });
});

/** One session by hand: what a node of somebody's own making can say. */
async function tell(to: { market: MarketId; port: number }, story: Story = {}, seed = randomFill(32)) {
  people++;
  const signer = await signerFromSeed(seed);
  const contributor = new Contributor({ server: server().url, signer, automated: true });
  const said: (readonly [string, Fields])[] = [];
  let wake: () => void = () => undefined;
  const next = async (): Promise<readonly [string, Fields]> => {
    for (;;) {
      const first = said.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const relay = new Relay({
    gateway: { host: "127.0.0.1", port: to.port, localAddress: `127.0.0.${people}` },
    signer,
    dial: story.dial ?? web.dial,
    onMessage: (type, fields) => {
      said.push([type, fields]);
      wake();
    },
    onOpen: () => undefined,
    onBytes: () => {
      if (story.isDying === true) relay.close();
      return 0;
    },
  });
  await relay.joined;
  for (let isHere = story.isUninvited === true; !isHere; ) {
    relay.say("ready", { country: null, place: null });
    const [, { market }] = await next();
    isHere = market === to.market;
    if (!isHere) relay.say("declined", { market: market as string, code: "NOT_ELIGIBLE" });
  }
  const [offer] = await contributor.assign(to.market);
  const slot = offer?.slot as string;
  const asked = { market: to.market, slot };
  relay.say("take", asked);
  if (story.isDying === true) {
    await relay.ended;
    return { slot, relay, verdict: null };
  }
  const [word, ended] = await next();
  if (word === "refused") {
    relay.close();
    return { slot, relay, verdict: ended };
  }
  if (story.isSecondBegin === true) {
    relay.say("take", asked);
    expect(await next()).toEqual(["ended", ended]);
  }
  const { content, canary } = ended["heard"] as { content: string; canary: string | null };
  const digests = { content, ...(canary !== null && { canary }) };
  const told = Math.min(relay.relayed, ended["bytes"] as number);
  const bytes = (story.bytes ?? ((relayed) => relayed))(told);
  const takenAtMs = (story.takenAtMs ?? Date.now)();
  const evidence = { takenAtMs, digests, quantities: { bytes } };
  await contributor.submit(to.market, { slot, body: { answer: "relayed", evidence } });
  if (story.isSilent === true) return { slot, relay, verdict: null };
  relay.say("submitted", asked);
  const [, verdict] = await next();
  relay.close();
  return { slot, relay, verdict };
}

describe("a node that works", () => {
  it("whose connection breaks while it submits is paid once, and hears what is said on the next one", async () => {
    const urls = ["http://plain.under-test.org/page/1"];
    const { market } = await openMarket({ urls }, { urls });
    const ways = await openBadWays(server().url, port);
    const person = await newPerson({ server: ways.url, port: ways.port });
    await ways.isHeld;
    ways.cut();
    // The same slot again, and then the other one.
    await person.next("begun", 3);
    ways.letGo();
    const paid = [await person.next("paid"), await person.next("paid", 2)] as { slot: string; reward: string }[];
    expect(paid.map(({ slot }) => slot)).toEqual(["0.0", "1.0"]);
    await person.stop();
    expect(person.events.filter(({ kind }) => kind === "unpaid" || kind === "refused")).toEqual([]);
    const earned = paid.reduce((sum, { reward }) => sum + Math.round(Number(reward) * 1e6), 0);
    expect((await replayed(market)).books.earned).toBe(BigInt(earned));
    await ways.close();
  });

  it("that was not invited to the slot in its hands gives it back, and takes it when it is", async () => {
    const { market } = await openMarket({ urls: ["http://plain.under-test.org/page/1"] });
    const seed = randomFill(32);
    const contributor = new Contributor({ server: server().url, signer: await signerFromSeed(seed), automated: true });
    const [offer] = await contributor.assign(market);
    const path = join(folder, "uninvited");
    await (await NodeFolder.open(path)).write("held.json", { market, title: "", ...offer });
    const person = await newPerson({ seed, path });
    expect(await person.next("refused")).toMatchObject({ market, slot: "0.0", code: "NOT_INVITED" });
    expect(await person.next("paid")).toMatchObject({ market, slot: "0.1" });
    await person.stop();
  });
});

describe("the packaged node", () => {
  it("runs from an empty folder, without Node and without the repository", { timeout: 60_000 }, async () => {
    const place = await mkdtemp(join(tmpdir(), "earnest-packaged-"));
    await buildNode(join(import.meta.dirname, "../.."), join(place, "program"));
    const computing = kindMarkets.find(({ kind }) => kind === "compute") as KindMarket;
    await openRequested(server(), descriptionOf(computing), [computing.task as NewTask], computing.programs);
    // All of a processor: on a busy machine a rest that fits its share may be long.
    const words = `node start --kinds bandwidth,compute --cpu 100 --gateway 127.0.0.1:${port} --keypair key.json --data data`;
    const start = `${words} --server ${server().url} --status-port 0`.split(" ");
    const env = { PATH: "/nonexistent", HOME: place };
    const child = spawn(join(place, "program", "earnest-node"), start, { cwd: place, env });
    let said = "";
    child.stdout.on("data", (piece: Buffer) => {
      said += piece.toString();
    });
    const status = async (): Promise<unknown> => {
      const [, page] = /shown at (\S+)/.exec(said) ?? [];
      return page === undefined ? null : await (await fetch(`${page}status.json`)).json();
    };
    const ended = once(child, "exit");
    try {
      const idle = { isConnected: true, idle: "no work" };
      await expect
        .poll(status)
        .toMatchObject({ today: { pieces: 1 }, lendings: [idle, { lending: "compute", ...idle }] });
      expect(said).toContain("bandwidth: connected to 127.0.0.1");
      expect(said).toContain("compute: waits for its verdict");
      expect((await stat(join(place, "key.json"))).mode & 0o777).toBe(0o600);
      // A second one on its folder would do the same slot.
      const second = spawnSync(join(place, "program", "earnest-node"), start, { cwd: place, env, encoding: "utf8" });
      expect([second.status, second.stderr]).toEqual([1, expect.stringContaining(`the node of process ${child.pid}`)]);
    } finally {
      // One that is left would take the tasks of the tests that follow.
      child.kill("SIGINT");
      await ended;
      await rm(place, { recursive: true, force: true });
    }
  });
});

describe("a node that", () => {
  const urls = [
    "http://plain.under-test.org/page/1",
    "https://secure.under-test.org/page/2",
    "http://plain.under-test.org/page/3",
  ];
  const neighbours: Awaited<ReturnType<typeof newIdle>>[] = [];
  let path: string;
  let strict: Gateway;
  let at: number;
  let market: MarketId;

  beforeAll(async () => {
    path = join(folder, "strict");
    strict = await Gateway.open(optionsIn(path, { canaryPpm: 1_000_000, repeatPpm: 1_000_000 }));
    at = await strict.listen("127.0.0.1", 0);
    ({ market } = await openMarket(...Array.from({ length: 20 }, () => ({ urls }))));
    neighbours.push(...(await Promise.all([1, 2].map(() => newIdle(at)))));
  });

  afterAll(async () => {
    for (const { relay } of neighbours) relay.close();
    await strict.close();
  });

  const isDemoted = (seed: Uint8Array, check: string) =>
    expect(newIdle(at, seed).then(({ relay }) => relay.close())).rejects.toThrow(`DEMOTED: ${check}`);

  it.each(faults)("$fault is found by $found, unpaid and demoted", async ({ lie, story, times, found, restsMs }) => {
    const liar = lie === undefined ? null : await openLiar(web, lie);
    const seed = randomFill(32);
    const { publicKey } = await signerFromSeed(seed);
    for (let i = 1; i <= (times ?? 1); i++) {
      const told = await tell({ market, port: at }, { ...story, ...(liar && { dial: liar.dial }) }, seed);
      if (told.verdict !== null) {
        expect(told.verdict).toMatchObject({ state: "rejected", reason: found, reward: "0" });
        continue;
      }
      // Nothing was brought. The slot is open until its lease is over, and then somebody else's.
      expect((await server().engine.heldSlot(market, parseSlot(told.slot)))?.state).toBe("assigned");
      await expect.poll(async () => (await server().engine.nodeStanding(publicKey)).strikes).toBe(i);
    }
    const { demotedUntilMs, foundBy } = await server().engine.nodeStanding(publicKey);
    expect(foundBy).toBe(found);
    expect((demotedUntilMs - Date.now()) / restsMs).toBeCloseTo(1, 1);
    await isDemoted(seed, found);
    await liar?.close();
    for (const { publicKey: key } of neighbours)
      expect(await server().engine.nodeStanding(key)).toMatchObject({
        strikes: 0,
        sharingUntilMs: 0,
        demotedUntilMs: 0,
      });
  });

  it("chooses its jobs itself is refused", async () => {
    expect((await tell({ market, port: at }, { isUninvited: true })).verdict).toMatchObject({ code: "NOT_INVITED" });
  });

  it("is honest is paid, by the lesser count; anybody replays all of it, and a restart forgives nobody", async () => {
    const to = { market, port: at };
    expect((await tell(to)).verdict).toMatchObject({ state: "accepted", reason: "CHECKS_PASSED" });
    const less = await tell(to, { bytes: (relayed) => Math.floor(0.9 * relayed) });
    const { measured } = JSON.parse(await readFile(join(path, market, `${less.slot}.json`), "utf8")) as SessionReceipt;
    const reward = `${Math.floor(Math.floor(0.9 * (measured.quantities["bytes"] as number)) / 10) / 1e6}`;
    expect(less.verdict).toMatchObject({ state: "accepted", reason: "METERS_DIFFER", reward });
    const liar = await openLiar(web, inventing);
    const seed = randomFill(32);
    expect((await tell(to, { dial: liar.dial }, seed)).verdict).toMatchObject({ state: "rejected" });
    await liar.close();
    await replayed(market);
    // And by anybody, from what is public: bodies that were not paid are not.
    const taken = await runCli(["log", market, "--out", "market.log", "--server", server().url], { folder: path });
    expect(taken.exitCode, taken.stderr).toBe(0);
    const { json: replay } = await runCli(["replay", "market.log", "--json"], { folder: path });
    expect(replay).toMatchObject({ ok: true, firstDifference: null, signatures: { share: "all", wrong: 0 } });
    const later = await Gateway.open(optionsIn(path));
    const door = await later.listen("127.0.0.1", 0);
    await expect(newIdle(door, seed)).rejects.toThrow("DEMOTED");
    (await newIdle(door)).relay.close();
    await later.close();
  });
});

describe("a node", () => {
  it("or a gateway that dies is made up for, and paid once", async () => {
    const path = join(folder, "killed");
    const first = await Gateway.open(optionsIn(path));
    const { market } = await openMarket({ urls: ["http://plain.under-test.org/page/1"] });
    const told = await tell(
      { market, port: await first.listen("127.0.0.1", 0) },
      { isSilent: true, isSecondBegin: true },
    );
    await first.close();
    expect((await server().engine.submission(market, parseSlot(told.slot))).state).toBe("held");
    web.asked.length = 0;
    const second = await Gateway.open(optionsIn(path));
    await second.measurePending();
    await second.measurePending();
    expect(web.asked).toEqual([]);
    const paid = await server().engine.submission(market, parseSlot(told.slot));
    expect(paid).toMatchObject({ state: "accepted" });
    const { books } = await replayed(market);
    expect(books.earned).toBe(paid.reward);
    expect(await readdir(join(path, "pending"))).toEqual([]);
    told.relay.close();
    await second.close();
  });
});

/** A tunnel that does nothing but check others. */
async function newIdle(at: number, seed = randomFill(32)) {
  people++;
  const localAddress = `127.0.0.${people}`;
  const signer = await signerFromSeed(seed);
  const relay = new Relay({
    gateway: { host: "127.0.0.1", port: at, localAddress },
    signer,
    dial: web.dial,
    onMessage: () => undefined,
    onOpen: () => undefined,
    onBytes: () => 0,
  });
  await relay.joined;
  return { relay, localAddress, publicKey: signer.publicKey };
}
