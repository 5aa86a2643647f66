import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, clientOf } from "./fixture.ts";
import { lockFolder } from "./folder-lock.ts";
import { startLocalnetThread } from "./thread.ts";

const program = pathToFileURL(resolve("dist/rails/localnet/thread-program.js"));
beforeAll(() => {
  execFileSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-b", "src/rails"], { stdio: "inherit" });
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-localnet-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const free = { rpcPort: 0, wsPort: 0 };

describe("a localnet in a thread of its own", () => {
  it("serves, closes, and goes on in the same folder", async () => {
    const first = await startLocalnetThread({ folder, ...free }, program);
    const payer = await clientOf(first).funded(3n);
    await Promise.all([first.close(), first.close()]);
    await expect(call(first.rpcUrl, "getHealth")).rejects.toThrow();
    const second = await startLocalnetThread({ folder, ...free }, program);
    expect(await call(second.rpcUrl, "getBalance", [payer.address])).toMatchObject({
      result: { value: 3_000_000_000 },
    });
    await second.close();
  });

  it("says why it cannot start, and leaves nothing behind", async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const { port } = other.address() as AddressInfo;
    const starting = startLocalnetThread({ folder, rpcPort: port, wsPort: 0 }, program);
    await expect(starting).rejects.toMatchObject({ code: "PORT_UNAVAILABLE", context: { port } });
    const net = await startLocalnetThread({ folder, ...free }, program);
    const again = startLocalnetThread({ folder, ...free }, program);
    await expect(again).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    await net.close();
    other.close();
  });

  it("begins no thread on a folder that somebody holds", async () => {
    const told = { code: "PORT_UNAVAILABLE", context: { port: 1 } };
    const telling = join(folder, "telling.mjs");
    const text = `import { parentPort } from "node:worker_threads"; parentPort.postMessage(${JSON.stringify(told)});`;
    writeFileSync(telling, text);
    const start = () => startLocalnetThread({ folder, ...free }, pathToFileURL(telling));
    await expect(start()).rejects.toMatchObject(told);
    const release = lockFolder(folder);
    await expect(start()).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    release();
    await expect(start()).rejects.toMatchObject(told);
  });

  it("runs in this thread where it was not compiled", async () => {
    const net = await startLocalnetThread({ folder, ...free }, pathToFileURL(join(folder, "none.js")));
    expect(await call(net.rpcUrl, "getHealth")).toMatchObject({ result: "ok" });
    await net.close();
  });
});
