import { randomBytes } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { getHeapSnapshot, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { signerFromSeed } from "#src/client/keys";
import { NodeFolder } from "#src/node/node-folder";
import { RunningNode } from "#src/node/run-node";

/** One node for as many sessions as there are; says on a line of JSON, after each tenth of them, what it takes up. */
const [, , server = "", gatewayPort = "", sitePort = "", sessions = "", path = "", logBytesMax = "", isCounting = ""] =
  process.argv;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const stop = new AbortController();
const folder = await NodeFolder.open(path, Number(logBytesMax));
let [ended, paid, reconnects, rotations, rotated] = [0, 0, -1, 0, 0];
let sampling = Promise.resolve();

interface Snapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: [readonly string[]] };
  };
  readonly nodes: readonly number[];
}

/** All that the heap holds but what programs were compiled to: that grows until whatever runs often was, and keeps no session. */
async function countObjects(): Promise<number> {
  const { snapshot, nodes } = (await json(getHeapSnapshot())) as Snapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, size] = [fields.indexOf("type"), fields.indexOf("self_size")];
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += fields.length)
    if (!/^(?:code|hidden)$/.test(types[0][nodes[at + type] as number] as string)) bytes += nodes[at + size] as number;
  return bytes;
}

async function sample(at: number): Promise<void> {
  const oldLog = await stat(join(path, "log.1.jsonl")).catch(() => null);
  if (oldLog !== null && oldLog.ino !== rotated) {
    rotated = oldLog.ino;
    rotations++;
  }
  if (at % Math.floor(Number(sessions) / 10) !== 0) return;
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const sizes = await Promise.all((await readdir(path)).map(async (name) => (await stat(join(path, name))).size));
  const folderBytes = sizes.reduce((sum, size) => sum + size, 0);
  const objectBytes = isCounting === "yes" ? await countObjects() : null;
  const memory = { heapBytes: heapUsed, objectBytes, rssBytes: rss };
  console.log(JSON.stringify({ sessions: at, paid, reconnects, rotations, ...memory, folderBytes }));
}

const node = await RunningNode.open({
  server,
  signer: await signerFromSeed(randomBytes(32)),
  lent: {
    line: {
      gateway: { host: "127.0.0.1", port: Number(gatewayPort) },
      dial: () => connect({ host: "127.0.0.1", port: Number(sitePort), noDelay: true }),
    },
  },
  folder,
  caps: { bytesPerDayMax: 1e15, bytesPerSecondMax: 1e12, processorPpm: 1, hours: null, isMeteredAllowed: true },
  clock: Date.now,
  minuteOf: () => 0,
  isMetered: () => Promise.resolve(false),
  onEvent: (event) => {
    if (event.kind === "connected") reconnects++;
    if (event.kind !== "paid" && event.kind !== "unpaid") return;
    ended++;
    if (event.kind === "paid") paid++;
    const at = ended;
    sampling = sampling.then(() => sample(at));
    if (ended === Number(sessions)) stop.abort();
  },
  stopped: stop.signal,
});
await node.run();
await sampling;
