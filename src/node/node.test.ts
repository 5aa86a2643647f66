import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase64 } from "../core/bytes.ts";
import { randomFill, signerFromSeed } from "../main/crypto.ts";
import { endOf } from "../verification/baseline/load.ts";
import { Allowance, type Caps, idleNow } from "./caps.ts";
import type { NodeEvent } from "./events.ts";
import { untilEnd } from "./lend-meter.ts";
import { isMetered, keptMetered } from "./metered.ts";
import { NodeFolder } from "./node-folder.ts";
import type { NodeStatus } from "./run-node.ts";
import { openStatusPage } from "./status-page.ts";
import { unitText } from "./systemd.ts";
import { Tally } from "./tally.ts";
import { announcementOf, newerUpdate, readUpdate, updateStatement } from "./updates.ts";

const caps: Caps = {
  bytesPerDayMax: 1_000,
  bytesPerSecondMax: 100,
  processorPpm: 250_000,
  hours: { from: 22 * 60, to: 7 * 60 },
  isMeteredAllowed: false,
};

let path: string;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), "earnest-node-"));
});
afterAll(() => rm(path, { recursive: true, force: true }));

describe("an allowance", () => {
  it("ends with the day's bytes, and begins again with the next day, also after a restart", () => {
    let now = 86_400_000;
    const allowance = new Allowance(caps, () => now, null);
    allowance.pass(999);
    expect(allowance.isUsedUp).toBe(false);
    allowance.pass(1);
    expect(allowance.isUsedUp).toBe(true);
    expect(new Allowance(caps, () => now, allowance.usage).isUsedUp).toBe(true);
    now += 86_400_000;
    expect(allowance.isUsedUp).toBe(false);
  });

  it("keeps its hours, also across midnight, and pauses", () => {
    const idle = (minute: number): string | null => idleNow(caps, minute, false);
    expect([22 * 60, 0, 7 * 60 - 1].map(idle)).toEqual([null, null, null]);
    expect([7 * 60, 12 * 60, 22 * 60 - 1].map(idle)).toEqual(Array.from({ length: 3 }, () => "outside of its hours"));
    expect(idleNow(caps, 0, true)).toBe("paused");
  });

  it("rests so long after computing that its share of a processor is kept", () => {
    const allowance = new Allowance(caps, () => 0, null);
    expect(allowance.computed(1_000)).toBe(3_000);
    expect(allowance.computed(0)).toBe(0);
    expect(allowance.usage).toMatchObject({ pieces: 2, computedMs: 1_000 });
    expect(new Allowance({ ...caps, processorPpm: 1_000_000 }, () => 0, null).computed(500)).toBe(0);
  });

  it("keeps its rate on the average", () => {
    let now = 0;
    const allowance = new Allowance({ ...caps, bytesPerDayMax: 1e9 }, () => now, null);
    let passed = 0;
    while (now < 60_000) {
      passed += 50;
      now += Math.max(1, allowance.pass(50));
    }
    expect(passed).toBeGreaterThan(5_900);
    expect(passed).toBeLessThan(6_200);
  });
});

describe("a node's folder", () => {
  it("keeps what it is given for its owner alone, and a log that does not grow for ever", async () => {
    const folder = await NodeFolder.open(join(path, "folder"));
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
    await folder.write("held.json", { slot: "1.0" });
    expect((await stat(join(folder.path, "held.json"))).mode & 0o777).toBe(0o600);
    expect(await folder.read("held.json", (json) => json)).toEqual({ slot: "1.0" });
    expect(await folder.read("none.json", (json) => json)).toBeNull();
    const line = { text: "x".repeat(400_000) };
    for (let i = 0; i < 30; i++) await folder.log(line);
    const sizes = await Promise.all(["log.jsonl", "log.1.jsonl"].map((name) => stat(join(folder.path, name))));
    for (const { size } of sizes) expect(size).toBeLessThan(5_900_000);
    await folder.log({ last: 1 });
    await folder.log({ last: 2 });
    expect(await folder.newest(2)).toEqual([{ last: 2 }, { last: 1 }]);
    await folder.pause(true);
    expect(folder.isPaused).toBe(true);
    await folder.pause(false);
    expect(folder.isPaused).toBe(false);
  });
});

const pageOrigin = "https://earnest.example";

describe("the status page", () => {
  it("shows what is done to whoever is at this machine, and to no page elsewhere", async () => {
    const folder = await NodeFolder.open(join(path, "shown"));
    const title = "<script>alert(1)</script>";
    const told: NodeEvent[] = [];
    const tally = new Tally("bandwidth", { folder, clock: () => 0, onEvent: (event) => told.push(event) });
    tally.connected("gateway.example:4600");
    const before = await openStatusPage({
      port: 0,
      status: () => ({
        address: "key",
        today: { day: 1, bytes: 0, sessions: 0, pages: 0, pieces: 0, computedMs: 0 },
        lendings: [],
      }),
      caps,
      folder,
      isPaused: () => false,
      pageOrigin,
    });
    expect(await (await fetch(before.url)).text()).toContain("<p>Nothing yet.</p>");
    before.close();
    const held = { market: "m", title, slot: "0.0", expiresAtMs: 0 };
    await tally.ended(held, { pages: 3, bytes: 2_000_000 }, { state: "accepted", reason: null, reward: "0.1" });
    tally.idle("enough for today");
    const today = { day: 1, bytes: 5_000_000, sessions: 1, pages: 3, pieces: 0, computedMs: 0 };
    const status = { address: "key", today, lendings: [tally.status] } satisfies NodeStatus;
    const options = { port: 0, status: () => status, caps, folder, isPaused: () => false, pageOrigin };
    const page = await openStatusPage(options);
    const from = (origin: string, method: string) => fetch(`${page.url}status.json`, { method, headers: { origin } });
    expect((await from(pageOrigin, "GET")).headers.get("access-control-allow-origin")).toBe(pageOrigin);
    expect((await from(pageOrigin, "OPTIONS")).status).toBe(204);
    expect((await from("https://evil.example", "GET")).headers.get("access-control-allow-origin")).toBeNull();
    expect((await from("https://evil.example", "OPTIONS")).status).toBe(403);
    const get = async (where: string): Promise<string> => (await fetch(`${page.url}${where}`)).text();
    const text = await get("");
    expect(text).toContain("enough for today");
    expect(text).toContain("&lt;script&gt;");
    expect(text).not.toContain("<script>");
    expect(JSON.parse(await get("status.json"))).toMatchObject({
      lendings: [{ lending: "bandwidth", isConnected: true, paid: 1, unpaid: 0, earned: "0.1" }],
      log: [{ title, pages: 3 }],
    });
    const { port } = new URL(page.url);
    const statusOf = (host: string, method: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        request({ host: "127.0.0.1", port, method, headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).end();
      });
    // Why there is nothing to earn, by the check that found it.
    const shows = async (what: string): Promise<void> => {
      status.lendings.splice(0, 1, tally.status);
      expect(await get("")).toContain(what);
    };
    tally.standsBehind("BROKEN_OFF");
    await shows("connected, enough for today; others come first (BROKEN_OFF)");
    tally.disconnected("NETWORK_TAKEN", 1_000);
    await shows("not connected, NETWORK_TAKEN");
    tally.connected("gateway.example:4600");
    tally.standsBehind(null);
    await shows("connected, enough for today</h2>");
    expect(told).toMatchObject([
      { kind: "connected" },
      { kind: "paid" },
      { kind: "idle" },
      { kind: "standing", check: "BROKEN_OFF" },
      { kind: "disconnected", problem: "NETWORK_TAKEN" },
      { kind: "connected" },
      { kind: "standing", check: null },
    ]);
    expect(await statusOf("evil.example", "GET")).toBe(403);
    expect(await statusOf(`127.0.0.1:${port}`, "POST")).toBe(403);
    expect(await statusOf(`localhost:${port}`, "GET")).toBe(200);
    const taken = openStatusPage({ ...options, port: Number(port) });
    await expect(taken).rejects.toMatchObject({ code: "PORT_UNAVAILABLE", next: "Choose another with --status-port." });
    page.close();
  });
});

describe("an announced update", () => {
  const signer = signerFromSeed(new Uint8Array(32).fill(3));
  const update = { version: "0.2.0", url: "https://earnest.example/node-0.2.0.tar.gz", sha256: "ab".repeat(32) };
  const signature = toBase64(signer.sign(updateStatement(update)));
  const read = (json: object, version = "0.1.9", key: Uint8Array = signer.publicKey) =>
    readUpdate(JSON.stringify(json), key, version);

  it("is told where its makers signed it and it is newer, and otherwise not", async () => {
    expect(await read({ ...update, signature })).toEqual(update);
    expect(await read({ ...update, signature }, "0.2.0")).toBeNull();
    expect(await read({ ...update, signature }, "0.10.0")).toBeNull();
    expect(await read({ ...update, url: "https://evil.example/", signature })).toBeNull();
    expect(await read({ ...update, signature }, "0.1.9", randomFill(32))).toBeNull();
    expect(await read({ ...update, signature: "AA==" })).toBeNull();
    expect(await read(update)).toBeNull();
    expect(await readUpdate("{", signer.publicKey, "0.1.0")).toBeNull();
  });
});

describe("where updates are announced", () => {
  it("is believed by the signature alone, and not listened to for ever", async () => {
    const signer = signerFromSeed(new Uint8Array(32).fill(3));
    const update = { version: "0.2.0", url: "https://earnest.example/node.tar.gz", sha256: "ab".repeat(32) };
    const signed = await announcementOf(update, signer);
    const server = createServer((asked, response) => {
      if (asked.url === "/signed") response.end(signed);
      else if (asked.url === "/changed") response.end(signed.replace("0.2.0", "0.3.0"));
      else {
        response.on("error", () => undefined);
        const more = (): void => {
          while (!response.destroyed && response.write(" ".repeat(5_000)));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const found = (place: string) => newerUpdate(`${at}${place}`, signer.publicKey, "0.1.0");
    expect(await found("/signed")).toEqual(update);
    expect(await found("/changed")).toBeNull();
    expect(await found("/endless")).toBeNull();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("a network that costs by the byte", () => {
  const none = { proc: "/nonexistent", sys: "/nonexistent", ask: () => Promise.reject(new Error("no busctl")) };

  it("is what NetworkManager says, or one whose default route leads through a modem", async () => {
    const said = (text: string) => isMetered({ ...none, ask: () => Promise.resolve(text) });
    expect(await Promise.all(["u 1\n", "u 3\n"].map(said))).toEqual([true, true]);
    expect(await Promise.all(["u 2\n", "u 4\n", "u 0\n", "x"].map(said))).toEqual([false, false, false, false]);
    expect(await isMetered(none)).toBe(false);
    const system = join(path, "system");
    const route = (device: string): string =>
      `Iface\tDestination\tGateway\n${device}\t00000000\t0100A8C0\neth0\t0000A8C0\t00000000\n`;
    await mkdir(join(system, "net"), { recursive: true });
    for (const [device, type] of [
      ["wwan0", "wwan"],
      ["wlan0", "wlan"],
    ] as const) {
      await mkdir(join(system, "class/net", device), { recursive: true });
      await writeFile(join(system, "class/net", device, "uevent"), `DEVTYPE=${type}\nINTERFACE=${device}\n`);
    }
    const through = async (device: string): Promise<boolean> => {
      await writeFile(join(system, "net/route"), route(device));
      return await isMetered({ ...none, proc: system, sys: system });
    };
    expect(await through("wwan0")).toBe(true);
    expect(await through("wlan0")).toBe(false);
    expect(await through("eth9")).toBe(false);
  });

  it("is asked about once a minute", async () => {
    let [now, asked] = [0, 0];
    const ask = () => Promise.resolve(`u ${++asked === 1 ? 1 : 2}`);
    const kept = keptMetered({ ...none, ask }, () => now);
    expect([await kept(), await kept(), asked]).toEqual([true, true, 1]);
    now = 60_000;
    expect([await kept(), asked]).toEqual([false, 2]);
  });
});

describe("a meter's readings", () => {
  const load = { unit: "mWh", startMs: 0, intervalMs: 900_000, values: Array.from({ length: 960 }, () => 1_234_567) };

  it("are sent up to the end of the last event, with as many whole days before as there is room for", () => {
    const whole = untilEnd(load, 900_000 * 500);
    expect(whole).toEqual({ ...load, values: load.values.slice(0, 500) });
    expect(untilEnd(load, 900_000 * 961)).toBeNull();
    const long = { ...load, values: Array.from({ length: 10_000 }, () => 12_345_678) };
    const cut = untilEnd(long, 900_000 * 10_000);
    expect(JSON.stringify(cut).length).toBeLessThanOrEqual(48_000);
    expect(JSON.stringify(cut).length).toBeGreaterThan(47_000);
    expect((cut?.startMs ?? 1) % 86_400_000).toBe(0);
    expect(endOf(cut ?? load)).toBe(900_000 * 10_000);
  });
});

describe("a systemd unit", () => {
  it("starts the program word by word, whatever is in its words", () => {
    const unit = unitText(
      ["/opt/earnest node/earnest-node", "node", "--keypair", "/srv/a/100%\"'$x.json"],
      "/srv/data",
      { isComputing: true, processorPercent: 50 },
    );
    expect(unit).toContain('ExecStart="/opt/earnest node/earnest-node" node --keypair "/srv/a/100%%\\"\'$$x.json"\n');
    expect(unit).toContain("Restart=always");
    expect(unit).toContain("CPUQuota=70%\n");
  });
});
