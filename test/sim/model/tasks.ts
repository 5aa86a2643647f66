import { equalBytes, toHex } from "#src/core/bytes";
import { earnestError } from "#src/core/errors";
import type { StoredVerdict } from "#src/store/tasks/read-verdicts";
import type { Transaction } from "../database/database.ts";
import type { TaskRecord } from "../database/tables.ts";
import type { Models } from "./asking.ts";
import { must, padded, placeKey } from "./keys.ts";

export const insertTasks = {
  async insertTasks(on, { market, lane, first, externalIds, contents, hashes }) {
    const taken = await on.ask(async (transaction) => {
      const { tasks } = transaction.database.tables;
      let refused: string | null = null;
      for (const [i, externalId] of externalIds.entries()) {
        const name = `${toHex(market)} ${externalId}`;
        await transaction.lock({ name: "tasks_external_id" }, name);
        const isTaken = transaction
          .all(tasks)
          .some((each) => equalBytes(each.market, market) && each.externalId === externalId);
        if (isTaken) refused ??= externalId;
        else {
          const task = first + i;
          const [content, hash] = [contents[i] as string, hashes[i] as Uint8Array];
          transaction.put(tasks, placeKey(market, lane, task), { market, lane, task, externalId, content, hash });
        }
      }
      return refused;
    });
    if (taken !== null) {
      const problem = `the id "${taken.slice(0, 80)}" is taken`;
      throw earnestError("MALFORMED_REQUEST", { where: "tasks", problem });
    }
  },
} satisfies Models<typeof import("#src/store/tasks/insert-tasks")>;

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => from + i);

const tasksAt = (transaction: Transaction, market: Uint8Array, lane: number, tasks: readonly number[]): TaskRecord[] =>
  tasks.flatMap((task) => transaction.get(transaction.database.tables.tasks, placeKey(market, lane, task)) ?? []);

export const readTasks = {
  readTasks: (on, market, lane, tasks) =>
    on.ask((transaction) =>
      tasksAt(transaction, market, lane, tasks).map(({ task, externalId, content }) => ({
        lane,
        task,
        externalId,
        content,
      })),
    ),
  readTaskHashes: (on, market, lane, from, to) =>
    on.ask((transaction) => tasksAt(transaction, market, lane, range(from, to)).map(({ hash }) => hash)),
} satisfies Models<typeof import("#src/store/tasks/read-tasks")>;

function verdictAt(
  transaction: Transaction,
  market: Uint8Array,
  lane: number,
  task: number,
  ordinal: number,
): StoredVerdict | null {
  const { verdicts, contributors } = transaction.database.tables;
  const row = transaction.get(verdicts, placeKey(market, lane, task, ordinal));
  if (row === undefined) return null;
  const { key } = must(transaction.get(contributors, padded(row.contributor)), "the contributor of a verdict");
  return { ...row, key };
}

export const readVerdicts = {
  readVerdict: (on, market, lane, task, ordinal) =>
    on.ask((transaction) => verdictAt(transaction, market, lane, task, ordinal)),
  readVerdictsOfTasks: (on, market, lane, from, to) =>
    on.ask((transaction) =>
      transaction
        .all(transaction.database.tables.verdicts)
        .filter((row) => row.lane === lane && equalBytes(row.market, market) && row.task >= from && row.task <= to)
        .flatMap(({ task, ordinal }) => verdictAt(transaction, market, lane, task, ordinal) ?? []),
    ),
} satisfies Models<typeof import("#src/store/tasks/read-verdicts")>;

export const readResults = {
  readResults: (on, market, lane, from, to) =>
    on.ask((transaction) =>
      range(from, to).flatMap((at) => {
        const row = transaction.get(transaction.database.tables.results, placeKey(market, lane, at));
        if (row === undefined) return [];
        const { task, label, confidencePpm, decided, sequence } = row;
        return [{ task, label, confidencePpm, decided, sequence }];
      }),
    ),
} satisfies Models<typeof import("#src/store/tasks/read-results")>;
