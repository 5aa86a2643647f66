import { Option } from "commander";
import { newMarket } from "../../contract/markets.ts";
import { type Amount, addAmounts, amount, feeRoundedUp, formatAmount, parseAmount } from "../../core/amount.ts";
import { defaultPolicy } from "../../market/spec.ts";
import { type Foreseen, foresee } from "../../verification/overlap/foresee.ts";
import type { CommandContext } from "../context.ts";
import { examples, resultKeys } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import type { Output } from "../output.ts";
import {
  type OverlapRange,
  parseOverlap,
  parsePercent,
  parsePositive,
  parsePositiveNumber,
  parseShare,
  parseTokenAmount,
} from "../parse-options.ts";

interface EstimateOptions {
  readonly tasks: number;
  readonly reward: string;
  readonly overlap: OverlapRange;
  readonly target: number;
  readonly choices: number;
  readonly accuracy: number;
  readonly answersWorth: number;
  readonly fee?: number;
  readonly seconds?: number;
  readonly price?: number;
}

/** What a market has unless it says otherwise. */
const usual = newMarket.shape.overlap.parse(undefined);
/** Decimals for amounts where the network's token is not known. */
const decimalsByDefault = 6;
const feePercentByDefault = 2;
/** Dollars an hour that contributors elsewhere are promised at least. */
const wageLeast = 8;
/** Slots that a market's appeal budget pays for unless it says otherwise: three panels of three. */
const appealSlots = 9n;
/** Below this share of tasks that become certain enough, somebody who pays for certainty should know. */
const settledLeast = 0.5;

export const addEstimate: AddCommand = (program, run) => {
  const command = examples(
    program
      .command("estimate")
      .description("What tasks will cost and reach, as expected and at most, and the hourly wage that this implies")
      .requiredOption("--tasks <n>", "How many tasks", parsePositive)
      .requiredOption("--reward <amount>", "What each accepted answer is paid", parseTokenAmount)
      .addOption(
        new Option("--overlap <n>", "Answers to a task")
          .argParser(parseOverlap)
          .default(usual, `${usual.min}-${usual.max}`),
      )
      .option("--target <share>", "A task stops when its label is this certain", parseShare, usual.target)
      .option("--choices <n>", "How many choices there are", parsePositive, 2)
      .option("--accuracy <share>", "How often contributors are right, as you suppose", parseShare, 0.85)
      .option(
        "--answers-worth <n>",
        "How many answers' prices a right label is worth",
        parsePositive,
        defaultPolicy.answersWorth,
      )
      .option("--fee <percent>", "The network's fee (default: the profile's network's, or 2)", parsePercent)
      .option("--seconds <n>", "How long a person needs for a task", parsePositiveNumber)
      .option("--price <dollars>", "What one token is worth", parsePositiveNumber)
      .action(run(estimate)),
    "earnest estimate --tasks 1000 --reward 0.02 --overlap 2-5 --seconds 12 --price 1",
  );
  resultKeys(command, {
    tasks: "How many tasks",
    answers: "least, expected and most answers to all of them",
    answersPerTask: "Expected answers to a task",
    accuracy: "The share of labels expected to be right",
    settled: "The share of tasks expected to become as certain as the target",
    isOutOfReach: "No number of answers makes most tasks that certain",
    accuracyAtAnyPrice: "The share of right labels where no answer is too dear",
    pricePerAnswer: "Reward and fee",
    expected: "Expected cost, fee included",
    maximum: "The cost where every task takes the most answers",
    appealBudget: "What is locked for appeals",
    deposit: "maximum and appealBudget",
    wage: "tokensPerHour, dollarsPerHour and isLow; null without --seconds",
  });
};

async function estimate(context: CommandContext, options: EstimateOptions): Promise<ExitCode> {
  const { tasks, overlap } = options;
  const network = (await context.profile())?.network ?? null;
  const decimals = network?.decimals ?? decimalsByDefault;
  const feePercent = options.fee ?? (network === null ? feePercentByDefault : network.feeBasisPoints / 100);
  const reward = parseAmount(options.reward, decimals);
  const price = addAmounts(reward, feeRoundedUp(reward, Math.round(feePercent * 100)));
  const { answersPerTask, ...foreseen } = foresee({ ...options, ...overlap });
  const show = (value: bigint): string => formatAmount(value, decimals);
  const maximum = times(price, tasks * overlap.max);
  const appeals = amount(price * appealSlots);
  const estimated = {
    tasks,
    answers: { least: tasks * overlap.min, expected: Math.round(tasks * answersPerTask), most: tasks * overlap.max },
    answersPerTask,
    ...foreseen,
    pricePerAnswer: show(price),
    expected: show(times(price, tasks * answersPerTask)),
    maximum: show(maximum),
    appealBudget: show(appeals),
    deposit: show(maximum + appeals),
    wage: wageOf(options),
  };
  report(context, options, estimated);
  context.output.result({ ok: true, ...estimated });
  return exitCodes.ok;
}

interface Wage {
  readonly tokensPerHour: number;
  readonly dollarsPerHour: number | null;
  readonly isLow: boolean;
}

/** Null where nobody said how long a task takes. */
function wageOf({ reward, seconds, price }: EstimateOptions): Wage | null {
  if (seconds === undefined) return null;
  const tokensPerHour = (Number(reward) * 3_600) / seconds;
  const dollarsPerHour = price === undefined ? null : tokensPerHour * price;
  return { tokensPerHour, dollarsPerHour, isLow: dollarsPerHour !== null && dollarsPerHour < wageLeast };
}

/** A price times a number of answers that need not be whole, rounded up: an estimate may say a little too much. */
function times(price: Amount, answers: number): bigint {
  const thousandths = BigInt(Math.ceil(answers * 1_000));
  return amount((price * thousandths + 999n) / 1_000n);
}

interface Estimated extends Foreseen {
  readonly tasks: number;
  readonly answers: { readonly least: number; readonly expected: number; readonly most: number };
  readonly pricePerAnswer: string;
  readonly expected: string;
  readonly maximum: string;
  readonly appealBudget: string;
  readonly deposit: string;
  readonly wage: Wage | null;
}

function report({ output }: CommandContext, options: EstimateOptions, estimated: Estimated): void {
  const { answers, wage } = estimated;
  output.table(
    ["", "answers", "cost"],
    [
      ["expected", `${answers.expected}`, estimated.expected],
      ["at most", `${answers.most}`, estimated.maximum],
    ],
  );
  output.line(`${estimated.pricePerAnswer} an answer, fee included.`);
  output.line(`To deposit: ${estimated.deposit}, with ${estimated.appealBudget} for appeals; the rest comes back.`);
  output.line(
    `Expected if contributors are right ${percent(options.accuracy)} of the time: ` +
      `${estimated.answersPerTask.toFixed(2)} answers a task, ${percent(estimated.accuracy)} of labels right.`,
  );
  output.line(
    `${percent(estimated.settled)} of tasks end ${percent(options.target)} certain; the others on the label they have ` +
      `after ${options.overlap.max} answers, or before where a further answer is worth less than it costs.`,
  );
  warn(output, options, estimated);
  reportWage(output, wage);
}

/** Said before any money is locked. */
function warn(output: Output, { target, overlap, accuracy }: EstimateOptions, estimated: Estimated): void {
  const say = (text: string): void => output.note(output.colours.yellow(`! ${text}`));
  const { settled, isOutOfReach, accuracyAtAnyPrice } = estimated;
  if (isOutOfReach) {
    say(
      `No price makes most tasks ${percent(target)} certain with contributors who are right ${percent(accuracy)} of the ` +
        `time: at any price ${percent(accuracyAtAnyPrice)} of labels would be right. ` +
        "Lower --target, or require better contributors.",
    );
  } else if (settled < settledLeast) {
    say(
      `Only ${percent(settled)} of tasks will be ${percent(target)} certain: at most ${overlap.max} answers are asked, and ` +
        `none that is worth less than it costs. At any price ${percent(accuracyAtAnyPrice)} of labels would be right: ` +
        "see --overlap and --answers-worth.",
    );
  }
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))}%`;

function reportWage(output: Output, wage: Wage | null): void {
  if (wage === null) return;
  const dollars = wage.dollarsPerHour === null ? "" : ` (${wage.dollarsPerHour.toFixed(2)} dollars)`;
  output.line(`Implied wage: ${Number(wage.tokensPerHour.toPrecision(4))} tokens an hour${dollars}.`);
  if (wage.isLow) {
    output.note(output.colours.yellow(`! Below ${wageLeast} dollars an hour few people stay, and fewer take care.`));
  } else if (wage.dollarsPerHour === null) {
    output.note(output.colours.yellow("! Compare that with a fair wage where your contributors live: see --price."));
  }
}
