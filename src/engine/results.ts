import { sumAmounts } from "../core/amount.ts";
import { type Bytes32, bytes32 } from "../core/bytes.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { termsOfTask } from "../market/admit.ts";
import { readBody } from "../market/body.ts";
import type { Reason } from "../market/entries.ts";
import type { Terms } from "../market/spec.ts";
import { type Control, controlOf, type LaneState } from "../market/state.ts";
import { readResults } from "../store/tasks/read-results.ts";
import { listTasks, readTasks, type TaskRow } from "../store/tasks/read-tasks.ts";
import { readVerdictsOfTasks, type StoredVerdict } from "../store/tasks/read-verdicts.ts";
import type { ResultRow } from "../store/tasks/result-row.ts";
import { answerJson } from "../verification/answers/answer-schema.ts";
import type { EngineContext } from "./context.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { remainsOf } from "./places/sealed.ts";
import type { createReceipts, Prover, ReadEntries } from "./receipts.ts";
import type { ResultView } from "./types.ts";

interface Parts {
  readonly lanes: Lanes;
  readonly receipts: ReturnType<typeof createReceipts>;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
}

/** Tasks read at a time: memory stays bounded however large the market is. */
const portion = 200;
/** With bodies of the largest size some 30 MB. */
const entriesPerRead = 500;

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
    const rows = tasks.flatMap((task, i) => {
      const own = verdictsOf.get(task.task) ?? [];
      return provable(task, facts[i] as TaskFacts, resultOf.get(task.task), own, prover.head.sequence) ?? [];
    });
    for (const together of inReads(rows)) {
      const entries = await prover.read(together.flatMap(({ sequences }) => sequences));
      for (const row of together) yield viewOf(row, entries);
    }
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

/** A row that a head proves, and all entries of which it says something. */
interface Provable {
  readonly task: TaskRow;
  readonly facts: TaskFacts;
  /** Null where only the known answer of a control task is the label. */
  readonly result: ResultRow | null;
  readonly verdicts: readonly StoredVerdict[];
  /** Of what its receipt proves. */
  readonly proved: readonly number[];
  readonly sequences: readonly number[];
}

/** What was settled or decided after the head is for the next export; null where nothing is left. */
function provable(
  task: TaskRow,
  facts: TaskFacts,
  settled: ResultRow | undefined,
  all: readonly StoredVerdict[],
  size: number,
): Provable | null {
  const verdicts = all.filter((each) => each.state !== "void" && each.decidedSequence <= size);
  const result = settled !== undefined && settled.sequence <= size ? settled : null;
  if (result === null && (facts.control === null || verdicts.length === 0)) return null;
  const opened = facts.control?.openedSequence ?? Infinity;
  const proved = [
    ...(result === null ? [] : [result.sequence]),
    ...(opened > size ? [] : [opened]),
    ...verdicts.filter(isPaid).flatMap((each) => [each.submittedSequence, each.decidedSequence]),
  ];
  const sequences = [...proved, ...verdicts.map((each) => each.submittedSequence)];
  return { task, facts, result, verdicts, proved, sequences };
}

const isPaid = ({ state }: StoredVerdict): boolean => state === "accepted";

/** Rows whose entries are read together: entries lie compressed in runs, and each look at a run unpacks all of it. */
function* inReads(rows: readonly Provable[]): Generator<readonly Provable[]> {
  let together: Provable[] = [];
  let entries = 0;
  for (const row of rows) {
    if (entries + row.sequences.length > entriesPerRead && together.length > 0) {
      yield together;
      [together, entries] = [[], 0];
    }
    together.push(row);
    entries += row.sequences.length;
  }
  if (together.length > 0) yield together;
}

function viewOf({ task, facts, result, verdicts, proved }: Provable, entries: ReadEntries): ResultView {
  const { terms, control } = facts;
  const paid = verdicts.filter(isPaid);
  return {
    lane: task.lane,
    task: task.task,
    externalId: task.externalId,
    label: result?.label ?? answerJson(terms.answer, (control as KnownAnswer).answer),
    confidencePpm: result?.confidencePpm ?? 1_000_000,
    decided: result?.decided ?? true,
    control: control !== null,
    votes: votesOf(terms, verdicts, entries),
    paid: paid.map((each) => ({
      slot: { task: task.task, ordinal: each.ordinal },
      contributor: bytes32(each.key),
      reward: each.reward,
      reason: each.reason as Reason,
      submittedSequence: each.submittedSequence,
      decidedSequence: each.decidedSequence,
    })),
    cost: sumAmounts(paid.map(({ reward }) => reward)),
    receipt: entries.prove(proved),
  };
}

function votesOf(terms: Terms, verdicts: readonly StoredVerdict[], entries: ReadEntries): Record<string, number> {
  const votes: Record<string, number> = {};
  for (const sequence of verdicts.map((each) => each.submittedSequence).sort((a, b) => a - b)) {
    const { attachment } = entries.at(sequence);
    if (attachment === null) continue;
    const said = voteName(answerJson(terms.answer, readBody(terms.answer, remainsOf(attachment))));
    votes[said] = (votes[said] ?? 0) + 1;
  }
  return votes;
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
