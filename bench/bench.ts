import { type Bench, describeOptions, OptionError } from "./options.ts";

const usage = "Usage: npm run bench -- NAME [--help] [--json], with one of";

/** What each measures, and beside what. Only one is ever loaded. */
const benches: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<Bench> }>> = {
  attack: {
    about: "attackers among the answers of recorded crowds: what they are paid, and what honest people are not",
    load: async () => (await import("./attack.ts")).benchAttack,
  },
  bandwidth: {
    about: "pages over TLS through nodes on one machine, beside the same pages fetched directly",
    load: async () => (await import("./bandwidth.ts")).benchBandwidth,
  },
  claims: {
    about: "claims of new contributors with and without token accounts, beside the bare runtime",
    load: async () => (await import("./claims.ts")).benchClaims,
  },
  console: {
    about: "the console in a Chromium: from a file to a market, interactions, previews, axe",
    load: async () => (await import("./console.ts")).benchConsole,
  },
  costs: {
    about: "sizes, compute units and lamports of every instruction",
    load: async () => (await import("./costs.ts")).benchCosts,
  },
  fanout: {
    about: "event streams with a message a second each, beside bare node:http",
    load: async () => (await import("./fanout.ts")).benchFanout,
  },
  farm: {
    about: "accounts that farm what is sponsored, against its budget",
    load: async () => (await import("./farm.ts")).benchFarm,
  },
  import: {
    about: "tasks from CSV and from JSON lines, beside COPY alone",
    load: async () => (await import("./import.ts")).benchImport,
  },
  infer: {
    about: "an iteration of truth inference, by method, beside two threads",
    load: async () => (await import("./infer.ts")).benchInfer,
  },
  "node-soak": {
    about: "a node's weeks in minutes, over a line that breaks",
    load: async () => (await import("./node-soak.ts")).benchNodeSoak,
  },
  nodes: {
    about: "nodes that wait: memory and processor time of each",
    load: async () => (await import("./nodes.ts")).benchNodes,
  },
  overlap: {
    about: "answers that adaptive overlap saves on recorded crowds, beside fixed overlaps",
    load: async () => (await import("./overlap.ts")).benchOverlap,
  },
  overload: {
    about: "once, twice and four times the load that can be done, and half of it afterwards",
    load: async () => (await import("./overload.ts")).benchOverload,
  },
  processes: {
    about: "two API processes on one lane and on a lane each, beside one process",
    load: async () => (await import("./processes.ts")).benchProcesses,
  },
  receipts: {
    about: "receipts checked in Node and in a Chromium, beside bare signatures and hashes",
    load: async () => (await import("./receipts.ts")).benchReceipts,
  },
  replay: {
    about: "replay of logs by one thread and by two, signatures and executions apart",
    load: async () => (await import("./replay.ts")).benchReplay,
  },
  root: {
    about: "the payout root of a million contributors of whom 10,000 changed",
    load: async () => (await import("./root.ts")).benchRoot,
  },
  sandbox: {
    about: "executions in the sandbox, beside the same without metering",
    load: async () => (await import("./sandbox.ts")).benchSandbox,
  },
  scale: {
    about: "turns in a market with a past of millions, beside an empty one; restart and memory",
    load: async () => (await import("./scale.ts")).benchScale,
  },
  settle: {
    about: "new contributors from their sign-in to tokens of their own, and what binds",
    load: async () => (await import("./settle.ts")).benchSettle,
  },
  soak: {
    about: "an even load with restarts and kills: memory, disk and latency stay flat",
    load: async () => (await import("./soak.ts")).benchSoak,
  },
  turn: {
    about: "an answer and the next task in one request, beside a naive service; what binds",
    load: async () => (await import("./turn.ts")).benchTurn,
  },
  verdict: {
    about: "a verdict, by number of classes",
    load: async () => (await import("./verdict.ts")).benchVerdict,
  },
  web: {
    about: "the contributor's page in a Chromium: cold load to paid, keys, axe, Lighthouse",
    load: async () => (await import("./web.ts")).benchWeb,
  },
};

process.exitCode = await main(process.argv.slice(2));

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const named = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (named === undefined) {
    const isAsked = name === "--help";
    const wrong = isAsked || name === "" ? [] : [`There is no bench "${name}".`];
    const list = Object.entries(benches).map(([each, { about }]) => `  ${each.padEnd(10)} ${about}`);
    (isAsked ? console.log : console.error)([...wrong, usage, ...list].join("\n"));
    return isAsked ? 0 : 2;
  }
  const bench = await named.load();
  if (args.includes("--help")) {
    console.log([`${name}: ${named.about}`, ...describeOptions(bench.options)].join("\n"));
    return 0;
  }
  try {
    return (await bench.run(args)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error([error.message, ...describeOptions(bench.options)].join("\n"));
    return 2;
  }
}
