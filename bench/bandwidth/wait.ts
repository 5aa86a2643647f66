import { Gateway } from "#src/engine/gateway/gateway";
import { randomFill } from "#src/main/crypto";
import { gatewayOptions } from "#src/main/gateway-options";
import { unknownNode } from "#src/store/nodes/standings";

/** A gateway to which nodes are connected that have nothing to do. */
const [, , folder = "", tunnels = ""] = process.argv;
let household = 0;
const gateway = await Gateway.open(
  gatewayOptions({
    name: "bench",
    folder,
    markets: {
      open: () => Promise.resolve([]),
      slot: () => Promise.resolve(null),
      measure: () => Promise.resolve(null),
    },
    standings: {
      of: () => Promise.resolve(unknownNode),
      note: () => Promise.reject(new Error("there are no sessions")),
    },
    web: { resolve: () => Promise.resolve([]) },
    secret: randomFill(32),
    householdOf: () => `${household++}`,
    tunnelsMax: Number(tunnels),
    log: (message, fields) => console.error(message, fields),
  }),
);
console.log(JSON.stringify({ port: await gateway.listen("127.0.0.1", 0) }));
process.once("SIGTERM", () => process.exit(0));
