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
import {
  countPeople,
  type MachineAnswer,
  readMachineAnswers,
  readSettledTasks,
  type SettledTask,
  type Stretch,
} from "../../store/insight/count-answers.ts";
import { readLabels } from "../../store/insight/read-labels.ts";
import { readEntriesAt } from "../../store/log/read-entries.ts";
import type { Answer } from "../../verification/answers/answer.ts";
import { answerJson } from "../../verification/answers/answer-schema.ts";
import {
  addTask,
  type Contribution,
  noContribution,
  savedOf,
  sumOfContributions,
} from "../../verification/machines/contribution.ts";
import { measure, measuredAs, type Observation } from "../../verification/machines/measure.ts";
import { ahead, beginnings } from "../ahead.ts";
import { Cache } from "../cache.ts";
import type { EngineContext } from "../context.ts";
import { firstLane, type Lanes } from "../lanes.ts";
import { remainsOf } from "../places/sealed.ts";
import type { Insight, MachineReport, MarketReport } from "./insight.ts";

interface Parts {
  readonly lanes: Lanes;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
  readonly warnings: Pick<Insight, "warnings">;
}

/** Tasks looked at in one go: memory stays bounded however large the market is. */
const portion = 500;
/** Portions whose counts are kept: those of some large markets, as long as somebody looks at them now and then. */
const keptPortionsMax = 20_000;
const keptMs = 86_400_000;

/** An answer of a machine. What people said is not looked at, only how many did. */
interface Given {
  readonly task: number;
  readonly contributor: number;
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

/**
 * What a market came to, by every task and every answer of a machine. Portions in which every task has ended stay as they
 * are: they are counted once, so that only the first look at a large market takes long.
 */
export function createReport(context: EngineContext, { lanes, markets, warnings }: Parts): Pick<Insight, "report"> {
  const { pool } = context;
  const ended = new Cache<Count>({ max: keptPortionsMax, ttlMs: keptMs, clock: context.clock });

  const countPortion = async (market: MarketId, of: Stretch, voids: number): Promise<Count> => {
    const name = `${market} ${of.from} ${voids}`;
    const known = ended.get(name);
    if (known !== undefined) return known;
    const [people, machines, settled] = await Promise.all([
      countPeople(pool, of),
      readMachineAnswers(pool, of),
      readSettledTasks(pool, of),
    ]);
    const asked = [...new Set(machines.map(({ task }) => task))];
    const [bodies, labels] = await Promise.all([bodiesOf(of, machines), readLabels(pool, of.market, of.lane, asked)]);
    const found = { of, people, machines, settled, bodies, labels };
    return await lanes.get(market).read((state) => {
      const counted = countedIn(state, found);
      return hasEnded(state, of) ? ended.set(name, counted) : counted;
    });
  };

  const bodiesOf = async (
    { market, lane }: Stretch,
    answers: readonly MachineAnswer[],
  ): Promise<ReadonlyMap<number, Uint8Array>> => {
    const sequences = answers.map(({ sequence }) => sequence);
    const entries = await readEntriesAt(pool, market, lane, sequences);
    return new Map(
      entries.flatMap(({ sequence, attachment }) =>
        attachment === null ? [] : [[sequence, remainsOf(attachment)] as const],
      ),
    );
  };

  return {
    async report(owner, market) {
      await markets.owned(owner, market);
      const { taskCount, machines, voids } = await lanes.get(market).read((state) => ({
        taskCount: state.taskCount,
        machines: [...state.members.keys()].filter((number) => isMachine(state, number)),
        voids: voidControls(state),
      }));
      const key = marketIdToBytes(market);
      const counts = emptyCount(machines);
      const countFrom = (from: number): Promise<Count> => {
        const to = Math.min(from + portion, taskCount) - 1;
        return countPortion(market, { market: key, lane: firstLane, from, to, machines }, voids);
      };
      for await (const counted of ahead(beginnings(0, taskCount, portion), countFrom)) addCount(counts, counted);
      const found = await warnings.warnings(market);
      return await lanes.get(market).read((state) => reportOf(state, counts, found));
    },
  };
}

const isMachine = (state: LaneState, contributor: number): boolean =>
  state.members.get(contributor)?.automated === true;

/** Nothing becomes of a task any more that is no longer in the state. */
function hasEnded(state: LaneState, { from, to }: Stretch): boolean {
  if (to - from + 1 < portion) return false;
  for (let task = from; task <= to; task++) if (state.tasks.get(task) !== undefined) return false;
  return true;
}

/** A control that is void is a task like others from then on. */
const voidControls = (state: LaneState): number =>
  [...state.controls.keys()].filter((task) => controlOf(state, task) === undefined).length;

const emptyCount = (machines: readonly number[]): Count => ({
  contribution: noContribution,
  decided: 0,
  confidencePpm: 0,
  machines: new Map(machines.map((each) => [each, { answers: 0, judged: 0, agreed: 0, observations: [] }])),
});

function addCount(sum: Count, { contribution, decided, confidencePpm, machines }: Count): void {
  sum.contribution = sumOfContributions(sum.contribution, contribution);
  sum.decided += decided;
  sum.confidencePpm += confidencePpm;
  for (const [number, { answers, judged, agreed, observations }] of machines) {
    const machine = sum.machines.get(number);
    if (machine === undefined) continue;
    machine.answers += answers;
    machine.judged += judged;
    machine.agreed += agreed;
    machine.observations.push(...observations);
  }
}

/** What the database says of some tasks. */
interface Found {
  readonly of: Stretch;
  readonly people: ReadonlyMap<number, number>;
  readonly machines: readonly MachineAnswer[];
  readonly settled: ReadonlyMap<number, SettledTask>;
  readonly bodies: ReadonlyMap<number, Uint8Array>;
  /** Of tasks that a machine answered. */
  readonly labels: ReadonlyMap<number, { readonly label: Json }>;
}

function countedIn(state: LaneState, { of, people, machines, settled, bodies, labels }: Found): Count {
  const counts = emptyCount(of.machines);
  const given = new Map<number, Given[]>();
  const give = (each: Given): void => {
    const before = given.get(each.task);
    if (before === undefined) given.set(each.task, [each]);
    else before.push(each);
  };
  for (const { task, contributor, sequence } of machines) {
    const body = bodies.get(sequence);
    give({ task, contributor, answer: body === undefined ? null : readBody(termsOfTask(state, task).answer, body) });
  }
  for (let task = of.from; task <= of.to; task++) {
    const waiting = (state.tasks.get(task)?.slots ?? []).filter((slot) => slot.state === "held");
    for (const { contributor, answer } of waiting) {
      if (isMachine(state, contributor)) give({ task, contributor, answer });
    }
    const heldByPeople = waiting.filter(({ contributor }) => !isMachine(state, contributor)).length;
    const answers = given.get(task) ?? [];
    if (controlOf(state, task) !== undefined) observe(state, task, answers, counts);
    else {
      const outcome = { settled: settled.get(task), label: labels.get(task)?.label, people: people.get(task) ?? 0 };
      countTask(state, task, answers, { ...outcome, people: outcome.people + heldByPeople }, counts);
    }
  }
  return counts;
}

interface Outcome {
  readonly settled: SettledTask | undefined;
  /** Known where a machine answered. */
  readonly label: Json | undefined;
  readonly people: number;
}

function countTask(
  state: LaneState,
  task: number,
  answers: readonly Given[],
  { settled, label: found, people }: Outcome,
  counts: Count,
): void {
  const schema = termsOfTask(state, task).answer;
  const label = settled === undefined ? null : found === undefined ? unlooked : canonicalJson(found);
  const said: string[] = [];
  let unread = 0;
  for (const { contributor, answer } of answers) {
    const machine = counts.machines.get(contributor);
    if (machine === undefined || answer === null) {
      unread++;
      continue;
    }
    const key = canonicalJson(answerJson(schema, answer));
    said.push(key);
    machine.answers++;
    if (label !== null) machine.judged++;
    if (label === key) machine.agreed++;
  }
  counts.contribution = addTask(counts.contribution, { label, machines: said, people: people + unread });
  counts.decided += settled?.decided === true ? 1 : 0;
  counts.confidencePpm += settled?.confidencePpm ?? 0;
}

/** Stands for a label that nothing is compared with: no JSON. */
const unlooked = "";

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
  const sum = (among: readonly Member[], of: (member: Member) => number): number =>
    among.reduce((total, each) => total + of(each), 0);
  const controls = [...state.controls.keys()].filter((task) => controlOf(state, task) !== undefined).length;
  return {
    market: state.market,
    title: specOf(state).title,
    tasks: { asked: state.taskCount - controls, controls, settled, decided },
    answers: { ...answers, perTask: settled === 0 ? null : answersToSettled(contribution, machines) / settled },
    confidence: settled === 0 ? null : confidencePpm / settled / 1_000_000,
    agreement: { judged: sum(members, ({ judged }) => judged), agreed: sum(members, ({ agreed }) => agreed) },
    machines: [...machines].map(([number, found]) => machineOf(state, number, found)),
    people: {
      contributors: people.length,
      measured: measuredAs(
        sum(people, ({ controlsRight }) => controlsRight),
        sum(people, ({ controlsAnswered }) => controlsAnswered),
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
