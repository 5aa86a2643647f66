import type { Bytes32 } from "../../core/bytes.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import { purseTotal } from "../../ledger/purse.ts";
import { termsOfTask } from "../../market/admit.ts";
import { readBody } from "../../market/body.ts";
import { answersOfPeople } from "../../market/outlook.ts";
import { isRight } from "../../market/right.ts";
import { ringsOf } from "../../market/rings.ts";
import { controlOf, type LaneState, type Member, specOf } from "../../market/state.ts";
import { readEntriesAt } from "../../store/log/read-entries.ts";
import { readResults } from "../../store/tasks/read-results.ts";
import { readVerdictsOfTasks, type StoredVerdict } from "../../store/tasks/read-verdicts.ts";
import type { ResultRow } from "../../store/tasks/result-row.ts";
import type { Answer } from "../../verification/answers/answer.ts";
import { answerJson } from "../../verification/answers/answer-schema.ts";
import { addTask, type Contribution, noContribution, savedOf } from "../../verification/machines/contribution.ts";
import { measure, measuredAs, type Observation } from "../../verification/machines/measure.ts";
import type { EngineContext } from "../context.ts";
import { firstLane, type Lanes } from "../lanes.ts";
import type { Insight, MachineReport, MarketReport } from "./insight.ts";

interface Parts {
  readonly lanes: Lanes;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
  readonly warnings: Pick<Insight, "warnings">;
}

/** Tasks looked at in one go: memory stays bounded however large the market is. */
const portion = 1_000;

/** An answer of a machine, or that a person gave one. */
interface Given {
  readonly task: number;
  readonly contributor: number;
  /** Null of people: what they said is not looked at. */
  readonly answer: Answer | null;
}

/** What is counted while the tasks go by. */
interface Count {
  contribution: Contribution;
  decided: number;
  confidencePpm: number;
  readonly machines: Map<number, MachineCount>;
}

interface MachineCount {
  answers: number;
  judged: number;
  agreed: number;
  readonly observations: Observation<Json>[];
}

/** What a market came to. It looks at every task, but at the answers of machines alone. */
export function createReport({ pool }: EngineContext, { lanes, markets, warnings }: Parts): Pick<Insight, "report"> {
  const count = async (market: MarketId, taskCount: number, machines: readonly number[]): Promise<Count> => {
    const key = marketIdToBytes(market);
    const counts: Count = {
      contribution: noContribution,
      decided: 0,
      confidencePpm: 0,
      machines: new Map(machines.map((each) => [each, { answers: 0, judged: 0, agreed: 0, observations: [] }])),
    };
    for (let from = 0; from < taskCount; from += portion) {
      const to = Math.min(from + portion, taskCount) - 1;
      const [results, verdicts] = await Promise.all([
        readResults(pool, key, firstLane, from, to),
        readVerdictsOfTasks(pool, key, firstLane, from, to),
      ]);
      const bodies = await bodiesOf(
        key,
        verdicts.filter(({ contributor }) => counts.machines.has(contributor)),
      );
      await lanes.get(market).read((state) => countPortion(state, { from, to, results, verdicts, bodies }, counts));
    }
    return counts;
  };

  const bodiesOf = async (
    key: Uint8Array,
    verdicts: readonly StoredVerdict[],
  ): Promise<ReadonlyMap<number, Uint8Array>> => {
    const sequences = verdicts.map(({ submittedSequence }) => submittedSequence);
    const entries = await readEntriesAt(pool, key, firstLane, sequences);
    return new Map(
      entries.flatMap(({ sequence, attachment }) => (attachment === null ? [] : [[sequence, attachment] as const])),
    );
  };

  return {
    async report(owner, market) {
      await markets.owned(owner, market);
      const { taskCount, machines } = await lanes.get(market).read((state) => ({
        taskCount: state.taskCount,
        machines: [...state.members.keys()].filter((number) => isMachine(state, number)),
      }));
      const counts = await count(market, taskCount, machines);
      const found = await warnings.warnings(market);
      return await lanes.get(market).read((state) => reportOf(state, counts, found));
    },
  };
}

const isMachine = (state: LaneState, contributor: number): boolean =>
  state.members.get(contributor)?.automated === true;

interface Portion {
  readonly from: number;
  readonly to: number;
  readonly results: readonly ResultRow[];
  readonly verdicts: readonly StoredVerdict[];
  readonly bodies: ReadonlyMap<number, Uint8Array>;
}

function countPortion(state: LaneState, { from, to, results, verdicts, bodies }: Portion, counts: Count): void {
  const given = new Map<number, Given[]>();
  for (const each of [...judged(state, verdicts, bodies), ...held(state, from, to)]) {
    given.set(each.task, [...(given.get(each.task) ?? []), each]);
  }
  const resultOf = new Map(results.map((row) => [row.task, row]));
  for (let task = from; task <= to; task++) {
    const answers = given.get(task) ?? [];
    if (controlOf(state, task) === undefined) countTask(state, task, answers, resultOf.get(task), counts);
    else observe(state, task, answers, counts);
  }
}

/** Answers with a verdict. A fault of ours makes an answer none. */
const judged = (
  state: LaneState,
  verdicts: readonly StoredVerdict[],
  bodies: ReadonlyMap<number, Uint8Array>,
): readonly Given[] =>
  verdicts
    .filter((verdict) => verdict.state !== "void")
    .map(({ task, contributor, submittedSequence }) => {
      const body = bodies.get(submittedSequence);
      const answer = body === undefined ? null : readBody(termsOfTask(state, task).answer, body);
      return { task, contributor, answer };
    });

/** Answers that wait for their verdict. */
function held(state: LaneState, from: number, to: number): readonly Given[] {
  const found: Given[] = [];
  for (let task = from; task <= to; task++) {
    for (const { state: slotState, contributor, answer } of state.tasks.get(task)?.slots ?? []) {
      if (slotState === "held")
        found.push({ task, contributor, answer: isMachine(state, contributor) ? answer : null });
    }
  }
  return found;
}

function countTask(
  state: LaneState,
  task: number,
  answers: readonly Given[],
  result: ResultRow | undefined,
  counts: Count,
): void {
  const schema = termsOfTask(state, task).answer;
  const label = result === undefined ? null : canonicalJson(result.label);
  const said: string[] = [];
  for (const { contributor, answer } of answers) {
    const machine = counts.machines.get(contributor);
    if (machine === undefined || answer === null) continue;
    const key = canonicalJson(answerJson(schema, answer));
    said.push(key);
    machine.answers++;
    if (label !== null) machine.judged++;
    if (label === key) machine.agreed++;
  }
  counts.contribution = addTask(counts.contribution, { label, machines: said, people: answers.length - said.length });
  counts.decided += result?.decided === true ? 1 : 0;
  counts.confidencePpm += result?.confidencePpm ?? 0;
}

function observe(state: LaneState, task: number, answers: readonly Given[], { machines }: Count): void {
  const control = controlOf(state, task);
  if (control === undefined) return;
  const schema = termsOfTask(state, task).answer;
  for (const { contributor, answer } of answers) {
    if (answer === null) continue;
    machines.get(contributor)?.observations.push({
      truth: answerJson(schema, control.answer),
      answer: answerJson(schema, answer),
      isRight: isRight(state, task, answer, control.answer),
    });
  }
}

function reportOf(
  state: LaneState,
  { contribution, decided, confidencePpm, machines }: Count,
  warnings: MarketReport["warnings"],
): MarketReport {
  const { settled, settledBy, added, answers } = contribution;
  const members = [...state.members.keys()].map((number) => state.members.get(number) as Member);
  const people = members.filter(({ automated }) => !automated);
  const sum = (of: (member: Member) => number): number => people.reduce((total, each) => total + of(each), 0);
  const controls = [...state.controls.keys()].filter((task) => controlOf(state, task) !== undefined).length;
  return {
    market: state.market,
    title: specOf(state).title,
    tasks: { asked: state.taskCount - controls, controls, settled, decided },
    answers: { ...answers, perTask: settled === 0 ? null : answersToSettled(contribution, machines) / settled },
    confidence: settled === 0 ? null : confidencePpm / settled / 1_000_000,
    machines: [...machines].map(([number, found]) => machineOf(state, number, found)),
    people: {
      contributors: people.length,
      measured: measuredAs(
        sum(({ controlsRight }) => controlsRight),
        sum(({ controlsAnswered }) => controlsAnswered),
      ),
    },
    settledBy,
    added,
    saved: answers.machines === 0 ? null : savedIn(state, contribution),
    rings: ringsOf(state),
    cost: state.books.earned,
    warnings,
  };
}

const answersToSettled = ({ peopleOnSettled }: Contribution, machines: Count["machines"]): number =>
  [...machines.values()].reduce((sum, { judged: ofMachine }) => sum + ofMachine, peopleOnSettled);

function savedIn(state: LaneState, { settled, peopleOnSettled }: Contribution): MarketReport["saved"] {
  const perTask = answersOfPeople(state);
  if (perTask === null) return null;
  const peopleAlone = perTask * settled;
  return { peopleAlone, ...savedOf(peopleAlone, peopleOnSettled), isEstimate: true };
}

function machineOf(state: LaneState, number: number, { observations, ...counted }: MachineCount): MachineReport {
  const { key, purse } = state.members.get(number) as Member;
  return { contributor: key, ...counted, measured: measure(observations, canonicalJson), earned: purseTotal(purse) };
}
