import { Gateway } from "#src/engine/gateway/gateway";
import { usualChecks } from "#src/engine/gateway/session";
import { randomFill, verifyEd25519Aside } from "#src/main/crypto";

/** A gateway to which nodes are connected that have nothing to do. */
const [, , folder = "", tunnels = ""] = process.argv;
let household = 0;
const gateway = await Gateway.open({
  name: "bench",
  folder,
  markets: { slot: () => Promise.resolve(null), measure: () => Promise.resolve(null) },
  standings: {
    of: () => Promise.resolve({ strikes: 0, demotedUntilMs: 0, sessions: 0 }),
    note: () => Promise.reject(new Error("there are no sessions")),
  },
  web: {
    resolve: () => Promise.resolve([]),
    robotsName: "EarnestBot",
    userAgent: "EarnestBot/1.0",
    authorities: [],
    limits: { bodyBytesMax: 1, pageMsMax: 1 },
    clock: Date.now,
  },
  politeness: { connectionsMax: 1, pauseMs: 1, pagesPerDayMax: 1 },
  canary: null,
  secret: randomFill(32),
  checks: usualChecks,
  pagesAtOnce: 1,
  householdOf: () => `${household++}`,
  networkOf: (address) => address,
  tunnelsMax: Number(tunnels),
  sessionsMax: 1,
  verify: verifyEd25519Aside,
  random: randomFill,
  log: (message, fields) => console.error(message, fields),
});
console.log(JSON.stringify({ port: await gateway.listen("127.0.0.1", 0) }));
process.once("SIGTERM", () => process.exit(0));
