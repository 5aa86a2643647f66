import type { FastifyReply, FastifyRequest } from "fastify";
import type { EarnedDay } from "../../contract/earnings.ts";
import { resultMediaTypes } from "../../contract/results.ts";
import { csvLine } from "./csv-line.ts";
import { acceptedFormat, type Format } from "./results.ts";

const columns = [
  "day",
  "answers",
  "rewards",
  "bonuses",
  "earned",
  "mint",
] as const satisfies readonly (keyof EarnedDay)[];

/** A year has few days: they are sent whole. */
export function sendEarnings(
  days: readonly EarnedDay[],
  year: number,
  wanted: Format | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const format = wanted ?? acceptedFormat(request.headers.accept);
  const text =
    format === "csv"
      ? [csvLine(columns), ...days.map((day) => csvLine(columns.map((name) => `${day[name]}`)))].join("")
      : days.map((day) => `${JSON.stringify(day)}\n`).join("");
  return reply
    .header("content-type", `${resultMediaTypes[format]}; charset=utf-8`)
    .header("content-disposition", `attachment; filename="earnings-${year}.${format}"`)
    .header("vary", "accept")
    .send(text);
}
