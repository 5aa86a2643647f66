import { mkdtemp, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase64 } from "../core/bytes.ts";
import { randomFill, signerFromSeed } from "../main/crypto.ts";
import { Allowance, type Caps } from "./caps.ts";
import { NodeFolder } from "./node-folder.ts";
import type { NodeStatus } from "./run-node.ts";
import { openStatusPage } from "./status-page.ts";
import { unitText } from "./systemd.ts";
import { readUpdate, updateStatement } from "./updates.ts";

const caps: Caps = { bytesPerDayMax: 1_000, bytesPerSecondMax: 100, hours: { from: 22 * 60, to: 7 * 60 } };

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
    expect(allowance.idle(0, false)).toBeNull();
    allowance.pass(1);
    expect(allowance.idle(0, false)).toBe("enough for today");
    expect(new Allowance(caps, () => now, allowance.usage).idle(0, false)).toBe("enough for today");
    now += 86_400_000;
    expect(allowance.idle(0, false)).toBeNull();
  });

  it("keeps its hours, also across midnight, and pauses", () => {
    const allowance = new Allowance(caps, () => 0, null);
    const idle = (minute: number): string | null => allowance.idle(minute, false);
    expect([22 * 60, 0, 7 * 60 - 1].map(idle)).toEqual([null, null, null]);
    expect([7 * 60, 12 * 60, 22 * 60 - 1].map(idle)).toEqual(Array.from({ length: 3 }, () => "outside of its hours"));
    expect(allowance.idle(0, true)).toBe("paused");
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

describe("the status page", () => {
  it("shows what is done to whoever is at this machine, and to no page elsewhere", async () => {
    const folder = await NodeFolder.open(join(path, "shown"));
    const title = "<script>alert(1)</script>";
    await folder.log({ timeMs: 0, title, pages: 3, bytes: 2_000_000, state: "accepted", reason: null, reward: "0.1" });
    const status: NodeStatus = {
      address: "key",
      isConnected: true,
      idle: "enough for today",
      today: { day: 1, bytes: 5_000_000, sessions: 1, pages: 3 },
      connectedMs: 3_600_000,
      busyMs: 60_000,
      paid: 1,
      unpaid: 0,
      earned: "0.1",
    };
    const page = await openStatusPage({ port: 0, status: () => status, caps, folder, isPaused: () => false });
    const get = async (where: string): Promise<string> => (await fetch(`${page.url}${where}`)).text();
    const text = await get("");
    expect(text).toContain("enough for today");
    expect(text).toContain("&lt;script&gt;");
    expect(text).not.toContain("<script>");
    expect(JSON.parse(await get("status.json"))).toMatchObject({ isConnected: true, log: [{ title }] });
    const { port } = new URL(page.url);
    const statusOf = (host: string, method: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        request({ host: "127.0.0.1", port, method, headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).end();
      });
    expect(await statusOf("evil.example", "GET")).toBe(403);
    expect(await statusOf(`127.0.0.1:${port}`, "POST")).toBe(403);
    expect(await statusOf(`localhost:${port}`, "GET")).toBe(200);
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

describe("a systemd unit", () => {
  it("starts the program word by word, whatever is in its words", () => {
    const unit = unitText(
      ["/opt/earnest node/earnest-node", "node", "--keypair", "/srv/a/100%\"'$x.json"],
      "/srv/data",
    );
    expect(unit).toContain('ExecStart="/opt/earnest node/earnest-node" node --keypair "/srv/a/100%%\\"\'$$x.json"\n');
    expect(unit).toContain("Restart=always");
  });
});
