import { Earnest } from "../../../client/earnest.ts";
import { type Amount, formatAmount, parseAmount } from "../../../core/amount.ts";
import { fromBase58, toHex } from "../../../core/bytes.ts";
import { labelText } from "../exports.ts";
import { knownTasks } from "../judge.ts";
import type { Requester } from "../market.ts";
import { type Comparison, compare, type Outcome } from "./compare.ts";
import { slips } from "./people.ts";
import { type Arm, machineOf, people, peopleAlone, playArm, target, together } from "./play.ts";
import { readPublic, recordedAnswers } from "./recorded.ts";
import { type MachineTasks, machineTasks } from "./tasks.ts";

export interface MachineOptions {
  readonly requester: Requester;
  readonly server: string;
  readonly stopped: AbortSignal;
}

/** How a machine and people did together, beside the same people without it. Money as decimal text. */
export interface MachineReport extends Omit<Comparison, "cost" | "saved"> {
  readonly market: string;
  readonly marketOfPeopleAlone: string;
  readonly tasks: number;
  /** Tasks whose answers were public before work began. */
  readonly examples: number;
  readonly controls: number;
  /** A task settles as soon as its label is that certain. */
  readonly target: number;
  readonly people: { readonly count: number; readonly simulated: true; readonly slipRate: number };
  readonly cost: { readonly together: string; readonly peopleAlone: string };
  readonly saved: { readonly answers: number; readonly share: number; readonly tokens: string };
  /** Whether every task that was asked has a label, in both markets. */
  readonly settled: boolean;
}

/** Lets a machine and simulated people work on the same tasks, and the people without it, and compares. */
export async function demonstrateMachines(options: MachineOptions): Promise<MachineReport> {
  const { requester, server, stopped } = options;
  const tasks = machineTasks(await knownTasks());
  const play = { requester, server, tasks, stopped };
  const [first, second] = [await finish(options, tasks, together), await finish(options, tasks, peopleAlone)];
  const asked = tasks.asked.map(({ id }) => id);
  const { decimals } = requester.network.rail;
  const compared = compare({
    asked,
    controls: tasks.controls.map(({ id }) => id),
    truth: tasks.truth,
    machine: toHex(fromBase58((await machineOf(play)).address)),
    together: first.outcome,
    peopleAlone: second.outcome,
  });
  const show = (value: Amount): string => formatAmount(value, decimals);
  const { cost, saved } = compared;
  return {
    ...compared,
    market: first.market,
    marketOfPeopleAlone: second.market,
    tasks: asked.length,
    examples: tasks.examples.length,
    controls: tasks.controls.length,
    target,
    people: { count: people, simulated: true, slipRate: slips / 256 },
    cost: { together: show(cost.together), peopleAlone: show(cost.peopleAlone) },
    saved: { ...saved, tokens: signed(saved.tokens, show) },
    settled: [first, second].every(({ outcome }) => asked.every((task) => outcome.labels.has(task))),
  };
}

async function finish(
  { requester, server, stopped }: MachineOptions,
  tasks: MachineTasks,
  arm: Arm,
): Promise<{ readonly market: string; readonly outcome: Outcome }> {
  const { client, network, kept } = requester;
  const { id } = await playArm({ requester, server, tasks, stopped }, arm);
  const labels = new Map<string, string>();
  const costs = new Map<string, Amount>();
  for await (const row of client.markets.results(id)) {
    labels.set(row.id, labelText(row.label));
    costs.set(row.id, parseAmount(row.cost, network.rail.decimals));
  }
  const answers = recordedAnswers(await readPublic(new Earnest({ server }), id), kept.answers(id));
  return { market: id, outcome: { answers, labels, costs } };
}

const signed = (value: bigint, show: (value: Amount) => string): string =>
  value < 0n ? `-${show(-value as Amount)}` : show(value as Amount);
