import type { MarketEvent } from "../../contract/events.ts";
import type { Market } from "../../contract/markets.ts";
import type { Json } from "../../core/json.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { jsonLine, type Output, printable } from "../output.ts";
import { parseCount, parseMarket, parsePositive } from "../parse-options.ts";
import { showPercent, showTime } from "../show.ts";
import { showWarnings } from "../show-market.ts";

interface WatchOptions {
  readonly after?: number;
  readonly all?: true;
  readonly task?: number;
  readonly limit?: number;
}

export const addWatch: AddCommand = (program, run) => {
  examples(
    program
      .command("watch")
      .description("Show what happens in a market as it happens, until it is closed or you press Ctrl-C")
      .argument("<market>", "The market's id", parseMarket)
      .option("--after <entry>", "Begin after this entry (default: now)", parseCount)
      .option("--all", "Begin with the first entry")
      .option("--task <number>", "Only what concerns this task", parseCount)
      .option("--limit <n>", "End after so many events", parsePositive)
      .action(run(watch)),
    "earnest watch 00112233445566778899aabbccddeeff",
    "earnest watch 00112233445566778899aabbccddeeff --all --json | jq .kind",
  );
};

async function watch(context: CommandContext, options: WatchOptions, market: string): Promise<ExitCode> {
  const { output, stopped: signal } = context;
  const { markets } = await context.client();
  const found = await markets.get(market);
  const after = options.all === true ? 0 : (options.after ?? found.lanes[0]?.sequence ?? 0);
  const wanted = { after, signal, ...(options.task !== undefined && { task: options.task }) };
  let count = 0;
  let last = after;
  let clock = "";
  const warn = warner(output);
  warn(found);
  for await (const event of markets.events(market, wanted)) {
    last = event.sequence;
    if (event.kind === "modelAdopted" && found.warnings !== null) warn(await markets.get(market));
    if (output.isJson) await output.rows(jsonLine(event));
    else if (event.kind === "timed") {
      // Time has entries of its own; a person reads it beside the events that it is the time of.
      clock = clockOf(event);
      continue;
    } else output.line(lineOf(output, clock, event));
    count++;
    if (event.kind === "closed" || count === options.limit) break;
  }
  signal.throwIfAborted();
  output.result({ ok: true, events: count, last });
  return exitCodes.ok;
}

/** Says what a market's owner should know, each thing once. Others are told nothing. */
function warner(output: Output): (market: Market) => void {
  const told = new Set<string>();
  return ({ warnings }) => {
    const fresh = (warnings ?? []).filter(({ code }) => !told.has(code));
    for (const { code } of fresh) told.add(code);
    showWarnings(output, fresh);
  };
}

const numberWidth = 7;
const clockWidth = 10;
const kindWidth = 15;

function lineOf({ colours }: Output, clock: string, event: MarketEvent): string {
  const number = colours.dim(`${event.sequence}`.padStart(numberWidth) + clock.padStart(clockWidth));
  const kind = colourOf(colours, event.kind)(event.kind.padEnd(kindWidth));
  return `${number}  ${kind}  ${printable(describe(event))}`.trimEnd();
}

function colourOf(colours: Output["colours"], kind: string): (text: string) => string {
  if (["settled", "judged", "verified", "bonusPaid"].includes(kind)) return colours.green;
  if (["expired", "voided", "faulted", "controlVoided"].includes(kind)) return colours.yellow;
  return (text) => text;
}

type Data = { readonly [name: string]: Json };

/** What a person wants to know of an event; kinds without words of their own show their data. */
function describe({ kind, task, data }: MarketEvent): string {
  const fields = (data !== null && typeof data === "object" && !Array.isArray(data) ? data : {}) as Data;
  const slot = `${task}.${text(fields["ordinal"])}`;
  switch (kind) {
    case "created":
    case "opened":
    case "paused":
    case "resumed":
    case "closing":
      return "";
    case "funded":
      return `${text(fields["amount"])} deposited`;
    case "batchAdded":
      return `${text(fields["count"])} tasks from number ${text(fields["first"])}`;
    case "joined":
      return `contributor ${text(fields["contributor"])}`;
    case "assigned":
    case "submitted":
      return `slot ${slot} by contributor ${text(fields["contributor"])}`;
    case "expired":
    case "released":
    case "appealed":
      return `slot ${slot}`;
    case "judged":
    case "verified":
      return `slot ${slot} ${text(fields["verdict"])}: ${text(fields["reason"])}`;
    case "settled":
      return settledText(task, fields);
    case "bonusPaid":
      return `${text(fields["amount"])} to contributor ${text(fields["contributor"])}`;
    case "blocked":
      return `contributor ${text(fields["contributor"])}: ${text(fields["note"])}`;
    case "closed":
      return `refund ${text(fields["refund"])}`;
    default:
      return JSON.stringify(data);
  }
}

function settledText(task: number | null, { choice, confidencePpm, decided, rulings }: Data): string {
  const confidence = typeof confidencePpm === "number" ? `, ${showPercent(confidencePpm / 1_000_000)}` : "";
  const verdicts = Array.isArray(rulings) ? (rulings as readonly Data[]).map((each) => each["verdict"]) : [];
  const accepted = verdicts.filter((verdict) => verdict === "accepted").length;
  const margin = decided === false ? ", below the target" : "";
  return `task ${task}: choice ${text(choice)}${confidence}${margin}; ${accepted} of ${verdicts.length} accepted`;
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : JSON.stringify(value ?? null));

/** Hours, minutes and seconds, UTC. */
function clockOf({ data }: MarketEvent): string {
  const { timeMs } = data as { readonly timeMs?: Json };
  return typeof timeMs === "number" ? showTime(timeMs).slice(11, 19) : "";
}
