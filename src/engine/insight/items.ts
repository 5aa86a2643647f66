import type { Amount } from "../../core/amount.ts";
import { type Bytes32, bytes32 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import type { Slot } from "../../core/slot.ts";
import { termsOfTask } from "../../market/admit.ts";
import { readBody } from "../../market/body.ts";
import { standingOf } from "../../market/learned.ts";
import { controlOf, type LaneState, type Member } from "../../market/state.ts";
import { readDisputed } from "../../store/insight/disputed.ts";
import { readEntriesAt } from "../../store/log/read-entries.ts";
import { readResults } from "../../store/tasks/read-results.ts";
import { readTasks } from "../../store/tasks/read-tasks.ts";
import { readVerdictsOfTasks, type StoredVerdict } from "../../store/tasks/read-verdicts.ts";
import type { ResultRow } from "../../store/tasks/result-row.ts";
import { answerJson } from "../../verification/answers/answer-schema.ts";
import { accuracyOf } from "../../verification/overlap/forecast.ts";
import type { Standing } from "../../verification/pay/rule.ts";
import type { EngineContext } from "../context.ts";
import { firstLane, type Lanes } from "../lanes.ts";
import { noCursor, pageOf } from "../page.ts";
import { remainsOf } from "../places/sealed.ts";
import type { Page } from "../types.ts";
import { createExplaining } from "./explain.ts";
import type { Explanation } from "./insight.ts";

export interface ItemView {
  readonly task: number;
  readonly id: string;
  readonly control: boolean;
  readonly answers: number;
  readonly label: Json;
  readonly confidencePpm: number | null;
  readonly decided: boolean | null;
}

export interface ItemSlotView {
  readonly slot: Slot;
  readonly contributor: Bytes32;
  readonly automated: boolean;
  readonly state: string;
  readonly reason: string | null;
  readonly reward: Amount;
  readonly answer: Json;
  readonly decidedAtMs: number | null;
  readonly weight: {
    readonly accuracy: number | null;
    readonly standing: Standing | null;
    readonly controls: { readonly answered: number; readonly right: number };
    readonly agreement: { readonly judged: number; readonly agreed: number };
  };
  readonly explanation: Explanation | null;
}

export interface ItemDetailView extends ItemView {
  readonly content: Json;
  /** Of a control task: its answer, which nobody but its owner sees before it is opened. */
  readonly known: Json;
  readonly slots: readonly ItemSlotView[];
}

export interface Items {
  /** Tasks in order; or the disputed, the least certain first. */
  items(
    owner: Bytes32,
    market: MarketId,
    wish: { readonly isDisputed: boolean; readonly after: string | null; readonly limit: number },
  ): Promise<Page<ItemView>>;
  item(owner: Bytes32, market: MarketId, task: number): Promise<ItemDetailView>;
}

interface Parts {
  readonly lanes: Lanes;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
}

/** A market's tasks one by one, for its owner. Answers that are not paid stay closed, but to whoever has to review them. */
export function createItems(context: EngineContext, { lanes, markets }: Parts): Items {
  const { pool } = context;
  const explaining = createExplaining(context, lanes);

  const itemsOf = async (
    market: MarketId,
    tasks: readonly number[],
    results: readonly ResultRow[],
  ): Promise<ItemView[]> => {
    const key = marketIdToBytes(market);
    const [rows, verdicts] = await Promise.all([readTasks(pool, key, firstLane, tasks), verdictsOf(key, tasks)]);
    const idOf = new Map(rows.map(({ task, externalId }) => [task, externalId]));
    const resultOf = new Map(results.map((row) => [row.task, row]));
    return await lanes.get(market).read((state) =>
      tasks.map((task): ItemView => {
        const result = resultOf.get(task);
        const judged = verdicts.filter((verdict) => verdict.task === task && verdict.state !== "void").length;
        return {
          task,
          id: idOf.get(task) ?? "",
          control: controlOf(state, task) !== undefined,
          answers: judged + heldIn(state, task).length,
          label: result?.label ?? null,
          confidencePpm: result?.confidencePpm ?? null,
          decided: result?.decided ?? null,
        };
      }),
    );
  };

  /** One question for tasks that lie side by side, one each for those that do not. */
  const verdictsOf = async (key: Uint8Array, tasks: readonly number[]): Promise<readonly StoredVerdict[]> => {
    const [first, last] = [Math.min(...tasks), Math.max(...tasks)];
    if (tasks.length === 0) return [];
    if (last - first < tasks.length) return await readVerdictsOfTasks(pool, key, firstLane, first, last);
    return (await Promise.all(tasks.map((task) => readVerdictsOfTasks(pool, key, firstLane, task, task)))).flat();
  };

  return {
    async items(owner, market, { isDisputed, after, limit }) {
      await markets.owned(owner, market);
      const key = marketIdToBytes(market);
      if (isDisputed) {
        const found = await readDisputed(pool, key, firstLane, readPlace(after), limit + 1);
        const { items: shown, next } = pageOf(found, limit, ({ confidencePpm, task }) => `${confidencePpm}.${task}`);
        const tasks = shown.map(({ task }) => task);
        return { items: await itemsOf(market, tasks, shown), next };
      }
      const taskCount = await lanes.get(market).read((state) => state.taskCount);
      const first = after === null ? 0 : readNumber(after) + 1;
      const end = Math.min(taskCount, first + limit);
      const tasks = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
      const results = await readResults(pool, key, firstLane, first, end - 1);
      return { items: await itemsOf(market, tasks, results), next: end < taskCount ? `${end - 1}` : null };
    },

    async item(owner, market, task) {
      await markets.owned(owner, market);
      const key = marketIdToBytes(market);
      const [row] = await readTasks(pool, key, firstLane, [task]);
      if (row === undefined) throw earnestError("TASK_NOT_FOUND", { task: `${task}` });
      const [verdicts, results] = await Promise.all([
        readVerdictsOfTasks(pool, key, firstLane, task, task),
        readResults(pool, key, firstLane, task, task),
      ]);
      const [[view], explanations, bodies] = await Promise.all([
        itemsOf(market, [task], results),
        explaining.explain(verdicts),
        bodiesOf(context, key, verdicts),
      ]);
      const { known, slots } = await lanes.get(market).read((state) => ({
        known: knownIn(state, task),
        slots: [
          ...verdicts.map((verdict, i) => judgedSlot(state, verdict, bodies, explanations[i] ?? null)),
          ...heldIn(state, task).map((ordinal) => heldSlot(state, { task, ordinal })),
        ],
      }));
      return { ...(view as ItemView), content: JSON.parse(row.content) as Json, known, slots };
    },
  };
}

const bodiesOf = async (
  { pool }: EngineContext,
  key: Uint8Array,
  verdicts: readonly StoredVerdict[],
): Promise<ReadonlyMap<number, Uint8Array>> => {
  const sequences = verdicts.filter(isShown).map(({ submittedSequence }) => submittedSequence);
  const entries = await readEntriesAt(pool, key, firstLane, sequences);
  return new Map(
    entries.flatMap(({ sequence, attachment }) =>
      attachment === null ? [] : [[sequence, remainsOf(attachment)] as const],
    ),
  );
};

/** Paid answers, and those that wait for the requester's own decision. */
const isShown = ({ state }: { readonly state: string }): boolean => state === "accepted" || state === "review";

function knownIn(state: LaneState, task: number): Json {
  const control = controlOf(state, task);
  return control === undefined ? null : answerJson(termsOfTask(state, task).answer, control.answer);
}

const heldIn = (state: LaneState, task: number): number[] =>
  (state.tasks.get(task)?.slots ?? []).flatMap((slot, ordinal) => (slot.state === "held" ? [ordinal] : []));

function judgedSlot(
  state: LaneState,
  verdict: StoredVerdict,
  bodies: ReadonlyMap<number, Uint8Array>,
  explanation: Explanation | null,
): ItemSlotView {
  const { task, ordinal, contributor } = verdict;
  const schema = termsOfTask(state, task).answer;
  const body = bodies.get(verdict.submittedSequence);
  const answer = body === undefined ? null : readBody(schema, body);
  return {
    slot: { task, ordinal },
    contributor: bytes32(verdict.key),
    automated: state.members.get(contributor)?.automated === true,
    state: verdict.state,
    reason: verdict.reason,
    reward: verdict.reward,
    answer: answer === null ? null : answerJson(schema, answer),
    decidedAtMs: verdict.decidedAtMs,
    weight: weightOf(state, contributor),
    explanation,
  };
}

function heldSlot(state: LaneState, { task, ordinal }: Slot): ItemSlotView {
  const slot = state.tasks.get(task)?.slots[ordinal];
  if (slot === undefined) throw earnestError("INVARIANT_MISMATCH", { what: "a held slot is not in its task" });
  const member = state.members.get(slot.contributor) as Member;
  return {
    slot: { task, ordinal },
    contributor: bytes32(member.key),
    automated: member.automated,
    state: "held",
    reason: null,
    reward: 0n as Amount,
    answer: null,
    decidedAtMs: null,
    weight: weightOf(state, slot.contributor),
    explanation: null,
  };
}

function weightOf(state: LaneState, contributor: number): ItemSlotView["weight"] {
  const member = state.members.get(contributor);
  const { learned } = state.model;
  return {
    accuracy: learned === null ? null : accuracyOf(learned.model, contributor),
    standing: learned === null ? null : standingOf(learned, contributor).standing,
    controls: { answered: member?.controlsAnswered ?? 0, right: member?.controlsRight ?? 0 },
    agreement: { judged: member?.judged ?? 0, agreed: member?.agreed ?? 0 },
  };
}

function readNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw noCursor();
}

function readPlace(text: string | null): { readonly confidencePpm: number; readonly task: number } {
  if (text === null) return { confidencePpm: -1, task: -1 };
  const [confidence, task] = /^(\d{1,7})\.(\d{1,10})$/.exec(text)?.slice(1) ?? [];
  if (confidence === undefined || task === undefined) throw noCursor();
  return { confidencePpm: Number(confidence), task: Number(task) };
}
