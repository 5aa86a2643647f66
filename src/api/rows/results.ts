import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Result, resultMediaTypes } from "../../contract/results.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { ResultView, TaskView } from "../../engine/types.ts";
import type { ApiContext } from "../context.ts";
import { resultView } from "../views.ts";
import { csvLine } from "./csv-line.ts";
import { joined } from "./joined.ts";
import { labelStudioTask } from "./label-studio.ts";
import { parquetBytes } from "./parquet.ts";

export type Format = keyof typeof resultMediaTypes;

/**
 * Streams a market's results, row after row in long pieces. What is refused is refused before the first byte; where something
 * fails later the connection breaks, so that a cut export is never taken for a whole one.
 */
export async function sendResults(
  { engine, moneys }: ApiContext,
  owner: Bytes32,
  market: MarketId,
  query: { readonly format?: Format | undefined; readonly task?: string | undefined },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const format: Format = query.format ?? acceptedFormat(request.headers.accept);
  const only = query.task === undefined ? null : Number(query.task);
  const rows = engine.results(owner, market, only ?? undefined)[Symbol.asyncIterator]();
  const first = await rows.next();
  const money = await moneys.of(market);
  const views = viewsFrom(first, rows, only, (view) => resultView(money, view));
  const texts = {
    csv: csvTexts,
    jsonl: jsonTexts,
    labelstudio: (all: typeof views) => labelStudioTexts(engine, market, all),
  };
  const pieces = format === "parquet" ? parquetBytes(views) : joined(texts[format](views));
  const body = Readable.from(pieces, {
    objectMode: false,
    highWaterMark: 65_536,
  });
  return reply
    .header(
      "content-type",
      format === "parquet" ? resultMediaTypes.parquet : `${resultMediaTypes[format]}; charset=utf-8`,
    )
    .header("content-disposition", `attachment; filename="${market}.${endings[format]}"`)
    .header("vary", "accept")
    .send(body);
}

/** @throws ACCEPT_MISMATCH where none of these is accepted */
export function acceptedFormat(accept = "*/*"): Format {
  const types = accept.split(",").map((each) => each.split(";")[0]?.trim().toLowerCase() ?? "");
  for (const type of types) {
    if (type === resultMediaTypes.csv) return "csv";
    if (type === resultMediaTypes.parquet) return "parquet";
    if (["*/*", "application/*", resultMediaTypes.jsonl, "application/jsonl"].includes(type)) return "jsonl";
  }
  throw earnestError("ACCEPT_MISMATCH", { accept, offered: Object.values(resultMediaTypes).join(", ") });
}

async function* viewsFrom(
  first: IteratorResult<ResultView>,
  rest: AsyncIterator<ResultView>,
  only: number | null,
  toRow: (view: ResultView) => Result,
): AsyncGenerator<Result> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) {
      if (only === null || next.value.task === only) yield toRow(next.value);
      if (next.value.task === only) return;
    }
  } finally {
    await rest.return?.();
  }
}

async function* jsonTexts(rows: AsyncIterable<Result>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

const endings = { csv: "csv", jsonl: "jsonl", labelstudio: "json", parquet: "parquet" } as const satisfies Record<
  Format,
  string
>;

/** Rows whose tasks are read in one go. */
const taskPortion = 200;

/** One JSON array of all tasks with their annotations, written as it is made. */
async function* labelStudioTexts(
  engine: ApiContext["engine"],
  market: MarketId,
  rows: AsyncIterable<Result>,
): AsyncGenerator<string> {
  let separator = "[\n";
  for await (const portion of portionsOf(rows, taskPortion)) {
    const tasks = await Promise.all(portion.map(({ task }) => engine.task(market, task)));
    for (const [i, row] of portion.entries()) {
      yield separator + JSON.stringify(labelStudioTask(row, tasks[i] as TaskView));
      separator = ",\n";
    }
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}

async function* portionsOf<T>(all: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let portion: T[] = [];
  for await (const each of all) {
    portion.push(each);
    if (portion.length < size) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

const columns = [
  "id",
  "task",
  "lane",
  "label",
  "confidence",
  "decided",
  "control",
  "votes",
  "cost",
  "paid",
  "receipt",
] as const satisfies readonly (keyof Result)[];

async function* csvTexts(rows: AsyncIterable<Result>): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const row of rows) {
    yield csvLine(columns.map((name) => (typeof row[name] === "object" ? JSON.stringify(row[name]) : `${row[name]}`)));
  }
}
