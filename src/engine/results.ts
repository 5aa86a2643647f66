import { sumAmounts } from "../core/amount.ts";
import { type Bytes32, bytes32 } from "../core/bytes.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { termsOfTask } from "../market/admit.ts";
import { readBody } from "../market/body.ts";
import type { Reason } from "../market/entries.ts";
import type { Terms } from "../market/spec.ts";
import { type Control, controlOf, type LaneState } from "../market/state.ts";
import { readEntriesAt } from "../store/log/read-entries.ts";
import { readResults } from "../store/tasks/read-results.ts";
import { listTasks, readTasks, type TaskRow } from "../store/tasks/read-tasks.ts";
import { readVerdictsOfTasks, type StoredVerdict } from "../store/tasks/read-verdicts.ts";
import type { ResultRow } from "../store/tasks/result-row.ts";
import { answerJson } from "../verification/answers/answer-schema.ts";
import type { EngineContext } from "./context.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { remainsOf } from "./places/sealed.ts";
import type { createReceipts, Prover } from "./receipts.ts";
import type { ResultView } from "./types.ts";

interface Parts {
  readonly lanes: Lanes;
  readonly receipts: ReturnType<typeof createReceipts>;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
}

/** Tasks read at a time: memory stays bounded however large the market is. */
const portion = 200;

interface TaskFacts {
  readonly terms: Terms;
  readonly control: KnownAnswer | null;
}

/** Of a control task: its answer, and the entry that shows it to everybody. */
type KnownAnswer = Pick<Control, "answer" | "openedSequence">;

/** The rows of a market's results in task order: settled tasks, and control tasks that somebody answered. */
export function createResults(context: EngineContext, { lanes, receipts, markets }: Parts) {
  const { pool } = context;

  const portionOf = async function* (
    market: MarketId,
    prover: Prover,
    tasks: readonly TaskRow[],
  ): AsyncGenerator<ResultView> {
    const key = marketIdToBytes(market);
    const from = tasks[0]?.task ?? 0;
    const to = tasks.at(-1)?.task ?? 0;
    const [results, verdicts, facts] = await Promise.all([
      readResults(pool, key, firstLane, from, to),
      readVerdictsOfTasks(pool, key, firstLane, from, to),
      lanes.get(market).read((state) =>
        tasks.map(
          ({ task }): TaskFacts => ({
            terms: termsOfTask(state, task),
            control: knownAnswer(state, task),
          }),
        ),
      ),
    ]);
    const resultOf = new Map(results.map((row) => [row.task, row]));
    const verdictsOf = byTask(verdicts);
    for (const [i, task] of tasks.entries()) {
      const row = await rowOf(
        market,
        prover,
        task,
        facts[i] as TaskFacts,
        resultOf.get(task.task),
        verdictsOf.get(task.task) ?? [],
      );
      if (row !== null) yield row;
    }
  };

  const rowOf = async (
    market: MarketId,
    prover: Prover,
    { task, externalId, lane }: TaskRow,
    { terms, control }: TaskFacts,
    settled: ResultRow | undefined,
    verdicts: readonly StoredVerdict[],
  ): Promise<ResultView | null> => {
    const within = verdicts.filter((each) => each.state !== "void" && each.decidedSequence <= prover.head.sequence);
    // What was settled after the head that this export proves is for the next one.
    const result = settled !== undefined && settled.sequence <= prover.head.sequence ? settled : undefined;
    if (result === undefined && (control === null || within.length === 0)) return null;
    const paid = within.filter(({ state }) => state === "accepted");
    const settledAt = result === undefined ? [] : [result.sequence];
    const openedAt = control?.openedSequence ?? Infinity;
    if (openedAt <= prover.head.sequence) settledAt.push(openedAt);
    const sequences = [...settledAt, ...paid.flatMap((each) => [each.submittedSequence, each.decidedSequence])];
    return {
      lane,
      task,
      externalId,
      label: result?.label ?? answerJson(terms.answer, (control as KnownAnswer).answer),
      confidencePpm: result?.confidencePpm ?? 1_000_000,
      decided: result?.decided ?? true,
      control: control !== null,
      votes: await votesOf(market, terms, within),
      paid: paid.map((each) => ({
        slot: { task, ordinal: each.ordinal },
        contributor: bytes32(each.key),
        reward: each.reward,
        reason: each.reason as Reason,
        submittedSequence: each.submittedSequence,
        decidedSequence: each.decidedSequence,
      })),
      cost: sumAmounts(paid.map(({ reward }) => reward)),
      receipt: await prover.prove(sequences),
    };
  };

  const votesOf = async (
    market: MarketId,
    terms: Terms,
    verdicts: readonly StoredVerdict[],
  ): Promise<Record<string, number>> => {
    const sequences = verdicts.map((each) => each.submittedSequence);
    const votes: Record<string, number> = {};
    for (const { attachment } of await readEntriesAt(pool, marketIdToBytes(market), firstLane, sequences)) {
      if (attachment === null) continue;
      const said = voteName(answerJson(terms.answer, readBody(terms.answer, remainsOf(attachment))));
      votes[said] = (votes[said] ?? 0) + 1;
    }
    return votes;
  };

  return {
    async *results(owner: Bytes32, market: MarketId, only?: number): AsyncGenerator<ResultView> {
      await markets.owned(owner, market);
      const prover = await receipts.newestProver(market, firstLane);
      const key = marketIdToBytes(market);
      if (only !== undefined) {
        yield* portionOf(market, prover, await readTasks(pool, key, firstLane, [only]));
        return;
      }
      for (let after = -1; ; ) {
        const tasks = await listTasks(pool, key, firstLane, after, portion);
        yield* portionOf(market, prover, tasks);
        const last = tasks.at(-1);
        if (last === undefined) return;
        after = last.task;
      }
    },
  };
}

function knownAnswer(state: LaneState, task: number): TaskFacts["control"] {
  const control = controlOf(state, task);
  return control === undefined ? null : { answer: control.answer, openedSequence: control.openedSequence };
}

const voteName = (answer: Json): string => (typeof answer === "string" ? answer : canonicalJson(answer));

function byTask(verdicts: readonly StoredVerdict[]): Map<number, StoredVerdict[]> {
  const groups = new Map<number, StoredVerdict[]>();
  for (const verdict of verdicts) {
    const group = groups.get(verdict.task);
    if (group === undefined) groups.set(verdict.task, [verdict]);
    else group.push(verdict);
  }
  return groups;
}
