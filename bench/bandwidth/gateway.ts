import { join } from "node:path";
import { Gateway } from "#src/engine/gateway/gateway";
import { gatewayMarkets, gatewayStandings } from "#src/engine/gateway/gateway-markets";
import { randomFill } from "#src/main/crypto";
import { gatewayOptions, onOneMachine } from "#src/main/gateway-options";
import { serve } from "../load/serve.ts";
import { readCertificate } from "./site.ts";

/** A gateway whose web is on this machine, beside the API as `earnest gateway` runs: says where nodes connect to. */
const [, , dataFolder = ""] = process.argv;
await serve(dataFolder, async (network, { log }) => {
  const gateway = await Gateway.open(
    gatewayOptions({
      name: "bench",
      folder: join(dataFolder, "gateway"),
      markets: gatewayMarkets(network.engine, network.rail.decimals),
      standings: gatewayStandings(network.engine),
      web: {
        resolve: () => Promise.resolve(["93.184.216.2"]),
        authorities: [readCertificate("authority.pem")],
      },
      secret: randomFill(32),
      ...onOneMachine,
      log,
    }),
  );
  const port = await gateway.listen("127.0.0.1", 0);
  return { url: `http://127.0.0.1:${port}`, close: () => gateway.close() };
});
