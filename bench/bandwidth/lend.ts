import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { join } from "node:path";
import { signerFromSeed } from "#src/client/keys";
import { NodeFolder } from "#src/node/node-folder";
import { RunningNode } from "#src/node/run-node";

/** Nodes, each behind an address of its own; says after so many sessions how they went. */
const [, , server = "", gatewayPort = "", sitePort = "", nodes = "", sessions = "", folder = ""] = process.argv;
const stop = new AbortController();
let ended = 0;
let [paid, pages, bytes, firstMs] = [0, 0, 0, 0];
const caps = {
  bytesPerDayMax: 1e15,
  bytesPerSecondMax: 1e12,
  processorPpm: 1,
  hours: null,
  isMeteredAllowed: true,
};

async function lend(i: number): Promise<void> {
  const localAddress = `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`;
  const node = await RunningNode.open({
    server,
    signer: await signerFromSeed(randomBytes(32)),
    lent: {
      line: {
        gateway: { host: "127.0.0.1", port: Number(gatewayPort), localAddress },
        dial: () => connect({ host: "127.0.0.1", port: Number(sitePort), noDelay: true }),
      },
    },
    folder: await NodeFolder.open(join(folder, `node-${i}`)),
    caps,
    clock: Date.now,
    minuteOf: () => 0,
    isMetered: () => Promise.resolve(false),
    onEvent: (event) => {
      if (event.kind === "begun" && firstMs === 0) firstMs = performance.now();
      if (event.kind === "disconnected" && !stop.signal.aborted) console.error(event.problem);
      if (event.kind !== "paid" && event.kind !== "unpaid") return;
      ended++;
      if (event.kind === "paid") {
        paid++;
        pages += event.pages ?? 0;
        bytes += event.bytes ?? 0;
      } else console.error(event.reason ?? event.state);
      if (ended === Number(sessions)) stop.abort();
    },
    stopped: stop.signal,
  });
  await node.run();
}

await Promise.all(Array.from({ length: Number(nodes) }, (_, i) => lend(i)));
const { user, system } = process.cpuUsage();
const seconds = (performance.now() - firstMs) / 1_000;
console.log(JSON.stringify({ paid, pages, bytes, seconds, processorSeconds: (user + system) / 1e6 }));
