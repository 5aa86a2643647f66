import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestLocalnet } from "./fixture.ts";
import { startLocalnet } from "./localnet.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-localnet-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("startLocalnet", () => {
  it("throws PORT_UNAVAILABLE where a port is taken, and leaves nothing behind", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    for (const ports of [
      { rpcPort: port, wsPort: 0 },
      { rpcPort: 0, wsPort: port },
    ]) {
      const rejected = startLocalnet({ folder, clock: Date.now, ...ports });
      await expect(rejected).rejects.toMatchObject({ code: "PORT_UNAVAILABLE", context: { port } });
      expect(existsSync(join(folder, "lock"))).toBe(false);
    }
    taken.close();
    await (await startTestLocalnet({ folder })).close();
  });

  it("binds to loopback unless told otherwise", async () => {
    const net = await startTestLocalnet({ folder });
    expect(new URL(net.rpcUrl).hostname).toBe("127.0.0.1");
    await net.close();
  });

  it("uses no processor time while nobody asks", async () => {
    const net = await startTestLocalnet({ folder });
    await net.funded();
    // Of what other tests left in this process there may be some; what asks all the time leaves no second quiet.
    const used = async (): Promise<number> => {
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    await expect.poll(used, { timeout: 25_000 }).toBeLessThan(100);
    await net.close();
  });

  it("is another chain in another folder", async () => {
    const [a, b] = [await startTestLocalnet({ folder }), await startTestLocalnet()];
    expect(await a.rpc.getGenesisHash().send()).not.toBe(await b.rpc.getGenesisHash().send());
    await a.close();
    await b.close();
    b.remove();
  });

  it("closes with connections open", async () => {
    const net = await startTestLocalnet({ folder });
    const abort = new AbortController();
    await net.rpcSubscriptions.slotNotifications().subscribe({ abortSignal: abort.signal });
    await net.close();
    abort.abort();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });
});
