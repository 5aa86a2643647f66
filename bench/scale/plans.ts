import { readFileSync, writeFileSync } from "node:fs";
import type { ClientBase } from "pg";
import { planOf, scansOf } from "#src/store/plans";
import { allStatements } from "#src/store/pool-statement";
// Brings in every module that asks the database anything.
import "#src/engine/create-engine";

/** The plans of the hot statements at full size, as they were when somebody last looked at them. */
const file = new URL("../../../bench/scale/plans.txt", import.meta.url);
const command = "npm run bench -- scale --write-plans";

/** Tables that are large now, whatever their statistics say of others. */
const large = ["entries", "results", "tasks", "verdicts"];

export interface Planned {
  /** Statements that read a large table from end to end. */
  readonly readWhole: readonly string[];
  /** Statements whose plan is another one than the one checked in. */
  readonly changed: readonly string[];
  /** At how many submissions those were made. */
  readonly checkedInAt: number;
}

/** As PostgreSQL plans at this size, by its own statistics, beside the plans that are checked in, or instead of those. */
export async function lookAtPlans(client: ClientBase, submissions: number, isWriting: boolean): Promise<Planned> {
  const plans = new Map<string, string>();
  const readWhole: string[] = [];
  for (const name of hotStatements()) {
    const text = allStatements().get(name);
    if (text === undefined) throw new Error(`there is no statement ${name}`);
    const scans = await scansOf(client, text);
    if (large.some((table) => scans.includes(`all of ${table}`))) readWhole.push(name);
    plans.set(name, (await planOf(client, text)).map((line) => `  ${line}\n`).join(""));
  }
  if (isWriting) writePlans(submissions, plans);
  const checkedIn = readPlans();
  const changed = [...plans].filter(([name, plan]) => checkedIn.plans.get(name) !== plan).map(([name]) => name);
  return { readWhole, changed, checkedInAt: checkedIn.submissions };
}

/** The statements that turns, streams, receipts and a restart wait for; others read a market whole because they sum it up. */
const hotStatements = (): string[] =>
  readFileSync(new URL("../../../src/engine/plans.txt", import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(":")[0] as string);

function writePlans(submissions: number, plans: ReadonlyMap<string, string>): void {
  const head = `# At ${submissions} submissions; ${command}\n`;
  writeFileSync(file, head + [...plans].map(([name, plan]) => `\n${name}\n${plan}`).join(""));
}

function readPlans(): { readonly submissions: number; readonly plans: ReadonlyMap<string, string> } {
  const [head = "", ...parts] = readFileSync(file, "utf8").split("\n\n");
  const plans = parts.map((part) => {
    const [name = "", ...lines] = part.trimEnd().split("\n");
    return [name, lines.map((line) => `${line}\n`).join("")] as const;
  });
  return { submissions: Number(/\d+/.exec(head)?.[0]), plans: new Map(plans) };
}
