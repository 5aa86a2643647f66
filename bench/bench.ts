import { benchAttack } from "./attack.ts";
import { benchBandwidth } from "./bandwidth.ts";
import { benchClaims } from "./claims.ts";
import { benchConsole } from "./console.ts";
import { benchCosts } from "./costs.ts";
import { benchFanout } from "./fanout.ts";
import { benchFarm } from "./farm.ts";
import { benchImport } from "./import.ts";
import { benchInfer } from "./infer.ts";
import { benchNodeSoak } from "./node-soak.ts";
import { benchNodes } from "./nodes.ts";
import { benchOverlap } from "./overlap.ts";
import { benchOverload } from "./overload.ts";
import { benchProcesses } from "./processes.ts";
import { benchReceipts } from "./receipts.ts";
import { benchReplay } from "./replay.ts";
import { benchRoot } from "./root.ts";
import { benchSandbox } from "./sandbox.ts";
import { benchScale } from "./scale.ts";
import { benchSettle } from "./settle.ts";
import { benchSoak } from "./soak.ts";
import { benchTurn } from "./turn.ts";
import { benchVerdict } from "./verdict.ts";
import { benchWeb } from "./web.ts";

/** `npm run bench -- NAME [--json]`: each bench prints a table, and with --json one object as its last line. */
const benches: Readonly<Record<string, (args: readonly string[]) => Promise<object | null>>> = {
  attack: benchAttack,
  bandwidth: benchBandwidth,
  claims: benchClaims,
  console: benchConsole,
  costs: benchCosts,
  fanout: benchFanout,
  farm: benchFarm,
  import: benchImport,
  infer: benchInfer,
  nodes: benchNodes,
  "node-soak": benchNodeSoak,
  overlap: benchOverlap,
  overload: benchOverload,
  processes: benchProcesses,
  receipts: benchReceipts,
  replay: benchReplay,
  root: benchRoot,
  sandbox: benchSandbox,
  scale: benchScale,
  settle: benchSettle,
  soak: benchSoak,
  turn: benchTurn,
  verdict: benchVerdict,
  web: benchWeb,
};

const [name = "", ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  console.error(`Usage: npm run bench -- NAME [--json], with one of ${Object.keys(benches).join(", ")}`);
  process.exitCode = 2;
} else {
  const figures = await bench(args);
  if (figures !== null && args.includes("--json")) console.log(JSON.stringify(figures));
}
