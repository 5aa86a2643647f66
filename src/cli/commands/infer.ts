import { createHash } from "node:crypto";
import { Option } from "commander";
import { earnestError } from "../../core/errors.ts";
import type { CalibrationBin } from "../../verification/inference/metrics.ts";
import type { NumericMethod } from "../../verification/inference/numeric.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { checkPlace, WholeFile } from "../files.ts";
import { inferLabels, inferNumeric } from "../infer/infer-file.ts";
import { inferPairs, type PairFile, readPairs } from "../infer/infer-pairs.ts";
import { methodNames, numericMethods, pairwiseMethod } from "../infer/methods.ts";
import type { Outcome } from "../infer/outcome.ts";
import { type AnswerFile, readAnswers } from "../infer/read-answers.ts";
import type { Source } from "../infer/read-records.ts";
import { Threads, usualThreads } from "../infer/threads.ts";
import type { AddCommand } from "../options.ts";
import { parsePositive } from "../parse-options.ts";

interface InferCommandOptions {
  readonly method: string;
  readonly controls?: string;
  readonly truth?: string;
  readonly out?: string;
  readonly contributors?: string;
  readonly compare?: true;
  readonly threads: number;
}

export const addInfer: AddCommand = (program, run) => {
  examples(
    program
      .command("infer")
      .description("Labels with probabilities from the answers of many, whoever collected them")
      .argument(
        "<answers>",
        "CSV or JSONL of task, worker or contributor, and label; may be gzipped; - is standard input",
      )
      .addOption(new Option("--method <method>", "How").choices([...methodNames]).default("auto"))
      .option("--controls <file>", "Known labels that may be learned from: CSV or JSONL of task and label")
      .option("--truth <file>", "True labels, to measure against")
      .option("--out <file>", "Write task, label and probability to this CSV")
      .option("--contributors <file>", "Write the error matrix of each contributor, with 95% intervals, to this CSV")
      .option("--compare", "Also show what majority of 5 would have cost and scored")
      .addOption(
        new Option("--threads <n>", "How many threads learn error matrices; labels do not depend on it")
          .argParser(parsePositive)
          .default(usualThreads(), "2, or 1 where there is one core"),
      )
      .action(run(infer)),
    "earnest infer examples/rte/answers.csv --truth examples/rte/truth.csv --compare",
  );
};

async function infer(context: CommandContext, options: InferCommandOptions, path: string): Promise<ExitCode> {
  if (options.method === pairwiseMethod) return await rank(context, options, path);
  const isNumeric = (numericMethods as readonly string[]).includes(options.method);
  const ofLabels =
    options.compare === true ? "--compare" : options.contributors === undefined ? null : "--contributors";
  if (isNumeric && ofLabels !== null) {
    throw earnestError("MALFORMED_COMMAND", { problem: `${ofLabels} is of labels, not of ${options.method}` });
  }
  for (const each of [options.out, options.contributors]) if (each !== undefined) await checkPlace(context.path(each));
  const file = await read(context, path, options, isNumeric);
  const outcome = await inferFrom(context, file, options, isNumeric);
  const outputHash = await write(context, file, outcome, options.out);
  if (options.contributors !== undefined) await writeErrors(context, file, outcome, options.contributors);
  report(context, options, file, outcome);
  const { iterations, seconds, scores, agreement, calibration, comparison } = outcome;
  context.output.result({
    ok: true,
    method: options.method,
    tasks: file.tasks.length,
    contributors: file.contributors,
    answers: file.task.length,
    classes: isNumeric ? null : file.labels.length,
    iterations,
    seconds,
    ...scores,
    ...agreement,
    calibration,
    ...(comparison !== null && { compare: comparison }),
    outputHash,
  });
  return exitCodes.ok;
}

async function inferFrom(
  context: CommandContext,
  file: AnswerFile,
  { method, compare, threads }: InferCommandOptions,
  isNumeric: boolean,
): Promise<Outcome> {
  const progress = context.output.progress("Inferring", 1);
  const runner = new Threads(threads);
  const clock = (): number => performance.now();
  const settings = { isCompared: compare === true, clock, onProgress: progress.set };
  try {
    return await context.block(() =>
      isNumeric
        ? inferNumeric(file, method as NumericMethod, settings)
        : runner.run((each) => inferLabels(file, method, { ...settings, runner: each })),
    );
  } finally {
    progress.end();
    await runner.end();
  }
}

async function read(
  context: CommandContext,
  path: string,
  options: InferCommandOptions,
  isNumeric: boolean,
): Promise<AnswerFile> {
  return await withSources(context, path, options, (sources) => readAnswers({ ...sources, isNumeric }));
}

interface Sources {
  readonly answers: Source;
  readonly controls: Source | null;
  readonly truth: Source | null;
}

async function withSources<Found>(
  context: CommandContext,
  path: string,
  { controls, truth }: InferCommandOptions,
  use: (sources: Sources) => Promise<Found>,
): Promise<Found> {
  const sources = [path, controls, truth];
  if (sources.filter((each) => each === "-").length > 1) {
    throw earnestError("MALFORMED_COMMAND", { problem: "Standard input can be read only once" });
  }
  const progress = context.output.progress("Reading", 1);
  const sourceOf = (given: string, onBytes: Source["onBytes"]): Source => ({
    name: given === "-" ? "standard input" : given,
    path: given === "-" ? null : context.path(given),
    stdin: context.io.stdin,
    onBytes: (done, total) => {
      context.stopped.throwIfAborted();
      onBytes(done, total);
    },
  });
  const silent = (): void => {};
  try {
    return await use({
      answers: sourceOf(path, (done, total) => progress.set(total === 0 ? 0 : done / total)),
      controls: controls === undefined ? null : sourceOf(controls, silent),
      truth: truth === undefined ? null : sourceOf(truth, silent),
    });
  } finally {
    progress.end();
  }
}

/** Items by how often they were preferred. */
async function rank(context: CommandContext, options: InferCommandOptions, path: string): Promise<ExitCode> {
  if (options.controls !== undefined || options.contributors !== undefined || options.compare === true) {
    throw earnestError("MALFORMED_COMMAND", { problem: `${pairwiseMethod} takes --truth and --out only` });
  }
  const file = await withSources(context, path, options, ({ answers, truth }) => readPairs(answers, truth));
  const { strengths, errors, seconds, accuracy } = inferPairs(file, () => performance.now());
  const text = strengthsCsv(file, strengths, errors);
  if (options.out !== undefined) {
    const target = await WholeFile.create(context.path(options.out));
    await target.write(text);
    await target.finish();
  }
  const { items, contributors, comparisons } = file;
  context.output.line(`${items.length} items, ${contributors} contributors, ${comparisons.length} comparisons`);
  if (accuracy !== null) context.output.line(`${percent(accuracy)} of pairs are in their true order.`);
  context.output.result({
    ok: true,
    method: options.method,
    tasks: items.length,
    contributors,
    answers: comparisons.length,
    iterations: 0,
    seconds,
    accuracy,
    f1: null,
    mae: null,
    rmse: null,
    ece: null,
    outputHash: createHash("sha256").update(text).digest("hex"),
  });
  return exitCodes.ok;
}

function strengthsCsv({ items }: PairFile, strengths: readonly number[], errors: readonly number[] | null): string {
  const order = [...items.keys()].sort((a, b) => (strengths[b] as number) - (strengths[a] as number) || a - b);
  const lines = order.map((i) => `${csvField(items[i] as string)},${strengths[i]},${errors?.[i] ?? ""}\n`);
  return `item,strength,error\n${lines.join("")}`;
}

const linesAtOnce = 10_000;

/** Writes the labels where somebody wants them; gives the SHA-256 of that file in any case. */
async function write(
  context: CommandContext,
  { tasks }: AnswerFile,
  outcome: Outcome,
  out: string | undefined,
): Promise<string> {
  const hash = createHash("sha256");
  const file = out === undefined ? null : await WholeFile.create(context.path(out));
  try {
    let text = "task,label,probability\n";
    for (let t = 0; t < tasks.length; t++) {
      text += `${csvField(tasks.at(t))},${csvField(outcome.labelOf(t))},${outcome.probabilityOf(t)}\n`;
      if ((t + 1) % linesAtOnce !== 0) continue;
      await context.breathe();
      hash.update(text);
      await file?.write(text);
      text = "";
    }
    hash.update(text);
    await file?.write(text);
    await file?.finish();
    return hash.digest("hex");
  } catch (error) {
    await file?.discard();
    throw error;
  }
}

async function writeErrors(context: CommandContext, file: AnswerFile, outcome: Outcome, out: string): Promise<void> {
  const { contributorNames, labels } = file;
  const target = await WholeFile.create(context.path(out));
  try {
    let text = "contributor,truth,label,answers,probability,low,high\n";
    let lines = 0;
    for (const { contributor, truth, label, answers, probability, low, high } of outcome.errors()) {
      const names = [contributorNames.at(contributor), labels[truth], labels[label]].map((each) =>
        csvField(each ?? ""),
      );
      const shares = [probability, low, high].map((each) => each.toFixed(6));
      text += `${[...names, answers, ...shares].join(",")}\n`;
      if (++lines % linesAtOnce !== 0) continue;
      await context.breathe();
      await target.write(text);
      text = "";
    }
    await target.write(text);
    await target.finish();
  } catch (error) {
    await target.discard();
    throw error;
  }
}

const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function report({ output }: CommandContext, options: InferCommandOptions, file: AnswerFile, outcome: Outcome): void {
  const { scores, agreement, comparison } = outcome;
  const perTask = file.task.length / file.tasks.length;
  output.line(
    `${file.tasks.length} tasks, ${file.contributors} contributors, ${file.task.length} answers (${perTask.toFixed(1)} a task)`,
  );
  const rows = [
    ["method", options.method],
    ["seconds", outcome.seconds.toFixed(3)],
    ...measures({ ...scores, ...agreement }),
  ];
  output.table(["", ""], rows);
  if (outcome.calibration !== null) output.table(["sure", "tasks", "right"], calibrationRows(outcome.calibration));
  if (comparison !== null) {
    const saying = comparison.accuracy === null ? "" : `, right ${percent(comparison.accuracy)}`;
    output.line(`Majority of 5 would have taken ${comparison.answers} answers${saying}.`);
  }
  for (const [name, known] of [
    ["controls", file.controls],
    ["truth", file.truth],
  ] as const) {
    if ((known?.unanswered ?? 0) > 0) output.note(`! ${known?.unanswered} tasks of the ${name} have no answers.`);
  }
  if (options.contributors !== undefined) output.line(`Error matrices are in ${options.contributors}.`);
  if (options.out !== undefined) output.line(`Labels are in ${options.out}.`);
}

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

const calibrationRows = (bins: readonly CalibrationBin[]): string[][] =>
  bins.flatMap(({ from, to, tasks, accuracy }) =>
    accuracy === null ? [] : [[`${Math.round(100 * from)} to ${Math.round(100 * to)}%`, `${tasks}`, percent(accuracy)]],
  );

const measureNames: Readonly<Record<string, string>> = {
  accuracy: "accuracy",
  f1: "F1",
  mae: "mean absolute error",
  rmse: "root mean squared error",
  ece: "calibration error",
  alpha: "Krippendorff's alpha",
  alphaOrdinal: "the same, ordinal",
  alphaInterval: "the same, interval",
  kappa: "Fleiss' kappa",
  difficulty: "entropy of votes",
};

function measures(values: Readonly<Record<string, number | null>>): string[][] {
  return Object.entries(measureNames).flatMap(([key, name]) => {
    const value = values[key] ?? null;
    return value === null ? [] : [[name, key === "accuracy" ? percent(value) : value.toFixed(4)]];
  });
}
