import { openDataFolder } from "#src/main/folder";
import { openFront } from "#src/main/front";
import { createLogs } from "#src/main/log";
import { startNetwork } from "#src/main/network";

/**
 * Earnest as `earnest serve` runs it, but for epochs and attestors: what a turn promises is durable without them, and
 * `bench settle` measures all of it together. Ends on SIGTERM.
 */
const [, , dataFolder = ""] = process.argv;
const hourMs = 3_600_000;
const folder = await openDataFolder(dataFolder);
const logs = createLogs(null);
const say = (line: string): void => console.error(line);
let domain = "";
const network = await startNetwork({
  folder,
  databaseUrl: null,
  localnetPort: 0,
  epochMs: hourMs,
  domain: () => domain,
  log: logs.log,
  say,
});
const front = await openFront(network, { host: "127.0.0.1", port: 0, apiLog: logs.apiLog, say });
domain = new URL(front.url).host;
process.once("SIGTERM", () => {
  front
    .close()
    .then(() => network.close())
    .then(() => process.exit(0))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
console.log(JSON.stringify({ url: front.url, rpcUrl: network.rpcUrl }));
