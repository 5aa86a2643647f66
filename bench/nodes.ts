import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { randomFill, signerFromSeed } from "#src/main/crypto";
import { nodeFlags } from "#src/main/node-flags";
import { dialInternet, Relay } from "#src/node/relay";
import { LoadProcess, processorSeconds, residentMiB } from "./load/process.ts";
import { defineBench, type Say, sayMachine, shortOption, type ValuesOf } from "./options.ts";

const joinedAtATime = 100;
const watchedMs = 30_000;

const options = { ...shortOption, nodes: { type: "count", about: "nodes (10000)" } } as const;

/** Nodes that are connected and wait: what each costs the gateway, what all of them cost it in time, and what one costs its owner. */
export const benchNodes = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const nodes = values.nodes ?? (values.short ? 500 : 10_000);
  sayMachine(say);
  const folder = await mkdtemp(join(tmpdir(), "earnest-nodes-"));
  const program = new URL("./bandwidth/wait.js", import.meta.url);
  const gateway = await LoadProcess.start<{ port: number }>(program, [join(folder, "gateway"), `${nodes + 10}`]);
  const relays: Relay[] = [];
  try {
    await joinMore(relays, 1, gateway.said.port);
    const restMiB = residentMiB(gateway.pid);
    while (relays.length < nodes) {
      await joinMore(relays, Math.min(joinedAtATime, nodes - relays.length), gateway.said.port);
    }
    await sleep(5_000);
    const bytesPerNode = ((residentMiB(gateway.pid) - restMiB) * 1024 * 1024) / nodes;
    say(`${relays.length} nodes, ${bytesPerNode.toFixed(0)} bytes each`);
    const before = processorSeconds(gateway.pid);
    // Each node says once within this time that it is there.
    await sleep(watchedMs);
    const cpuShare = ((processorSeconds(gateway.pid) - before) * 1_000) / watchedMs;
    const { idleNodeMiB, idleNodeCpuShare } = await measureIdleNode(folder, gateway.said.port);
    return { connected: relays.length, bytesPerNode, cpuShare, idleNodeMiB, idleNodeCpuShare };
  } finally {
    for (const relay of relays) relay.close();
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function joinMore(relays: Relay[], count: number, port: number): Promise<void> {
  const joined = Array.from({ length: count }, async () => {
    const relay = new Relay({
      gateway: { host: "127.0.0.1", port },
      signer: signerFromSeed(randomFill(32)),
      dial: dialInternet,
      onMessage: () => undefined,
      onOpen: () => undefined,
      onBytes: () => 0,
    });
    await relay.joined;
    relays.push(relay);
  });
  await Promise.all(joined);
}

/** The program that a person runs, connected, paused. */
async function measureIdleNode(
  folder: string,
  port: number,
): Promise<{ idleNodeMiB: number; idleNodeCpuShare: number }> {
  const program = fileURLToPath(new URL("../main/node-program.js", import.meta.url));
  const data = ["--data", join(folder, "own")];
  await once(spawn(process.execPath, [program, "node", "pause", ...data]), "exit");
  const place = ["--gateway", `127.0.0.1:${port}`, "--keypair", join(folder, "node.json"), "--status-port", "0"];
  const child = spawn(process.execPath, [
    ...nodeFlags,
    program,
    "node",
    "start",
    "--kinds",
    "bandwidth",
    ...place,
    ...data,
  ]);
  try {
    for await (const piece of child.stdout) if (`${piece}`.includes("paused")) break;
    await sleep(5_000);
    const before = processorSeconds(child.pid as number);
    await sleep(watchedMs);
    const idleNodeCpuShare = ((processorSeconds(child.pid as number) - before) * 1_000) / watchedMs;
    return { idleNodeMiB: residentMiB(child.pid as number), idleNodeCpuShare };
  } finally {
    child.kill("SIGKILL");
  }
}
