import type { Command } from "commander";
import { pagesOf } from "../../client/pages.ts";
import type { Transport } from "../../client/transport.ts";
import type { OwnRecord } from "../../contract/contributors.ts";
import type { OpenWork } from "../../contract/open-work.ts";
import { resultMediaTypes } from "../../contract/results.ts";
import { routes } from "../../contract/routes.ts";
import type { CommandContext } from "../context.ts";
import { asContributor, type ContributorOptions, keypairOption } from "../contributor.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand, Run } from "../options.ts";
import { printable } from "../output.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";
import { showPercent, showTime } from "../show.ts";
import { addSolve } from "../work/work-by-solver.ts";

export const addWork: AddCommand = (program, run) => {
  const work = program
    .command("work")
    .description("Where there is work, what came of one's own, and work by a program");
  addSolve(work, run);
  addList(work, run);
  examples(
    work
      .command("record")
      .description("A contributor's own record in a market, and what an hour of it brought")
      .argument("<market>", "The market's id", parseMarket)
      .option(...keypairOption)
      .action(run(record)),
    "earnest work record 00112233445566778899aabbccddeeff",
  );
  examples(
    work
      .command("earnings")
      .description("What a contributor earned on each day of a year, as CSV")
      .option("--year <year>", "The year, in UTC (default: the current one)", parsePositive)
      .option(...keypairOption)
      .action(run(earnings)),
    "earnest work earnings --year 2026 > earnings.csv",
  );
};

interface ListOptions extends ContributorOptions {
  readonly limit: number;
}

function addList(work: Command, run: Run): void {
  examples(
    work
      .command("list")
      .description("Open markets with work, the best paid by the hour first")
      .option("--limit <n>", "At most so many", parsePositive, 20)
      .option(...keypairOption)
      .action(run(list)),
    "earnest work list --limit 5",
  );
}

/** Nobody has to sign in to look; whoever has is told whether they may take part. */
async function list(context: CommandContext, { limit, ...options }: ListOptions): Promise<ExitCode> {
  const { output } = context;
  const isSignedIn = options.keypair !== undefined || (await context.sessionToken()) !== null;
  const found = isSignedIn
    ? await asContributor(context, options, (transport, token) => take(transport, limit, token))
    : await take((await context.client()).transport, limit, null);
  if (found.length === 0) output.line("There is no work now.");
  else output.table(head, found.map(rowOf));
  for (const each of found) {
    for (const { what, next } of each.missing) {
      output.line(output.colours.dim(`${each.market}  ${printable(what)} ${printable(next)}`));
    }
  }
  output.result({ ok: true, work: found });
  return exitCodes.ok;
}

async function take(transport: Transport, limit: number, token: string | null): Promise<readonly OpenWork[]> {
  const found: OpenWork[] = [];
  const pages = pagesOf((after) =>
    transport.call(routes.listWork, {
      query: { after, limit: Math.min(limit, 100) },
      ...(token !== null && { token }),
    }),
  );
  for await (const each of pages) {
    found.push(each);
    if (found.length >= limit) break;
  }
  return found;
}

const head = ["market", "title", "an answer", "an hour", "seconds", "rejected", "tasks", "may I"];

const rowOf = (each: OpenWork): string[] => [
  each.market,
  each.title,
  each.reward,
  each.payPerHour ?? "?",
  each.secondsPerAnswer === null ? "?" : each.secondsPerAnswer.toFixed(1),
  each.rejected === null ? "" : showPercent(each.rejected),
  `${each.tasksLeft}`,
  each.qualifies === null ? "" : each.qualifies ? "yes" : "no",
];

async function record(context: CommandContext, options: ContributorOptions, market: string): Promise<ExitCode> {
  const { output } = context;
  const found = await asContributor(context, options, (transport, token) =>
    transport.call(routes.getOwnRecord, { params: { market }, token }),
  );
  output.line(output.colours.bold(printable(found.title)));
  output.table(["", ""], recordRows(found));
  if (found.held.next !== null) output.line(output.colours.dim(found.held.next));
  output.result({ ok: true, record: found });
  return exitCodes.ok;
}

const recordRows = ({ held, controls, pace, ...found }: OwnRecord): [string, string][] => [
  ["answers", `${found.answers}: ${found.accepted} accepted, ${found.rejected} rejected, ${held.count} held`],
  ["to appeal", `${found.appealable}`],
  ["known answers", `${controls.met} met, ${controls.missed} missed`],
  ["earned", `${found.earned}, of which ${found.reserve} in reserve`],
  ["standing", found.standing ?? "not known yet"],
  ...(pace === null
    ? []
    : [["an hour", pace.perHour ?? `too short to say: ${Math.round(pace.activeSeconds)} s`] as [string, string]]),
  ...(found.lastAtMs === null ? [] : [["last answer", showTime(found.lastAtMs)] as [string, string]]),
];

interface EarningsOptions extends ContributorOptions {
  readonly year?: number;
}

async function earnings(context: CommandContext, { year, ...options }: EarningsOptions): Promise<ExitCode> {
  const query = { year, format: "csv" };
  const text = await asContributor(context, options, async (transport, token) => {
    const response = await transport.send(routes.getEarnings, { query, token, accept: resultMediaTypes.csv });
    return await response.text();
  });
  await context.output.rows(text);
  const days = Math.max(0, text.split("\n").filter((line) => line !== "").length - 1);
  context.output.note(`${days} days`);
  context.output.result({ ok: true, days });
  return exitCodes.ok;
}
