import { Option } from "commander";
import { earnestError } from "../../core/errors.ts";
import type { Forecast } from "../../verification/overlap/forecast.ts";
import { type OverlapPolicy, type PresetName, policyOf, presets } from "../../verification/overlap/policy.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import type { Output } from "../output.ts";
import { readRecording } from "../overlap/read-recording.ts";
import { type Simulated, simulate } from "../overlap/simulate.ts";
import { parseCount, parsePositive, parseShare } from "../parse-options.ts";

interface SimulateOptions {
  readonly truth: string;
  readonly target?: number;
  readonly worth?: number;
  readonly preset?: PresetName;
  readonly min?: number;
  readonly max?: number;
  readonly controls: number;
  readonly seed: number;
}

const controlsByDefault = 0.05;

export const addOverlap: AddCommand = (program, run) => {
  const overlap = program.command("overlap").description("How many answers tasks need");
  examples(
    overlap
      .command("simulate")
      .description("Replay recorded answers one by one, as a market would have bought them: what it costs and reaches")
      .argument("<answers>", "CSV or JSONL of task, worker or contributor, and label; may be gzipped; - is stdin")
      .requiredOption("--truth <file>", "True labels: CSV or JSONL of task and label")
      .option("--target <share>", "A task settles when its label is this certain (default: 0.95)", parseShare)
      .option(
        "--worth <n>",
        "How many answers' price a right label is worth (default: 5 / (1 - target))",
        parsePositive,
      )
      .addOption(
        new Option("--preset <name>", "Target and worth by name")
          .choices(Object.keys(presets))
          .conflicts(["target", "worth"]),
      )
      .option("--min <n>", "No task settles on fewer answers (default: 1)", parsePositive)
      .option("--max <n>", "No task gets more (default: 64)", parsePositive)
      .option(
        "--controls <share>",
        "Share of tasks whose truth the market knows: paid, not scored",
        parseShare,
        controlsByDefault,
      )
      .option("--seed <n>", "Another order of tasks and answers for each", parseCount, 1)
      .action(run(simulateMarket)),
    "earnest overlap simulate examples/rte/answers.csv --truth examples/rte/truth.csv --target 0.95 --seed 1",
  );
};

function policyFrom({ target, worth, preset, min, max }: SimulateOptions): OverlapPolicy {
  const given = preset === undefined ? policyOf(Math.round((target ?? 0.95) * 1_000_000)) : presets[preset];
  const policy = { ...given, answersWorth: worth ?? given.answersWorth, min: min ?? given.min, max: max ?? given.max };
  if (policy.min > policy.max) throw earnestError("MALFORMED_COMMAND", { problem: "--min is more than --max" });
  return policy;
}

async function simulateMarket(context: CommandContext, options: SimulateOptions, path: string): Promise<ExitCode> {
  const policy = policyFrom(options);
  const recording = await readRecording(context, path, options.truth);
  const progress = context.output.progress("Simulating", 1);
  try {
    const { controls, seed } = options;
    const settings = { policy, controls, seed, onProgress: progress.set };
    const found = await context.block(() => simulate(recording, settings));
    progress.end();
    report(context, policy, found);
    context.output.result({
      ok: true,
      target: policy.targetPpm / 1_000_000,
      worth: policy.answersWorth,
      seed,
      ...found,
    });
  } finally {
    progress.end();
  }
  return exitCodes.ok;
}

function report({ output }: CommandContext, policy: OverlapPolicy, found: Simulated): void {
  const { baselines, forecast } = found;
  const rows = [
    ["this market", found],
    ["majority of 3", baselines.fixed3],
    ["majority of 5", baselines.fixed5],
    ["majority of all", baselines.all],
    ["Toloka-style", baselines.toloka],
  ] as const;
  output.table(
    ["", "answers a task", "right", ""],
    rows.map(([name, { answersPerTask, accuracy }]) => [
      name,
      answersPerTask.toFixed(2),
      percent(accuracy),
      bar(answersPerTask),
    ]),
  );
  output.line(
    `${found.tasks} tasks and ${found.controlTasks} control tasks, whose answers are counted. ` +
      `A label is worth ${policy.answersWorth} answers.`,
  );
  if (found.promisedError !== null && found.realisedError !== null) {
    output.line(
      `${percent(found.settled)} of tasks settled at ${percent(policy.targetPpm / 1_000_000)}: ` +
        `${percent(found.promisedError)} of labels may be wrong, ${percent(found.realisedError)} are.`,
    );
  } else output.line(`No task settled at ${percent(policy.targetPpm / 1_000_000)}.`);
  output.line(
    `By its own account ${percent(found.expectedAccuracy)} of labels are right; calibration error ${found.ece.toFixed(4)}.`,
  );
  if (forecast !== null) warn(output, forecast);
}

/** Below this share of settled tasks somebody who pays for certainty should know. */
const settledLeast = 0.1;

function warn(output: Output, forecast: Forecast): void {
  const say = (text: string): void => output.note(output.colours.yellow(`! Seen early: ${text}.`));
  const reach = `about ${percent(forecast.accuracy)} of labels will be right with ${forecast.answersPerTask.toFixed(1)} answers`;
  if (forecast.isOutOfReach) say(`no price makes most tasks that certain; ${reach}`);
  else if (forecast.settled < settledLeast) {
    say(`few tasks will be that certain before an answer costs more than it is worth; ${reach}`);
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

const barMax = 40;

/** A mark for half an answer. */
const bar = (answers: number): string => "▪".repeat(Math.min(Math.round(2 * answers), barMax));
