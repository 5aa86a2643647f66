import type { Earnest } from "../../client/earnest.ts";
import type { Reviewable } from "../../contract/work.ts";
import { earnestError } from "../../core/errors.ts";
import { canPrompt, Prompter } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { printable } from "../output.ts";
import { parseMarket, parseSlotText } from "../parse-options.ts";

interface ReviewOptions {
  readonly accept?: readonly string[];
  readonly reject?: readonly string[];
  readonly note: string;
  readonly list?: true;
  readonly dryRun?: true;
}

interface Decision {
  readonly slot: string;
  readonly accepted: boolean;
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, parseSlotText(text)];

export const addReview: AddCommand = (program, run) => {
  examples(
    program
      .command("review")
      .description("Decide on submissions that wait for their requester; asks one by one at a terminal")
      .argument("<market>", "The market's id", parseMarket)
      .option("--accept <slot>", "Accept this slot; may be given again", collect)
      .option("--reject <slot>", "Reject this slot; may be given again", collect)
      .option("--note <text>", "Why; contributors see it", "")
      .option("--list", "Only show what waits")
      .option("--dry-run", "Show what would be decided, and decide nothing")
      .action(run(review)),
    "earnest review 00112233445566778899aabbccddeeff",
    'earnest review 00112233445566778899aabbccddeeff --reject 17.2 --note "The text is cut off"',
  );
};

async function review(context: CommandContext, options: ReviewOptions, market: string): Promise<ExitCode> {
  const client = await context.client();
  const given = decisionsOf(options);
  if (given.length > 0) return await decideAll(context, client, market, given, options);
  const waiting = await client.markets.reviews(market);
  if (waiting.length === 0) {
    context.output.line("Nothing waits for review.");
    context.output.result({ ok: true, waiting: [] });
    return exitCodes.ok;
  }
  if (options.list !== true && canPrompt(context))
    return await decideOneByOne(context, client, market, waiting, options);
  context.output.table(["slot", "answer", "reward"], waiting.map(rowOf));
  context.output.result({ ok: true, waiting });
  return exitCodes.ok;
}

function decisionsOf({ accept = [], reject = [] }: ReviewOptions): Decision[] {
  const both = accept.find((slot) => reject.includes(slot));
  if (both !== undefined) {
    throw earnestError("MALFORMED_COMMAND", { problem: `Slot ${both} is both accepted and rejected` });
  }
  return [...accept.map((slot) => ({ slot, accepted: true })), ...reject.map((slot) => ({ slot, accepted: false }))];
}

/** Each decision stands by itself: one that is refused does not keep the others from being made. */
async function decideAll(
  context: CommandContext,
  { markets }: Earnest,
  market: string,
  decisions: readonly Decision[],
  { note, dryRun }: ReviewOptions,
): Promise<ExitCode> {
  const { output } = context;
  if (dryRun === true) {
    for (const { slot, accepted } of decisions) output.line(`Would ${accepted ? "accept" : "reject"} ${slot}.`);
    output.result({ ok: true, dryRun: true, decisions });
    return exitCodes.ok;
  }
  const decided: object[] = [];
  const failed: { slot: string; reason: string }[] = [];
  let firstError: Error | null = null;
  for (const { slot, accepted } of decisions) {
    context.stopped.throwIfAborted();
    try {
      const { state, reward } = await markets.review(market, slot, { accepted, note });
      output.line(`${output.colours.green("✓")} ${slot} is ${state}${accepted ? `, ${reward} paid` : ""}`);
      decided.push({ slot, state, reward });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      firstError ??= error;
      failed.push({ slot, reason: error.message });
      output.line(`${output.colours.red("✗")} ${slot}: ${printable(error.message)}`);
    }
  }
  if (decided.length === 0 && firstError !== null) throw firstError;
  output.result({ ok: failed.length === 0, decided, failed });
  return failed.length === 0 ? exitCodes.ok : exitCodes.partial;
}

async function decideOneByOne(
  context: CommandContext,
  client: Earnest,
  market: string,
  waiting: readonly Reviewable[],
  options: ReviewOptions,
): Promise<ExitCode> {
  const decisions: Decision[] = [];
  const prompter = new Prompter(context);
  for (const item of waiting) {
    const [slot = "", answer = "", reward = ""] = rowOf(item).map(printable);
    const reply = await prompter.ask(`${slot}  ${answer}  (${reward}): a accept, r reject, s skip, q quit? `);
    if (reply === null || reply.trim() === "q") break;
    if (reply.trim() === "a" || reply.trim() === "r") decisions.push({ slot, accepted: reply.trim() === "a" });
  }
  prompter.end();
  if (decisions.length > 0) return await decideAll(context, client, market, decisions, options);
  context.output.line("Nothing was decided.");
  return exitCodes.ok;
}

const answerShown = 80;

function rowOf({ slot, answer, reward }: Reviewable): string[] {
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  return [slot, text.length > answerShown ? `${text.slice(0, answerShown)}…` : text, reward];
}
