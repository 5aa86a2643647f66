import { testFeatures } from "./chain.ts";

/** What the neighbouring files test, once more with every feature of the runtime active: a cluster will have them. */
testFeatures.hasAll = true;

await import("./accounts.test.ts");
await import("./batches.test.ts");
await import("./claims.test.ts");
await import("./commits.test.ts");
await import("./edges.test.ts");
await import("./networks.test.ts");
await import("./orders.test.ts");
await import("./tokens.test.ts");
