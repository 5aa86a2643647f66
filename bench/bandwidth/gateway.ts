import { join } from "node:path";
import { Gateway } from "#src/engine/gateway/gateway";
import { gatewayMarkets, gatewayStandings } from "#src/engine/gateway/gateway-markets";
import { usualChecks } from "#src/engine/gateway/session";
import { randomFill, verifyEd25519Aside } from "#src/main/crypto";
import { serve } from "../load/serve.ts";
import { readCertificate } from "./site.ts";

/** A gateway whose web is on this machine, beside the API as `earnest gateway` runs: says where nodes connect to. */
const [, , dataFolder = ""] = process.argv;
await serve(dataFolder, async (network, { log }) => {
  const gateway = await Gateway.open({
    name: "bench",
    folder: join(dataFolder, "gateway"),
    markets: gatewayMarkets(network.engine, network.rail.decimals),
    standings: gatewayStandings(network.engine),
    web: {
      resolve: () => Promise.resolve(["93.184.216.2"]),
      robotsName: "EarnestBot",
      userAgent: "EarnestBot/1.0 (+https://earnest.example/bot)",
      authorities: [readCertificate("authority.pem")],
      limits: { bodyBytesMax: 10_000_000, pageMsMax: 30_000 },
      clock: Date.now,
    },
    // The sites are ours: what is measured is not how long somebody waits.
    politeness: { connectionsMax: 1_000, pauseMs: 0, pagesPerDayMax: 1_000_000 },
    canary: null,
    secret: randomFill(32),
    checks: usualChecks,
    pagesAtOnce: 6,
    householdOf: (address) => address,
    networkOf: (address) => address,
    tunnelsMax: 20_000,
    sessionsMax: 200,
    verify: verifyEd25519Aside,
    random: randomFill,
    log,
  });
  const port = await gateway.listen("127.0.0.1", 0);
  return { url: `http://127.0.0.1:${port}`, close: () => gateway.close() };
});
