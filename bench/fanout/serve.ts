import { createApi } from "#src/api/create-api";
import { createIdempotency } from "#src/engine/idempotency";
import { openDataFolder } from "#src/main/folder";
import { createLogs } from "#src/main/log";
import { startNetwork } from "#src/main/network";

/** Earnest as `earnest serve` runs it, with room for as many streams as the first argument says. Ends on SIGTERM. */
const [, , streams = "", dataFolder = ""] = process.argv;
const folder = await openDataFolder(dataFolder);
const logs = createLogs(null);
let domain = "";
const network = await startNetwork({
  folder,
  databaseUrl: null,
  localnetPort: 0,
  epochMs: 3_600_000,
  domain: () => domain,
  log: logs.log,
  say: (line) => console.error(line),
});
const api = createApi({
  engine: network.engine,
  idempotency: createIdempotency(network.context),
  log: logs.apiLog,
  decimals: network.rail.decimals,
  limits: { openStreamsMax: Number(streams), openStreamsPerAddressMax: Number(streams) },
});
const url = await api.listen({ host: "127.0.0.1", port: 0 });
domain = new URL(url).host;
process.once("SIGTERM", () => {
  api
    .close()
    .then(() => network.close())
    .then(() => process.exit(0))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
console.log(JSON.stringify({ url }));
