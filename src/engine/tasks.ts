import { type Bytes32, bytes32, toUtf8 } from "../core/bytes.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { logRoot } from "../core/log-tree.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { batchOfTask } from "../market/admit.ts";
import { readKnownAnswer } from "../market/body.ts";
import { type ControlAnswer, controlCommitment, sealControls } from "../market/controls.ts";
import type { Command } from "../market/decide.ts";
import { parseTerms, type Terms } from "../market/spec.ts";
import { type LaneState, specOf } from "../market/state.ts";
import { endImport } from "../store/tasks/imports.ts";
import { insertTasks } from "../store/tasks/insert-tasks.ts";
import { findTask, listTasks } from "../store/tasks/read-tasks.ts";
import { moveStagedTasks } from "../store/tasks/stage-tasks.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import { claiming, type Once } from "./idempotency.ts";
import { createImports, type Import, takenOver } from "./imports.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { inTokens } from "./markets.ts";
import { pageOf } from "./page.ts";
import type { Pools } from "./pools.ts";
import { TaskContents, toContent } from "./task-contents.ts";
import { taskHash } from "./task-hash.ts";
import { type KnownRuns, requireInputs } from "./task-inputs.ts";
import { type Prepared, type TaskRun, TaskRuns } from "./task-runs.ts";
import type { NewTask, TaskView } from "./types.ts";

type Tasks = Pick<Engine, "importTasks" | "task" | "listTasks" | "findTask"> & {
  /** What people see of tasks whose terms are known. */
  views(market: MarketId, terms: ReadonlyMap<number, Terms>): Promise<Map<number, TaskView>>;
  /** `noteOf`: what a repetition of the request is told by. */
  addTasks(
    owner: Bytes32,
    market: MarketId,
    tasks: readonly NewTask[],
    once?: Once,
    noteOf?: (added: Added) => Json,
  ): Promise<Added>;
};

const contentBytesMax = 256 * 1024;

interface Added {
  readonly first: number;
  readonly count: number;
}

interface Owned {
  owned(owner: Bytes32, market: MarketId): Promise<unknown>;
}

export function createTasks(context: EngineContext, lanes: Lanes, markets: Owned, pools: Pools): Tasks {
  const { pool } = context;
  const hash = hashOf(context);
  const contents = new TaskContents(context);

  const views: Tasks["views"] = async (market, terms) => {
    const found = await contents.read(market, [...terms.keys()]);
    const seen = new Map<number, TaskView>();
    for (const [task, content] of found) seen.set(task, { ...content, terms: terms.get(task) as Terms });
    return seen;
  };

  /** @param runs of the market, for tasks that have none of their own */
  const prepared = (task: NewTask, known: KnownRuns): Prepared => {
    const { externalId, content, terms, control } = task;
    const text = JSON.stringify(content);
    checkTask(externalId, text);
    requireInputs(hash, task, known);
    return {
      externalId,
      content: text,
      hash: taskHash(hash, externalId, content, text),
      terms: terms === null ? "" : canonicalJson(terms),
      control,
    };
  };

  const runsOfMarket = async (market: MarketId): Promise<KnownRuns> =>
    await lanes.get(market).read((state) => specOf(state).terms.known?.runs ?? {});

  const batchCommand = (state: LaneState, first: number, run: TaskRun): Command => {
    const terms = run.terms === "" ? specOf(state).terms : parseTerms(specOf(state), JSON.parse(run.terms) as Json);
    const controls = run.controls.map(({ place, answer }) => controlOf(context, terms, first + place, answer));
    return {
      type: "input",
      record: {
        entry: {
          kind: "batchAdded",
          first,
          count: run.hashes.size,
          root: logRoot(hash, run.hashes.now()),
          terms: run.terms,
          controls: controls.map((control) => ({ task: control.task, commitment: controlCommitment(hash, control) })),
        },
        attachment: controls.length === 0 ? null : sealControls(controls),
      },
    };
  };

  const batchCommands = (state: LaneState, runs: readonly TaskRun[]): Command[] => {
    let first = state.taskCount;
    return runs.map((run) => {
      const command = batchCommand(state, first, run);
      first += run.hashes.size;
      return command;
    });
  };

  const addTasks = async (
    owner: Bytes32,
    market: MarketId,
    tasks: readonly NewTask[],
    once?: Once,
    noteOf: (added: Added) => Json = (added) => ({ ...added }),
  ): Promise<Added> => {
    await markets.owned(owner, market);
    const known = await runsOfMarket(market);
    const rows = tasks.map((task) => prepared(task, known));
    const runs = new TaskRuns(hash);
    for (const row of rows) runs.add(row);
    let first = 0;
    await inTokens(
      pools,
      market,
      lanes.get(market).runAlong({
        ...claiming(once),
        commands: async (dbTx, state) => {
          first = state.taskCount;
          await insertTasks(dbTx, {
            market: marketIdToBytes(market),
            lane: firstLane,
            first,
            externalIds: rows.map((row) => row.externalId),
            contents: rows.map((row) => row.content),
            hashes: rows.map((row) => row.hash),
          });
          return batchCommands(state, runs.all);
        },
        after: async (dbTx) => await once?.note(dbTx, JSON.stringify(noteOf({ first, count: rows.length }))),
      }),
    );
    return { first, count: rows.length };
  };

  /** From the staging table into the market, in the one transaction that also writes the log. */
  const moveStaged = async (market: MarketId, { staging, kept, runs }: Import, once?: Once): Promise<Added> => {
    const { count } = runs;
    let first = 0;
    await inTokens(
      pools,
      market,
      lanes.get(market).runAlong({
        ...claiming(once),
        commands: async (dbTx, state) => {
          first = state.taskCount;
          await moveStagedTasks(dbTx, staging, marketIdToBytes(market), firstLane, first);
          return batchCommands(state, runs.all);
        },
        after: async (dbTx) => {
          if (kept !== null && !(await endImport(dbTx, kept))) throw takenOver();
          await once?.note(dbTx, JSON.stringify({ first, count }));
        },
      }),
    );
    return { first, count };
  };

  const imports = createImports(context);

  return {
    views,
    addTasks,

    async importTasks(owner, market, tasks, once, continued) {
      await markets.owned(owner, market);
      const known = await runsOfMarket(market);
      const begun = await imports.begin(owner, continued);
      try {
        await imports.stage(begun, tasks, (task) => prepared(task, known));
        const added = begun.runs.count === 0 ? { first: 0, count: 0 } : await moveStaged(market, begun, once?.());
        await imports.drop(begun);
        return added;
      } catch (error) {
        await imports.fail(begun, error);
        throw error;
      }
    },

    async task(market, task) {
      const terms = await lanes.get(market).read((state) => batchOfTask(state, task).terms);
      const view = (await views(market, new Map([[task, terms]]))).get(task);
      if (view === undefined) throw earnestError("TASK_NOT_FOUND", { task: `${task}` });
      return view;
    },

    async listTasks(market, after, limit) {
      const found = await listTasks(pool, marketIdToBytes(market), firstLane, after ?? -1, limit + 1);
      const { items: shown, next } = pageOf(found, limit, ({ task }) => `${task}`);
      const terms = await lanes.get(market).read((state) => shown.map(({ task }) => batchOfTask(state, task).terms));
      return {
        items: shown.map((row, i) => ({ ...toContent(row), terms: terms[i] as Terms })),
        next,
      };
    },

    async findTask(market, externalId) {
      const task = await findTask(pool, marketIdToBytes(market), externalId);
      if (task === null) throw earnestError("TASK_NOT_FOUND", { task: externalId.slice(0, 80) });
      return task;
    },
  };
}

function checkTask(externalId: string, content: string): void {
  if (externalId.length === 0 || externalId.length > 200) {
    throw earnestError("MALFORMED_REQUEST", { where: "task id", problem: "must have 1 to 200 characters" });
  }
  // No character takes more than three bytes for each of its units.
  if (content.length > contentBytesMax / 3 && toUtf8(content).length > contentBytesMax) {
    throw earnestError("LIMIT_EXCEEDED", { what: `bytes in the content of task ${externalId}`, max: contentBytesMax });
  }
}

function controlOf(context: EngineContext, terms: Terms, task: number, control: Json): ControlAnswer {
  return { task, answer: knownAnswer(terms, control), salt: bytes32(context.random(32)) };
}

function knownAnswer(terms: Terms, control: Json): Answer {
  try {
    return readKnownAnswer(terms.answer, control);
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_ANSWER")) throw error;
    throw earnestError("MALFORMED_REQUEST", { where: "control", problem: error.context.problem }, { cause: error });
  }
}
