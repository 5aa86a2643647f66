import type { ClientBase } from "pg";

interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly Node[];
}

/**
 * How PostgreSQL finds rows for a statement whatever its values are: each index it looks into, and each table that it would
 * read from end to end. The order and kind of steps follow the tables' sizes; these do not, where indexes fit.
 */
export async function scansOf(connection: ClientBase, text: string): Promise<string[]> {
  const { rows } = await connection.query<{ "QUERY PLAN": readonly { Plan: Node }[] }>(
    `explain (generic_plan, format json) ${text}`,
  );
  const found = new Set<string>();
  const visit = (node: Node): void => {
    const index = node["Index Name"];
    if (index !== undefined) found.add(index);
    else if (node["Node Type"] === "Seq Scan") found.add(`all of ${node["Relation Name"]}`);
    for (const each of node.Plans ?? []) visit(each);
  };
  for (const { Plan } of rows[0]?.["QUERY PLAN"] ?? []) visit(Plan);
  return [...found].sort();
}

/** The whole plan for a statement whatever its values are, a line a step, without what each is thought to cost. */
export async function planOf(connection: ClientBase, text: string): Promise<string[]> {
  const { rows } = await connection.query<{ "QUERY PLAN": string }>(`explain (generic_plan, costs off) ${text}`);
  return rows.map((row) => row["QUERY PLAN"]);
}

/** Tables with a row for each submission, task or commit of a lane, or for each contributor. */
export const growingTables = [
  "balances",
  "contributors",
  "entries",
  "heads",
  "landmarks",
  "results",
  "sessions",
  "tasks",
  "verdicts",
] as const;
