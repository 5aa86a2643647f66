import { isSignedBy, publicKeyOf } from "../../cli/crypto.ts";
import type { Output } from "../../cli/output.ts";
import { progressOn } from "../../cli/progress.ts";
import type { Earnest } from "../../client/earnest.ts";
import type { Market, NewMarket } from "../../contract/markets.ts";
import type { Overlap } from "../../contract/terms.ts";
import { type Amount, addAmounts, formatAmount, parseAmount, zero } from "../../core/amount.ts";
import { claimedByContributors } from "../../rails/solana/escrow/claimed.ts";
import type { Serving } from "../serve.ts";
import { earnedBesides, isExported } from "./besides.ts";
import { closeRecorded } from "./crowd.ts";
import { replayAside } from "./crowd-thread.ts";
import type { Dataset } from "./dataset.ts";
import { exportResults, type FileTotals, readExport } from "./exports.ts";
import { judgeMarket } from "./judge.ts";
import { Kept } from "./kept.ts";
import { demonstrateMachines, type MachineReport } from "./machines/demonstrate-machines.ts";
import { prepareBalance, prepareMarket, type Requester, type Wanted } from "./market.ts";
import type { SubmitToPaid } from "./payment-clock.ts";
import { accuracyOf, answersByContributor, isControl, recordingKey, tasksByOverlap } from "./recording.ts";
import { whileStill } from "./still-books.ts";

export interface DemonstrationOptions {
  readonly serving: Serving;
  readonly client: Earnest;
  /** The client's own. */
  readonly apiKey: string;
  readonly seed: Uint8Array;
  readonly dataset: Dataset;
  readonly output: Output;
  readonly stderr: Parameters<typeof progressOn>[0];
  readonly stopped: AbortSignal;
}

export interface DemonstrationReport {
  readonly ok: boolean;
  /** The checks that failed, by name. */
  readonly failed: readonly string[];
  readonly dataset: string;
  readonly market: string;
  /** The standing market of the prepaid balance. */
  readonly balance: string;
  readonly tasks: number;
  readonly controls: number;
  readonly contributors: number;
  readonly submissions: number;
  readonly accuracy: number | null;
  readonly paidAnswers: number;
  readonly cost: string;
  readonly contributorsPaid: number;
  readonly submitToPaidMs: SubmitToPaid;
  readonly ledgerTotal: string;
  readonly chainTotal: string;
  readonly receiptsTotal: string;
  readonly receipts: number;
  readonly exports: readonly string[];
  /** The market for visitors, and how many tasks it has open. */
  readonly visitorMarket: string;
  readonly openTasks: number;
  /** The second small market: a machine beside people. */
  readonly machine: MachineReport;
}

const reward = "0.02";
/** What the requester has for questions of its own: `earnest ask`. */
const prepaid = "100";
const atOnce = 24;
const settleMsMax = 120_000;
const nothingMeasured: SubmitToPaid = { own: { p50: 0, p99: 0 }, deciding: { p50: 0, p99: 0 } };

/** The main job on real input: fund, work, verify, pay, settle, export, and check the money three ways. */
export async function demonstrate(options: DemonstrationOptions): Promise<DemonstrationReport> {
  const { serving, client, seed, dataset } = options;
  const kept = await Kept.open(serving.folder.path);
  const requester: Requester = { network: serving.network, client, seed, kept };
  options.output.note(`funding a market for ${dataset.name}: ${dataset.tasks.length} tasks, ${reward} an answer`);
  const market = await prepareMarket(requester, recordingMarket(dataset));
  const judge = await prepareJudge(requester);
  const balance = await prepareBalance(requester, parseAmount(prepaid, serving.network.rail.decimals));
  const submitToPaidMs = await work(options, kept, market);
  options.output.note("letting a machine and simulated people work on the same tasks");
  const machine = await demonstrateMachines({ requester, server: serving.url, stopped: options.stopped });
  return { ...(await check(options, market.id, judge, submitToPaidMs, machine)), balance: balance.id };
}

function recordingMarket(dataset: Dataset): Wanted {
  const tasks = tasksByOverlap(dataset);
  const longest = Math.max(...tasks.map(({ answers }) => answers));
  const market: NewMarket = {
    title: `Recorded answers: ${dataset.name}`,
    kind: "label",
    answer: { type: "choice", choices: choicesOf(dataset) },
    reward,
    overlap: overlapOf(longest),
    controls: { answeredMin: 5, accuracyMin: 0.5 },
  };
  return {
    key: recordingKey(dataset),
    market,
    tasks: tasks.map((task) => ({
      id: task.id,
      content: { template: "choice", question: `Task ${task.id} of ${dataset.name}` },
      ...(task.answers === longest ? {} : { terms: { overlap: overlapOf(task.answers) } }),
      ...(isControl(task) ? { control: task.truth as string } : {}),
    })),
    slots: dataset.answers.length,
  };
}

/** Every recorded answer is asked for; one label alone would leave nothing to choose. */
const overlapOf = (answers: number): Overlap => ({ min: answers, max: answers, target: 0.5 });
const choicesOf = ({ labels }: Dataset): string[] => (labels.length > 1 ? [...labels] : [...labels, "(none of these)"]);

async function prepareJudge(requester: Requester): Promise<Market> {
  const { market, tasks } = await judgeMarket();
  return await prepareMarket(requester, { key: "judge", market, tasks, slots: tasks.length * 5 });
}

async function work(options: DemonstrationOptions, kept: Kept, market: Market): Promise<SubmitToPaid> {
  const { dataset, client, serving, stopped } = options;
  const total = dataset.answers.length;
  const known = kept.get(recordingKey(dataset));
  if (market.answers >= total) {
    await closeRecorded(client, market.id);
    return known?.submitToPaidMs ?? nothingMeasured;
  }
  const bar = progressOn(options.output.isLive ? options.stderr : null, "answers", total);
  try {
    const measured = await replayAside(
      {
        server: serving.url,
        apiKey: options.apiKey,
        market: market.id,
        seed: options.seed,
        answers: answersByContributor(dataset),
        atOnce,
        after: market.lanes[0]?.sequence ?? 0,
      },
      { onAnswer: (done) => bar.set(done), stopped },
    );
    if (known !== undefined) await kept.set(recordingKey(dataset), { ...known, submitToPaidMs: measured });
    return measured;
  } finally {
    bar.end();
  }
}

async function settled({ client, serving, stopped }: DemonstrationOptions): Promise<void> {
  const deadlineMs = Date.now() + settleMsMax;
  while (Date.now() < deadlineMs) {
    stopped.throwIfAborted();
    await serving.network.engine.settle();
    const { earned, settled: paidOut } = await client.totals();
    if (earned === paidOut) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function check(
  options: DemonstrationOptions,
  market: string,
  judge: Market,
  submitToPaidMs: SubmitToPaid,
  machine: MachineReport,
): Promise<Omit<DemonstrationReport, "balance">> {
  const { serving, client, dataset, output } = options;
  const { rail, settlement } = serving.network;
  const { totals, found } = await whileStill(
    async () => {
      output.note("settling on chain");
      await settled(options);
    },
    () => client.totals(),
    async () => {
      output.note("exporting and verifying receipts");
      const exported = await exportAll(options, market);
      const view = await client.markets.get(market);
      return { ...exported, view, chain: await claimedByContributors(settlement.escrow, settlement.pool.at) };
    },
  );
  const { files, besides, view, chain } = found;
  const own = files.get(market)?.totals as FileTotals;
  let receiptsTotal: Amount = zero;
  for (const { totals: each } of files.values()) receiptsTotal = addAmounts(receiptsTotal, each.rewards);
  const show = (value: Amount): string => formatAmount(value, rail.decimals);
  const accuracy = accuracyOf(dataset, own.labels);
  const judgeNow = await client.markets.get(judge.id);
  const checks: readonly (readonly [name: string, holds: boolean])[] = [
    ["every recorded answer was taken", view.answers === dataset.answers.length],
    ["nothing waits for a verdict", view.escrow.held === "0" && view.escrow.assigned === "0"],
    ["every task has a label", dataset.tasks.every((task) => isControl(task) || own.labels.has(task.id))],
    ["every task for the machine and people is settled", machine.settled],
    ["ledger and chain agree", totals.earned === show(chain)],
    ["ledger and receipts agree", totals.earned === show(addAmounts(receiptsTotal, besides))],
    ["contributors were paid", parseAmount(totals.earned, rail.decimals) > 0n],
  ];
  const failed = checks.filter(([, holds]) => !holds).map(([name]) => name);
  return {
    ok: failed.length === 0,
    failed,
    dataset: dataset.name,
    market,
    tasks: dataset.tasks.length,
    controls: dataset.tasks.filter(isControl).length,
    contributors: dataset.contributors.length,
    submissions: view.answers,
    accuracy,
    paidAnswers: own.paidAnswers,
    cost: show(addAmounts(parseAmount(view.escrow.earned, rail.decimals), parseAmount(view.escrow.fee, rail.decimals))),
    contributorsPaid: own.contributorsPaid,
    submitToPaidMs,
    ledgerTotal: totals.earned,
    chainTotal: show(chain),
    receiptsTotal: show(receiptsTotal),
    receipts: [...files.values()].reduce((sum, each) => sum + each.totals.receipts, 0),
    exports: [...files.values()].map(({ jsonl }) => jsonl),
    visitorMarket: judge.id,
    openTasks: judgeNow.status === "open" ? judgeNow.taskCount : 0,
    machine,
  };
}

/** Every market of the pool that is this requester's, and what is earned besides, so that both add up to the ledger. */
async function exportAll({ serving, client, dataset, stopped }: DemonstrationOptions, recording: string) {
  const { rail } = serving.network;
  const { signer } = serving.network.context;
  const key = publicKeyOf(signer.publicKey);
  const files = new Map<string, { readonly jsonl: string; readonly totals: FileTotals }>();
  const own = await client.markets.get(recording);
  let besides: Amount = zero;
  for await (const found of client.markets.list()) {
    stopped.throwIfAborted();
    besides = addAmounts(besides, earnedBesides(found, own));
    const { id, answers } = found;
    if (answers === 0 || !isExported(found, own)) continue;
    const name = id === recording ? dataset.name : id;
    const { jsonl } = await exportResults(client, id, serving.folder.exports, name);
    const totals = await readExport(jsonl, rail.decimals, (message, signature) => isSignedBy(key, message, signature));
    files.set(id, { jsonl, totals });
  }
  return { files, besides };
}
