import { type Bytes32, toUtf8 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { jsonHash, tags } from "../core/hash.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { logRoot, logTreeOf } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { batchOfTask, limits } from "../market/admit.ts";
import { type ControlAnswer, controlCommitment, sealControls } from "../market/controls.ts";
import type { Command } from "../market/decide.ts";
import { parseTerms, type Terms } from "../market/spec.ts";
import { type LaneState, specOf } from "../market/state.ts";
import type { Connection } from "../store/pool.ts";
import { insertTasks } from "../store/work/insert-tasks.ts";
import { findTask, listTasks, readTasks, type TaskRow } from "../store/work/read-tasks.ts";
import { Cache } from "./cache.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { inTokens } from "./markets.ts";
import type { NewTask, TaskView } from "./types.ts";

type Tasks = Pick<Engine, "addTasks" | "importTasks" | "task" | "listTasks" | "findTask"> & {
  views(market: MarketId, tasks: readonly number[]): Promise<Map<number, TaskView>>;
};

const contentBytesMax = 256 * 1024;

/** A run of tasks with the same terms: one entry of the log. */
interface Run {
  readonly first: number;
  readonly terms: Json | null;
  readonly tasks: NewTask[];
}

interface Owned {
  owned(owner: Bytes32, market: MarketId): Promise<unknown>;
}

export function createTasks(context: EngineContext, lanes: Lanes, markets: Owned): Tasks {
  const { pool } = context;
  const hash = hashOf(context);
  const contents = new Cache<TaskRow>({ max: 20_000, ttlMs: 3_600_000, clock: context.clock });

  const rows = async (market: MarketId, tasks: readonly number[]): Promise<Map<number, TaskRow>> => {
    const key = (task: number): string => `${market}/${task}`;
    const missing = tasks.filter((task) => contents.get(key(task)) === undefined);
    if (missing.length > 0) {
      for (const row of await readTasks(pool, marketIdToBytes(market), firstLane, missing)) {
        contents.set(key(row.task), row);
      }
    }
    return new Map(
      tasks.flatMap((task) =>
        contents.get(key(task)) === undefined ? [] : [[task, contents.get(key(task)) as TaskRow]],
      ),
    );
  };

  const views = async (market: MarketId, tasks: readonly number[]): Promise<Map<number, TaskView>> => {
    if (tasks.length === 0) return new Map();
    const found = await rows(market, tasks);
    const terms = await lanes
      .get(market)
      .read((state) => new Map(tasks.map((task) => [task, batchOfTask(state, task).terms])));
    return new Map([...found].map(([task, row]) => [task, toView(row, terms.get(task) as Terms)]));
  };

  const add = async (
    owner: Bytes32,
    market: MarketId,
    tasks: readonly NewTask[],
  ): Promise<{ first: number; count: number }> => {
    await markets.owned(owner, market);
    for (const task of tasks) checkTask(task);
    let first = 0;
    const outcomes = await inTokens(
      context.rail.decimals,
      lanes.get(market).runAlong({
        commands: async (dbTx, state) => {
          first = state.taskCount;
          const runs = runsOf(first, tasks);
          for (const run of runs) await store(dbTx, market, run);
          return runs.map((run) => batchCommand(state, run));
        },
      }),
    );
    return { first, count: outcomes.length === 0 ? 0 : tasks.length };
  };

  const store = async (dbTx: Connection, market: MarketId, { first, tasks }: Run): Promise<void> => {
    await insertTasks(dbTx, {
      market: marketIdToBytes(market),
      lane: firstLane,
      first,
      externalIds: tasks.map((task) => task.externalId),
      contents: tasks.map((task) => JSON.stringify(task.content)),
      hashes: tasks.map(taskHash),
    });
  };

  const taskHash = ({ externalId, content }: NewTask): Bytes32 =>
    jsonHash(hash, tags.task, { id: externalId, content });

  const batchCommand = (state: LaneState, run: Run): Command => {
    const terms = run.terms === null ? specOf(state).terms : parseTerms(specOf(state), run.terms);
    const controls = run.tasks.flatMap((task, i) => controlOf(context, terms, run.first + i, task));
    return {
      type: "input",
      record: {
        entry: {
          kind: "batchAdded",
          first: run.first,
          count: run.tasks.length,
          root: logRoot(hash, logTreeOf(hash, run.tasks.map(taskHash))),
          terms: run.terms === null ? "" : canonicalJson(run.terms),
          controls: controls.map((control) => ({ task: control.task, commitment: controlCommitment(hash, control) })),
        },
        attachment: controls.length === 0 ? null : sealControls(controls),
      },
    };
  };

  return {
    views,
    addTasks: add,

    async importTasks(owner, market, tasks) {
      const all: NewTask[] = [];
      for await (const task of tasks) all.push(task);
      return await add(owner, market, all);
    },

    async task(market, task) {
      const view = (await views(market, [task])).get(task);
      if (view === undefined) throw earnestError("TASK_NOT_FOUND", { task: `${task}` });
      return view;
    },

    async listTasks(market, after, limit) {
      const found = await listTasks(pool, marketIdToBytes(market), firstLane, after ?? -1, limit + 1);
      const shown = found.slice(0, limit);
      const terms = await lanes.get(market).read((state) => shown.map(({ task }) => batchOfTask(state, task).terms));
      return {
        items: shown.map((row, i) => toView(row, terms[i] as Terms)),
        next: found.length > limit ? `${shown.at(-1)?.task}` : null,
      };
    },

    async findTask(market, externalId) {
      const task = await findTask(pool, marketIdToBytes(market), externalId);
      if (task === null) throw earnestError("TASK_NOT_FOUND", { task: externalId.slice(0, 80) });
      return task;
    },
  };
}

const toView = ({ lane, task, externalId, content }: TaskRow, terms: Terms): TaskView => ({
  lane,
  task,
  externalId,
  content: JSON.parse(content) as Json,
  terms,
});

function checkTask({ externalId, content }: NewTask): void {
  if (externalId.length === 0 || externalId.length > 200) {
    throw earnestError("MALFORMED_REQUEST", { where: "task id", problem: "must have 1 to 200 characters" });
  }
  if (toUtf8(JSON.stringify(content)).length > contentBytesMax) {
    throw earnestError("LIMIT_EXCEEDED", { what: `bytes in the content of task ${externalId}`, max: contentBytesMax });
  }
}

/** Splits tasks into runs of equal terms, none longer than an entry may be. */
function runsOf(first: number, tasks: readonly NewTask[]): Run[] {
  const runs: Run[] = [];
  let last: { key: string; run: Run } | null = null;
  for (const [i, task] of tasks.entries()) {
    const key = task.terms === null ? "" : canonicalJson(task.terms);
    if (last === null || last.key !== key || last.run.tasks.length >= limits.tasksPerBatch) {
      last = { key, run: { first: first + i, terms: task.terms, tasks: [] } };
      runs.push(last.run);
    }
    last.run.tasks.push(task);
  }
  return runs;
}

function controlOf(context: EngineContext, terms: Terms, task: number, { control }: NewTask): ControlAnswer[] {
  if (control === null) return [];
  const answer = terms.answer.choices.indexOf(control);
  if (answer < 0) {
    throw earnestError("MALFORMED_REQUEST", {
      where: "control",
      problem: `"${control.slice(0, 80)}" is none of the choices`,
    });
  }
  return [{ task, answer, salt: context.random(32) as Bytes32 }];
}
