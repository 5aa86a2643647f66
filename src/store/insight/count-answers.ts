import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

/** Tasks of a lane, the last included, and whose answers to them are looked at one by one. */
export interface Stretch {
  readonly market: Uint8Array;
  readonly lane: number;
  readonly from: number;
  readonly to: number;
  readonly machines: readonly number[];
}

type Values = [market: Uint8Array, lane: number, from: number, to: number];

const byPeople = statement<[...Values, machines: readonly number[]], { task: bigint; people: bigint }>(
  "verdicts.peopleByTask",
  `select task, count(*) as people from verdicts
   where market = $1 and lane = $2 and task between $3 and $4 and state <> 'void' and contributor <> all($5::integer[])
   group by task`,
);

/** How many answers of people with a verdict each task has. A fault of ours makes an answer none. */
export async function countPeople(on: Queryable, of: Stretch): Promise<Map<number, number>> {
  const rows = await runStatement(on, byPeople, [of.market, of.lane, of.from, of.to, of.machines]);
  return new Map(rows.map(({ task, people }) => [Number(task), Number(people)]));
}

const byMachines = statement<
  [...Values, machines: readonly number[]],
  { task: bigint; contributor: number; submitted_sequence: bigint }
>(
  "verdicts.ofMachines",
  `select task, contributor, submitted_sequence from verdicts
   where market = $1 and lane = $2 and task between $3 and $4 and state <> 'void' and contributor = any($5::integer[])
   order by task, ordinal`,
);

export interface MachineAnswer {
  readonly task: number;
  readonly contributor: number;
  readonly sequence: number;
}

/** Answers of machines with a verdict, by the entries that submitted them. */
export async function readMachineAnswers(on: Queryable, of: Stretch): Promise<MachineAnswer[]> {
  if (of.machines.length === 0) return [];
  const rows = await runStatement(on, byMachines, [of.market, of.lane, of.from, of.to, of.machines]);
  return rows.map(({ task, contributor, submitted_sequence }) => ({
    task: Number(task),
    contributor,
    sequence: Number(submitted_sequence),
  }));
}

const settledTasks = statement<Values, { task: bigint; confidence_ppm: number; decided: boolean }>(
  "results.settledTasks",
  `select task, confidence_ppm, decided from results where market = $1 and lane = $2 and task between $3 and $4`,
);

export interface SettledTask {
  readonly confidencePpm: number;
  readonly decided: boolean;
}

/** Which tasks settled, and how certain. */
export async function readSettledTasks(on: Queryable, of: Stretch): Promise<Map<number, SettledTask>> {
  const rows = await runStatement(on, settledTasks, [of.market, of.lane, of.from, of.to]);
  return new Map(
    rows.map(({ task, confidence_ppm: confidencePpm, decided }) => [Number(task), { confidencePpm, decided }]),
  );
}
