import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type AttestOptions, attest } from "../../attestor/attest.ts";
import type { CommandContext } from "../../cli/context.ts";
import { type ExitCode, exitCodes } from "../../cli/exit-codes.ts";
import type { CommitOutcome } from "../../contract/commits.ts";
import { toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { MarketId } from "../../core/market-id.ts";
import { decodeEntry } from "../../market/entries.ts";
import type { StoredRecord } from "../../market/replay.ts";
import { type Tampered, type Tampering, tamper, tamperable } from "../../market/settlement/tampering.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";
import { sha256, signerFromSeed, verifyEd25519 } from "../crypto.ts";
import { type DataFolder, keptSeed, openDataFolder } from "../folder.ts";
import { openFront } from "../front.ts";
import { loopback } from "../hosts.ts";
import { createLogs } from "../log.ts";
import { type Network, startNetwork } from "../network.ts";
import { localAttestors, threshold } from "../settlement.ts";
import type { TamperFlags } from "../tamper-command.ts";
import { startDishonestServer } from "./dishonest-server.ts";
import { runSmallMarket } from "./small-market.ts";

/** An operator alters one entry of its log, and three attestors look at it. */
export async function showTampering(context: CommandContext, options: TamperFlags): Promise<ExitCode> {
  context.output.promise({ refused: false, entry: options.entry ?? null, reason: null });
  const path = join(context.dataFolder, `tamper-${process.pid}`);
  try {
    return await showIn(context, await openDataFolder(path), options);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** No epoch is cut but the one of the show. */
const epochMs = 3_600_000;
const pollMs = 50;
const recordsMax = 100_000;

async function showIn(context: CommandContext, folder: DataFolder, options: TamperFlags): Promise<ExitCode> {
  const { output } = context;
  const logs = createLogs(join(folder.path, "earnest.log"));
  let domain = "";
  const say = (line: string): void => output.note(line);
  const own = { folder, databaseUrl: null, localnetPort: 0, durable: false };
  const start = { ...own, domain: () => domain, log: logs.log, say, epochMs };
  const network = await startNetwork(start);
  try {
    const front = await openFront(network, { host: loopback, port: 0, apiLog: logs.apiLog, say });
    domain = new URL(front.url).host;
    try {
      return await tamperAndAttest(context, { folder, network, server: front.url }, options);
    } finally {
      await front.close();
    }
  } finally {
    await network.close();
    logs.flush();
  }
}

interface Stage {
  readonly folder: DataFolder;
  readonly network: Network;
  readonly server: string;
}

async function tamperAndAttest(context: CommandContext, stage: Stage, { what, entry }: TamperFlags): Promise<ExitCode> {
  const { output } = context;
  const { engine } = stage.network;
  const market = await runSmallMarket(stage.network, stage.server);
  output.line(`Three people answered 30 tasks for 0.02 each: market ${market}`);
  // It waits for signatures, which this operator's attestors will not give, until the network is closed.
  void engine.settle().catch(() => undefined);
  const records = await untilCut(stage.network, market);
  if (entry !== undefined) requireTamperable(records, what, entry);
  const tampered = tamper(records, what, entry ?? null);
  output.line(
    `The operator alters its log, and makes a commit that fits: entry ${tampered.sequence}, ${tampered.what}.`,
  );
  const said = await askAttestors(context, stage, market, tampered);
  return report(context, tampered, said);
}

const placesShown = 12;

/** The market is a new one each time, but its log hardly differs: what is named here can be asked for next. */
function requireTamperable(records: readonly StoredRecord[], what: Tampering, entry: number): void {
  const places = tamperable(records, what);
  if (places.includes(entry)) return;
  const record = records[entry - 1];
  const problem =
    record === undefined
      ? `The log has ${records.length} entries, and no entry ${entry}`
      : `Entry ${entry} (${decodeEntry(record.encoded).kind}) ${reasons[what]}`;
  const shown = places.filter((_, i) => i % Math.ceil(places.length / placesShown) === 0);
  const mend = `Of the ${records.length} entries, ${places.length} can be altered so, for example ${shown.join(", ")}.`;
  throw earnestError("MALFORMED_COMMAND", { problem, mend });
}

const reasons: Readonly<Record<Tampering, string>> = {
  verdict: "gives no verdict",
  amount: "names no amount",
  model: "adopts no model",
  drop: "cannot be left out",
  insert: "has no answer before it that a verdict could be about",
  reorder: "has nothing behind it to change places with",
};

/** The log as far as the commit counts it. */
async function untilCut({ engine }: Network, market: MarketId): Promise<StoredRecord[]> {
  for (;;) {
    const [commit] = (await engine.listCommits({ limit: 1 })).items;
    if (commit?.state === "proposed") return [...(await engine.wholeLog(market, 0, 1, recordsMax)).records];
    await sleep(pollMs);
  }
}

interface Said {
  readonly name: string;
  /** Null where it signed. */
  readonly outcome: CommitOutcome | null;
}

/** Three attestors, as they run elsewhere; each is asked until it has said something. */
async function askAttestors(
  { output, stopped, clock }: CommandContext,
  { folder, network, server }: Stage,
  market: MarketId,
  { records }: Tampered,
): Promise<Said[]> {
  const said = new Map<string, Said>();
  const names = new Map<string, string>();
  const done = new AbortController();
  const take = (key: string, outcome: CommitOutcome | null): void => {
    if (said.has(key)) return;
    const name = names.get(key) ?? key;
    said.set(key, { name, outcome });
    output.line(`  ${name} ${outcome === null ? "signs" : `${verbs[outcome.outcome]}: ${sentence(outcome)}`}`);
    if (said.size === localAttestors.length) done.abort();
  };
  const onSigned = (key: string): void => take(key, null);
  const onOutcome = (outcome: CommitOutcome): void => take(outcome.key, outcome);
  const operator = await startDishonestServer({ honest: server, market, records, onSigned, onOutcome });
  const signal = AbortSignal.any([stopped, done.signal]);
  try {
    await Promise.all(
      localAttestors.map(async (name) => {
        const seed = await keptSeed(folder, name);
        names.set(toBase58(signerFromSeed(seed).publicKey), name);
        const own = { seed, folder: join(folder.path, name), server: operator.url, rpcUrl: network.rpcUrl };
        await attestUntil(signal, { ...own, clock });
      }),
    );
  } finally {
    await operator.close();
  }
  stopped.throwIfAborted();
  return [...said.values()];
}

async function attestUntil(
  signal: AbortSignal,
  own: Pick<AttestOptions, "seed" | "folder" | "server" | "rpcUrl" | "clock">,
): Promise<void> {
  const nobody = (): void => undefined;
  const sandbox = new Sandbox({ threads: 1 });
  const rest = {
    listen: null,
    pollMs,
    sandbox,
    hash: sha256,
    verify: verifyEd25519,
    tell: nobody,
    say: nobody,
    signal,
  };
  await (await attest({ ...own, ...rest })).ended;
  await sandbox.close();
}

const verbs = { refuse: "refuses", abstain: "abstains" } as const;
const sentence = ({ code, place, what }: CommitOutcome): string =>
  `${code}, ${place}${what === "" ? "" : ` (${what})`}`;

function report({ output }: CommandContext, { sequence, what, shownBy }: Tampered, said: readonly Said[]): ExitCode {
  const refusals = said.flatMap(({ outcome }) => (outcome?.outcome === "refuse" ? [outcome] : []));
  const isRefused = refusals.length > said.length - threshold;
  const [first] = refusals;
  const reason = first === undefined ? null : sentence(first);
  output.line();
  if (isRefused)
    output.line(`${output.colours.green("✓")} refused: ${threshold} signatures are needed, and no money moves`);
  else {
    const why =
      shownBy === "head"
        ? "the rules admit both logs; whoever kept a signed acknowledgement of the other one can show it"
        : "this should not be";
    output.line(`${output.colours.yellow("–")} not refused: ${why}`);
  }
  // Whether the rules would admit an input is known when they were asked.
  const shown = isRefused ? "rules" : shownBy;
  output.result({ ok: isRefused, refused: isRefused, entry: sequence, reason, what, shownBy: shown, attestors: said });
  return isRefused ? exitCodes.ok : exitCodes.failed;
}
