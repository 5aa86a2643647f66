import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startTestLocalnet, type TestLocalnet } from "./fixture.ts";

const example = fileURLToPath(new URL("../../../examples/kit.mjs", import.meta.url));

const said = new RegExp(
  [
    "^cluster KEY, slot \\d+",
    "me +KEY +2 SOL",
    "friend KEY +0 SOL",
    "sent KEY in slot \\d+, for a fee of 5000 lamports",
    "system transfer",
    "me +KEY +1.499995 SOL",
    "friend KEY +0.5 SOL",
    "friend has 0 kinds of tokens\n$",
  ].join("\n"),
);

async function runOn(net: TestLocalnet, urls: readonly string[]): Promise<void> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [example, ...urls]);
    expect(stdout.replace(/[1-9A-HJ-NP-Za-km-z]{32,}/g, "KEY")).toMatch(said);
  } finally {
    await net.close();
    net.remove();
  }
}

/** With subscriptions at the port after that of requests, as `npm start` has them; of ports that are free. */
async function startAtNextPorts(tries = 20): Promise<TestLocalnet> {
  // Below those that systems give to whoever asks for any.
  const rpcPort = 20_000 + randomInt(10_000);
  try {
    return await startTestLocalnet({ rpcPort, wsPort: rpcPort + 1 });
  } catch (error) {
    if (tries > 1) return await startAtNextPorts(tries - 1);
    throw error;
  }
}

describe("examples/kit.mjs uses a localnet as it would a cluster", () => {
  it("by the two URLs that it is given", async () => {
    const net = await startTestLocalnet();
    await runOn(net, [net.rpcUrl, net.wsUrl]);
  });

  it("by the one URL that is printed", async () => {
    const net = await startAtNextPorts();
    await runOn(net, [net.rpcUrl]);
  });
});
