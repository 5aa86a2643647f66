import type { Address } from "@solana/kit";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { Earnest } from "#src/client/earnest";
import { linesOf } from "#src/client/events";
import type { Network } from "#src/contract/network";
import type { SlotReceipt } from "#src/contract/receipts";
import { routes } from "#src/contract/routes";
import { amount, formatAmount } from "#src/core/amount";
import { bytes32, fromBase58, fromBase64 } from "#src/core/bytes";
import { sha256, verifyEd25519 } from "#src/main/crypto";
import { decodeReceipt } from "#src/market/settlement/receipt";
import { type ReceiptTrust, ReceiptVerifier } from "#src/market/settlement/verify-receipt";
import { createSolanaClient } from "#src/rails/solana/client";
import { tokenAddress } from "#src/rails/solana/program/derived-addresses";
import { readTokenAccounts } from "#src/rails/solana/token-accounts";
import { defineBench, type Say, type ValuesOf } from "./options.ts";
import { measureRoot } from "./root.ts";
import { type Bare, bareMsEach, bareParts, type Counts, countsSoFar } from "./settle/limits.ts";
import { openMarket } from "./settle/market.ts";
import { untilPaid, workAll } from "./settle/newcomers.ts";
import { type Profiled, type Shares, sharesOfThreads } from "./settle/parts.ts";
import { perEach, type Spender, type Spent, spenders, spentSoFar } from "./settle/processors.ts";
import { type Server, startServer } from "./settle/server.ts";
import { measureUnits } from "./settle/units.ts";

interface Phases {
  /** Three requests each: a challenge, a sign-in that takes a task with it, an answer. */
  readonly work: number;
  /** From the last answer to the last token account: cuts, commits, claims. Part of it runs beside the work. */
  readonly settle: number;
  /** Export of all receipts, and their verification. */
  readonly receipts: number;
}

const options = { contributors: { type: "count", default: 50_000, about: "contributors" } } as const;

/**
 * Newcomers with fresh keys each do a task over HTTP and are paid into token accounts of their own, by commits that two of
 * three attestors signed; then every receipt is verified. Wall time on one machine, servers, attestors, chain and clients
 * together; the market is made before.
 */
export const benchSettle = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const contributors = values.contributors;
  const server = await startServer();
  try {
    say(`preparing a market of ${contributors} tasks`);
    const market = await openMarket(server, { tasks: contributors, overlap: 1 });
    const figures = await measure(server, market, contributors, say);
    const partsMs = partsOf(figures.processorMs, await sharesOfThreads(contributors));
    for (const [name, parts] of Object.entries(partsMs)) say(`${name.padStart(9)} ${partsText(parts)}`);
    const { rootMs } = await measureRoot(say);
    return { ...figures, partsMs, ...(await measureUnits()), rootMs };
  } finally {
    await server.close();
  }
}

async function measure(server: Server, market: string, contributors: number, say: Say) {
  const client = new Earnest({ server: server.url });
  const network = await client.network();
  const { domain } = network;
  const processes = { server: server.pid, database: server.database.pid };
  const where = { rpcUrl: server.rpcUrl, databaseUrl: server.database.url };
  const counts = await countsSoFar(where);
  const spent: Spent[] = [spentSoFar(processes)];
  const timed = async <T>(run: () => Promise<T>): Promise<Timed<T>> => {
    const begun = performance.now();
    const value = await run();
    spent.push(spentSoFar(processes));
    return { seconds: (performance.now() - begun) / 1000, value };
  };
  const work = await timed(() => workAll(server.url, { domain, market, contributors }));
  const { requests, turnedAway, wallets } = work.value;
  say(`work      ${work.seconds.toFixed(1)} s, ${Math.round(requests / work.seconds)} requests a second`);
  say(`          ${turnedAway} besides were turned away, and came again`);
  const settle = await timed(() => untilPaid(client, network.decimals));
  say(`settle    ${settle.seconds.toFixed(1)} s after the last answer`);
  const receipts = await timed(() => verifyAll(client, market, network));
  say(`receipts  ${receipts.seconds.toFixed(1)} s, ${receipts.value.verified} verified`);
  const phases: Phases = { work: work.seconds, settle: settle.seconds, receipts: receipts.seconds };
  const seconds = work.seconds + settle.seconds + receipts.seconds;
  say(`in all    ${seconds.toFixed(1)} s`);
  const each = (from: number, to: number) => perEach(spent[from] as Spent, spent[to] as Spent, contributors);
  const processorMs = each(0, 3);
  const phaseMs = { work: each(0, 1), settle: each(1, 2), receipts: each(2, 3) };
  const [from, to] = [counts, await countsSoFar(where)];
  const bareMs = await bareMsEach(
    { ...where, database: server.database.pid, chainFolder: server.chainFolder },
    contributors,
  );
  const limits = limitsOf(processorMs, { from, to, contributors, bareMs });
  for (const line of linesOfLimits({ processorMs, phaseMs, limits, bareMs })) say(line);
  const { earned } = await client.totals();
  return {
    contributors,
    seconds,
    phases,
    receiptsVerified: receipts.value.verified,
    receiptsPerSecond: receipts.value.perSecond,
    ledgerTotal: earned,
    chainTotal: await heldBy(server, network, wallets),
    turnedAway,
    processorMs,
    phaseMs,
    bareMs,
    limits,
  };
}

interface Timed<T> {
  readonly seconds: number;
  readonly value: T;
}

/** What binds: with two processors that do nothing else, so many newcomers take no less than `leastSeconds`. */
interface Limits {
  /** Milliseconds of a processor for a newcomer, all processes together. */
  readonly processorMs: number;
  /** What its goal leaves for one. */
  readonly goalMs: number;
  readonly leastSeconds: number;
  /** The same of the parts that no program of ours can make quicker, all of `bareMs` together. */
  readonly bareSeconds: number;
  readonly transactionsEach: number;
  /** Milliseconds of the chain's processor for one of its transactions. */
  readonly transactionMs: number;
  readonly commitsEach: number;
  readonly commitMs: number;
  readonly logBytesEach: number;
}

const goal = { contributors: 50_000, seconds: 60, processors: 2 };

interface Counted {
  readonly from: Counts;
  readonly to: Counts;
  readonly contributors: number;
  readonly bareMs: Bare;
}

type Milliseconds = Readonly<Record<Spender, number>>;

const sumOf = (parts: object): number => (Object.values(parts) as number[]).reduce((sum, each) => sum + each, 0);

function limitsOf(ms: Milliseconds, { from, to, contributors, bareMs }: Counted): Limits {
  const all = sumOf(ms);
  const transactionsEach = (to.transactions - from.transactions) / contributors;
  const commitsEach = (to.commits - from.commits) / contributors;
  const secondsFor = (processorMs: number) => (processorMs * contributors) / 1_000 / goal.processors;
  return {
    processorMs: all,
    goalMs: (1_000 * goal.seconds * goal.processors) / goal.contributors,
    leastSeconds: secondsFor(all),
    bareSeconds: secondsFor(sumOf(bareMs)),
    transactionsEach,
    transactionMs: ms.chain / transactionsEach,
    commitsEach,
    commitMs: ms.database / commitsEach,
    logBytesEach: (to.logBytes - from.logBytes) / contributors,
  };
}

const partsText = (parts: object): string =>
  (Object.entries(parts) as [string, number][]).map(([name, ms]) => `${name} ${ms.toFixed(2)}`).join(", ");

/** Milliseconds for each newcomer of the three threads, as the profile of another run shares them out, to a hundredth. */
function partsOf(ms: Milliseconds, shares: Readonly<Record<Profiled, Shares>>): Record<Profiled, Shares> {
  const scaled = (of: Profiled) =>
    Object.fromEntries(
      Object.entries(shares[of]).map(([name, share]) => [name, Math.round(100 * share * ms[of]) / 100]),
    );
  return { server: scaled("server"), chain: scaled("chain"), attestors: scaled("attestors") };
}

function linesOfLimits({
  processorMs,
  phaseMs,
  bareMs,
  limits,
}: {
  readonly processorMs: Milliseconds;
  readonly phaseMs: Readonly<Record<keyof Phases, Milliseconds>>;
  readonly bareMs: Bare;
  readonly limits: Limits;
}): string[] {
  const { leastSeconds, goalMs, transactionsEach, transactionMs, commitsEach, commitMs, logBytesEach } = limits;
  const least = (name: Spender) =>
    `${name.padStart(9)} ${processorMs[name].toFixed(2)}, of which ${bareMs[name].toFixed(2)} at least: ${bareParts[name]}`;
  return [
    `processor ${limits.processorMs.toFixed(2)} ms for each newcomer, ${goalMs.toFixed(2)} ms is the goal: ` +
      `${(limits.processorMs / goalMs).toFixed(2)} times as much; ${leastSeconds.toFixed(1)} s is the least on two processors`,
    ...spenders.map(least),
    `    least ${sumOf(bareMs).toFixed(2)} ms, ${limits.bareSeconds.toFixed(1)} s, which leaves ` +
      `${(goalMs - sumOf(bareMs)).toFixed(2)} ms for all else: it takes ${(limits.processorMs - sumOf(bareMs)).toFixed(2)}`,
    ...Object.entries(phaseMs).map(([phase, ms]) => `${phase.padStart(9)} ${partsText(ms)}`),
    ` on chain ${transactionsEach.toFixed(2)} transactions for each, of ${transactionMs.toFixed(2)} ms`,
    `  commits ${commitsEach.toFixed(2)} of the database for each, of ${commitMs.toFixed(2)} ms, and ${logBytesEach.toFixed(0)} bytes of write-ahead log`,
  ];
}

/** In their own token accounts, by RPC. */
async function heldBy(server: Server, network: Network, wallets: readonly string[]): Promise<string> {
  const mint = network.mint as Address;
  const accounts = wallets.map((wallet) => tokenAddress(wallet as Address, mint, TOKEN_PROGRAM_ADDRESS));
  const states = await readTokenAccounts(createSolanaClient({ rpcUrl: server.rpcUrl }), accounts, "finalized");
  return formatAmount(amount(states.reduce((sum, state) => sum + (state?.amount ?? 0n), 0n)), network.decimals);
}

/** Verified together: to ask what the processor did costs as much as verifying one. */
const receiptsTogether = 500;

/** While the server makes the next ones. `perSecond`: of a processor that only reads and verifies receipts. */
async function verifyAll(client: Earnest, market: string, network: Network) {
  const verifier = new ReceiptVerifier(trustIn(network), sha256, verifyEd25519);
  const response = await client.transport.send(routes.listSlotReceipts, { params: { market } });
  let [receipts, verified, processorMs] = [0, 0, 0];
  const isGood = (line: string): boolean => {
    const facts = verifier.verify(decodeReceipt(fromBase64((JSON.parse(line) as SlotReceipt).receipt)));
    return facts.ok && facts.committed !== null && facts.verdict === "accepted";
  };
  const verifyLines = (lines: readonly string[]): void => {
    const begun = process.cpuUsage();
    verified += lines.filter(isGood).length;
    receipts += lines.length;
    const { user, system } = process.cpuUsage(begun);
    processorMs += (user + system) / 1_000;
  };
  let lines: string[] = [];
  for await (const line of linesOf(response, client.transport.server)) {
    if (lines.push(line) < receiptsTogether) continue;
    verifyLines(lines);
    lines = [];
  }
  verifyLines(lines);
  return { verified, perSecond: Math.round((1_000 * receipts) / processorMs) };
}

function trustIn({ program, cluster, network, pool, attestors }: Network): ReceiptTrust {
  const address = (text: string) => bytes32(fromBase58(text));
  const place = {
    program: address(program),
    cluster: address(cluster),
    network: address(network),
    pool: address(pool),
  };
  const set = { threshold: attestors.threshold, keys: attestors.keys.map(address) };
  return { signer: null, commits: { ...place, sets: new Map([[0, set]]) } };
}
