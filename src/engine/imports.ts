import type { Bytes32 } from "../core/bytes.ts";
import { type EarnestError, earnestError, isEarnestError } from "../core/errors.ts";
import { endImport, holdImport, type KeptImport, saveImport, takeImport } from "../store/tasks/imports.ts";
import {
  createStaging,
  dropAbandoned,
  dropStaging,
  isForgotten,
  newStaging,
  type Staging,
  stageTasks,
} from "../store/tasks/stage-tasks.ts";
import { type EngineContext, hashOf } from "./context.ts";
import { type Prepared, TaskRuns } from "./task-runs.ts";
import { inTransaction } from "./transaction.ts";
import type { Continued, NewTask } from "./types.ts";

/** What an import that died left behind is taken away after this time. */
const abandonedMs = 24 * 3_600_000;
/** So many tasks are staged in one transaction: what an import loses at most that breaks off. */
const tasksPerStage = 20_000;

/** Tasks on their way in. */
export interface Import {
  readonly staging: Staging;
  /** Null where nobody can go on with it. */
  readonly kept: KeptImport | null;
  readonly continued: Continued | undefined;
  readonly runs: TaskRuns;
}

export interface Imports {
  begin(owner: Bytes32, continued: Continued | undefined): Promise<Import>;
  stage(begun: Import, tasks: AsyncIterable<readonly NewTask[]>, prepared: (task: NewTask) => Prepared): Promise<void>;
  /** Its table goes once it is over. */
  drop(begun: Import): Promise<void>;
  /** What was refused would be refused again; whatever else went wrong leaves what is staged for the next try. */
  fail(begun: Import, error: unknown): Promise<void>;
}

export const takenOver = (): EarnestError => earnestError("RATE_EXCEEDED", { retryAfterSeconds: 1 });

/**
 * Imports stage tasks in stretches, each with where its source stood in the same transaction, so that one that broke off goes
 * on from the last of them.
 */
export function createImports(context: EngineContext): Imports {
  const { pool } = context;
  const hash = hashOf(context);

  const begin: Imports["begin"] = async (owner, continued) => {
    await dropAbandoned(pool, context.clock() - abandonedMs);
    const staging = newStaging(context.random(16), context.clock());
    if (continued === undefined) {
      await createStaging(pool, staging);
      return { staging, kept: null, continued, runs: new TaskRuns(hash) };
    }
    const kept = await inTransaction(pool, (dbTx) => takeImport(dbTx, owner, continued.key, staging));
    const { saved, count } = kept;
    if (saved !== null) continued.goOn(saved.mark, count);
    const runs = saved === null ? new TaskRuns(hash) : TaskRuns.restored(hash, saved.runs);
    return { staging: kept.staging, kept, continued, runs };
  };

  const drop: Imports["drop"] = async ({ staging }) => {
    try {
      await inTransaction(pool, async (dbTx) => {
        await dbTx.query("set local lock_timeout = '200ms'");
        await dropStaging(dbTx, staging);
      });
    } catch (error) {
      // Whoever was at it before may still wait for a client that is gone, and takes it away then.
      context.log("a table of tasks on their way in was not dropped", { error: String(error) });
    }
  };

  return {
    begin,
    drop,

    async stage({ staging, kept, continued, runs }, tasks, prepared) {
      const source = tasks[Symbol.asyncIterator]();
      let isOver = false;
      const stretch = async function* (): AsyncGenerator<readonly Prepared[]> {
        const until = runs.count + tasksPerStage;
        while (runs.count < until) {
          const next = await source.next();
          isOver = next.done === true;
          if (next.done === true) return;
          const rows = next.value.map(prepared);
          for (const row of rows) runs.add(row);
          yield rows;
        }
      };
      const stage = (): Promise<void> =>
        inTransaction(pool, async (dbTx) => {
          // It takes as long as the client sends; the API bounds that.
          await dbTx.query("set local statement_timeout = 0");
          await stageTasks(dbTx, staging, runs.count, stretch());
          if (kept === null || continued === undefined) return;
          const saved = runs.saved();
          const isOurs =
            saved === null
              ? holdImport(dbTx, kept)
              : saveImport(dbTx, kept, runs.count, { mark: continued.mark(), runs: saved });
          if (!(await isOurs)) throw takenOver();
        });
      try {
        while (!isOver) await stage();
      } catch (error) {
        await source.return?.(undefined);
        throw error;
      }
    },

    async fail(begun, error) {
      const { kept } = begun;
      const isRefused = isEarnestError(error) && error.kind !== "internal" && error.kind !== "unavailable";
      if (kept !== null && isRefused) await endImport(pool, kept);
      if (kept === null || (await isForgotten(pool, begun.staging))) await drop(begun);
    },
  };
}
