import type { FastifyRequest } from "fastify";
import { type RowFields, type RowMapping, taskOfFields } from "../../contract/row-mapping.ts";
import type { AddedTasks, NewTaskFilled } from "../../contract/tasks.ts";
import { type Bytes32, equalBytes } from "../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import type { MarketId } from "../../core/market-id.ts";
import { KeyClaimed } from "../../engine/idempotency.ts";
import type { MarketView, NewTask } from "../../engine/types.ts";
import { readKnownAnswer } from "../../market/body.ts";
import { type MarketSpec, parseTerms } from "../../market/spec.ts";
import type { ApiContext } from "../context.ts";
import { idempotencyKey, sameRequest } from "../idempotency.ts";
import { rewardsInTokens, taskOf } from "../market-spec.ts";
import type { Money } from "../values.ts";
import { csvRows } from "./csv-rows.ts";
import { ImportBody } from "./import-body.ts";
import { jsonLines } from "./json-lines.ts";
import { mappingOf } from "./mapping.ts";
import { RowProblems } from "./problems.ts";
import type { Row } from "./row.ts";

/** So many ids are compared while they stream by; beyond, the database finds a repeated one. */
const idsRememberedMax = 10_000;

interface Query {
  readonly id?: string | undefined;
  readonly control?: string | undefined;
  readonly map?: string | undefined;
}

/**
 * Imports a stream of rows, all or none. The engine gets tasks as they arrive; the first bad row ends that, reading
 * goes on to say what else is wrong, and the error at the end makes the engine drop what it had.
 *
 * @throws MALFORMED_ROWS with the problems in groups and the first bad rows as they came.
 */
export async function importRows(
  context: ApiContext,
  owner: Bytes32,
  market: MarketId,
  query: Query,
  request: FastifyRequest,
): Promise<AddedTasks> {
  const format = request.headers["content-type"]?.startsWith("text/csv") ? "csv" : "jsonl";
  const mapping = mappingOf(query, format);
  const found = await context.engine.market(market);
  if (!equalBytes(found.owner, owner)) throw earnestError("OWNER_MISMATCH", { what: `The market ${market}` });
  const key = idempotencyKey(request);
  const body = new ImportBody(`${request.method} ${request.url} ${format}\n`, key ?? "");
  const source = body.read(request.body as AsyncIterable<Uint8Array>);
  const repeated = async (): Promise<AddedTasks | null> => {
    const stored = key === null ? null : await context.once.find(owner, key);
    if (key === null || stored === null) return null;
    for await (const _ of source);
    return JSON.parse(sameRequest(key, body.digest(), stored).response) as AddedTasks;
  };
  const earlier = await repeated();
  if (earlier !== null) return earlier;
  const { rowBytesMax } = context.limits;
  const rows = format === "csv" ? csvRows(source, rowBytesMax) : jsonLines(source, rowBytesMax);
  const tasks = tasksOf(context, found, mapping, rows, body);
  // Its hash is known when all of it has been read.
  const once = key === null ? undefined : () => context.once.once(owner, key, body.digest());
  const continued = key === null ? undefined : body;
  try {
    const { first, count } = await context.engine.importTasks(owner, market, tasks, once, continued);
    const added = { first, count };
    if (key !== null) await context.once.save(owner, key, body.digest(), 201, JSON.stringify(added));
    context.metrics.importedTasks.inc(count);
    return added;
  } catch (error) {
    const meanwhile = error instanceof KeyClaimed ? await repeated() : null;
    if (meanwhile === null) throw error;
    return meanwhile;
  }
}

async function* tasksOf(
  context: ApiContext,
  { spec, token }: MarketView,
  mapping: RowMapping,
  portions: AsyncIterable<readonly Row[]>,
  body: ImportBody,
): AsyncGenerator<readonly NewTask[]> {
  const problems = new RowProblems(context.limits.badRowsMax);
  const ids = new Set<string>();
  const money = context.moneys.by(token);
  let count = 0;
  for await (const rows of portions) {
    const tasks: NewTask[] = [];
    for (const { row, text, content } of rows) {
      // They were good when they came the first time.
      if (row <= body.rowsDone) continue;
      const task = "problem" in content ? content.problem : taskOfRow(money, spec, ids, mapping, content.fields);
      if (typeof task === "string") problems.add(row, task, text());
      else tasks.push(task);
    }
    count += rows.length;
    if (!problems.any) yield tasks;
  }
  if (problems.any) throw problems.toError();
  if (count === 0) throw earnestError("MALFORMED_REQUEST", { where: "body", problem: "holds no rows" });
}

function taskOfRow(
  money: Money,
  spec: MarketSpec,
  ids: Set<string>,
  mapping: RowMapping,
  fields: RowFields,
): NewTask | string {
  const wanted = taskOfFields(mapping, fields);
  if (typeof wanted === "string") return wanted;
  if (ids.has(wanted.id)) return "has the id of an earlier row";
  // A part of a text holds on to all of it.
  if (ids.size < idsRememberedMax) ids.add(Buffer.from(wanted.id).toString());
  try {
    const task = taskOf(money, wanted);
    return rewardsInTokens(money, () => problemOfTerms(spec, wanted, task)) ?? task;
  } catch (error) {
    if (isEarnestError(error)) return error.message;
    throw error;
  }
}

/** What the market would refuse, found here so that it is reported with its row. */
function problemOfTerms(spec: MarketSpec, wanted: NewTaskFilled, task: NewTask): string | null {
  const terms = task.terms === null ? spec.terms : parseTerms(spec, task.terms);
  if (wanted.control === undefined) return null;
  try {
    readKnownAnswer(terms.answer, wanted.control);
    return null;
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_ANSWER")) throw error;
    return `control: ${error.context.problem}`;
  }
}
