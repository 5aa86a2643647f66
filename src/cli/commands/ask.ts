import type { Answer, AskEvent, Posted, Question } from "../../contract/ask.ts";
import { earnestError } from "../../core/errors.ts";
import { readContent } from "../ask/read-content.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { writeFileWhole } from "../files.ts";
import type { AddCommand } from "../options.ts";
import { jsonLine } from "../output.ts";
import {
  type OverlapRange,
  parseList,
  parseOverlap,
  parsePositive,
  parseShare,
  parseTokenAmount,
} from "../parse-options.ts";
import { showPercent } from "../show.ts";

interface AskOptions {
  readonly pay: string;
  readonly overlap?: OverlapRange;
  readonly choices?: readonly string[];
  readonly target?: number;
  readonly wait: number;
  readonly out?: string;
  readonly dryRun?: true;
}

/** After the last moment for answers the server still has to settle and tell us. */
const graceMs = 5_000;

export const addAsk: AddCommand = (program, run) => {
  examples(
    program
      .command("ask")
      .description("Ask people one question, paid from the prepaid balance, and wait for the answer")
      .argument("<question>", "What to ask")
      .argument("[content...]", "Files or texts to ask about; by default each is a choice, named by its file's stem")
      .requiredOption("--pay <amount>", "What each accepted answer is paid", parseTokenAmount)
      .option("--overlap <n>", "How many people answer at most, or a range such as 2-5 (default: 2-3)", parseOverlap)
      .option("--choices <a,b>", "What can be answered (default: the files' stems, or yes and no)", parseList)
      .option("--target <share>", "Stop as soon as the answer is this certain (default: 0.9)", parseShare)
      .option("--wait <seconds>", "How long to wait for the answer", parsePositive, 120)
      .option("-o, --out <file>", "Keep the answer with its receipt, for `earnest receipts verify`")
      .option("--dry-run", "Show what would be asked, and ask nobody")
      .action(run(ask)),
    'earnest ask "Which summary is better?" a.txt b.txt --pay 0.05 --overlap 3',
    'earnest ask "Is this address complete?" "12 High Street" --pay 0.02 --choices yes,no --json',
  );
};

async function ask(
  context: CommandContext,
  options: AskOptions,
  text: string,
  args: readonly string[],
): Promise<ExitCode | undefined> {
  const { output } = context;
  const question = await questionOf(context, options, text, args);
  if (options.dryRun === true) {
    output.line(JSON.stringify(question, null, 2));
    output.result({ ok: true, dryRun: true, question });
    return exitCodes.ok;
  }
  const { posted, answer } = await follow(context, question, options.wait);
  output.liveEnd();
  if (answer === null) return reportOpen(context, posted, options.wait);
  if (options.out !== undefined) await writeFileWhole(context.path(options.out), jsonLine(answer));
  return reportAnswer(context, answer, options.out);
}

async function questionOf(
  context: CommandContext,
  { pay, overlap, choices, target, wait }: AskOptions,
  text: string,
  args: readonly string[],
): Promise<Question> {
  const content = await readContent(context, args);
  if (choices?.length === 1) {
    throw earnestError("MALFORMED_COMMAND", { problem: "One choice alone is no question", mend: "Give two or more." });
  }
  return {
    question: text,
    content,
    ...(choices !== undefined && { choices: [...choices] }),
    reward: pay,
    overlap: { ...overlap, ...(target !== undefined && { target }) },
    deadlineSeconds: Math.min(wait, 86_400),
  };
}

interface Followed {
  readonly posted: Posted | null;
  /** Null where the time was over first. */
  readonly answer: Answer | null;
}

async function follow(context: CommandContext, question: Question, waitSeconds: number): Promise<Followed> {
  const over = AbortSignal.timeout(waitSeconds * 1_000 + graceMs);
  const asking = (await context.client()).ask(question, { signal: AbortSignal.any([context.stopped, over]) });
  const heard = new Heard(context, waitSeconds);
  try {
    for await (const event of asking) {
      heard.take(event);
      if (event.event === "answer") return { posted: heard.posted, answer: event.data };
    }
  } catch (error) {
    if (!over.aborted || context.stopped.aborted) throw error;
  } finally {
    heard.end();
  }
  return { posted: heard.posted, answer: null };
}

/** Tells what happens: one line that changes for a person, a line for each event where nobody looks on. */
class Heard {
  posted: Posted | null = null;
  #assigned = 0;
  #answered = 0;
  readonly #context: CommandContext;
  readonly #endsAtMs: number;
  readonly #timer: NodeJS.Timeout;

  constructor(context: CommandContext, waitSeconds: number) {
    this.#context = context;
    this.#endsAtMs = context.clock() + waitSeconds * 1_000;
    this.#timer = setInterval(() => this.#show(), 1_000);
    this.#show();
  }

  take(event: AskEvent): void {
    switch (event.event) {
      case "posted":
        this.posted = event.data;
        this.#say(`posted as task ${event.data.task} of market ${event.data.market}`);
        break;
      case "assigned":
        this.#assigned++;
        this.#say(`slot ${event.data.slot} is taken`);
        break;
      case "answered":
        this.#answered++;
        this.#say(`slot ${event.data.slot} is answered`);
        break;
      case "settled":
        this.#say(`settled by entry ${event.data.sequence}`);
        break;
      case "answer":
        break;
    }
    this.#show();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#context.output.liveEnd();
  }

  #say(line: string): void {
    if (!this.#context.output.isLive) this.#context.output.note(line);
  }

  #show(): void {
    const left = Math.max(0, Math.ceil((this.#endsAtMs - this.#context.clock()) / 1_000));
    const where = this.posted === null ? "asking" : `task ${this.posted.task}`;
    this.#context.output.live(`${where}: ${this.#assigned} at work, ${this.#answered} answered, ${left} s left`);
  }
}

function reportOpen({ output }: CommandContext, posted: Posted | null, waitSeconds: number): ExitCode {
  output.line(`No answer within ${waitSeconds} s.`);
  if (posted !== null) output.line(`→ It may still come: earnest results ${posted.market} --task ${posted.task}`);
  output.result({ ok: false, answer: null, ...posted });
  return exitCodes.partial;
}

function reportAnswer({ output }: CommandContext, answer: Answer, file: string | undefined): ExitCode {
  const { colours } = output;
  const isAnswered = answer.answer !== null;
  output.line(isAnswered ? `${colours.green("✓")} ${colours.bold(answer.answer)}` : "Nobody answered in time.");
  if (isAnswered) {
    const votes = Object.entries(answer.votes).map(([choice, count]) => `${choice} ${count}`);
    const undecided = answer.decided ? "" : ", below the target";
    output.line(`  confidence  ${showPercent(answer.confidence)}${undecided}`);
    output.line(`  votes       ${votes.join(", ")}`);
  }
  output.line(`  cost        ${answer.cost}`);
  const { receipt } = answer;
  const shown = receipt === null ? "none" : `${receipt.market}/${receipt.lane} up to entry ${receipt.head.sequence}`;
  output.line(colours.dim(`  receipt     ${shown}${file === undefined ? "" : `, kept in ${file}`}`));
  output.result({ ok: isAnswered, ...answer });
  return isAnswered ? exitCodes.ok : exitCodes.partial;
}
