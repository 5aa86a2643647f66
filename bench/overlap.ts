import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "#src/cli/infer/read-records";
import { recordingOf } from "#src/cli/overlap/read-recording";
import type { Recording } from "#src/cli/overlap/recording";
import { calibrationError, type Simulated, simulate } from "#src/cli/overlap/simulate";
import { createAnswers } from "#src/verification/inference/answers";
import { type PresetName, presets } from "#src/verification/overlap/policy";
import { defineBench, type Say, type ValuesOf } from "./options.ts";

const options = {
  data: { type: "text", about: "where the recorded sets are" },
  sets: { type: "text", about: "names of sets, instead of all with many answers" },
  seeds: { type: "numbers", default: [1, 2, 3, 4, 5, 6], about: "seeds of the orders of answers" },
  controls: { type: "share", default: 0.05, about: "share of control tasks" },
  quick: { type: "flag", about: "without renamed labels and without the smaller sets" },
} as const;

/**
 * What adaptive overlap saves, on every recorded set with at least five answers a task. Presets and constants are the
 * same for all sets, but were chosen on the mean of these very sets. Two checks of that come with it: the same sets with
 * their labels renamed, and the sets with fewer answers a task, where fixed 5 is as good as all answers.
 *
 * Saved, both by the one preset `cheap`: the answers a task that majority of 5, and majority of all answers, take, over
 * those that it takes, in the mean of the sets, while its mean accuracy is not below theirs (0 where it is). Paid control
 * answers are counted for the presets. Realised over promised: the wrong labels among settled tasks over 1 − confidence of
 * them, all sets and presets alike. Calibration error: of each set over the tasks of all seeds together, then the mean of
 * sets and presets.
 *
 * Options: --data FOLDER with a folder for each set, --sets NAMES, --seeds NUMBERS, --controls SHARE, --quick without
 * the checks.
 */
export const benchOverlap = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const folder = values.data ?? dataFolder();
  const named = values.sets?.split(",") ?? null;
  const all = await readSets(folder, named);
  const sets = all.filter((each) => named !== null || hasManyAnswers(each));
  const others = all.filter((each) => named === null && !hasManyAnswers(each));
  const play = (played: readonly NamedSet[]): Found => playAll(played, values.seeds, values.controls, say);
  const found = play(sets);
  const isQuick = values.quick;
  if (!isQuick) say("\nThe same with labels renamed");
  const renamed = isQuick ? null : play(sets.map(renameLabels));
  if (!isQuick) say("\nSets with fewer answers a task, which nothing was chosen on but the prior of errors");
  return { ...found, renamed, others: isQuick || others.length === 0 ? null : play(others) };
}

interface Found {
  readonly sets: number;
  readonly savedAtFixed5: number;
  readonly savedAtAll: number;
  readonly ece: number;
  readonly realisedOverPromised: number;
  readonly presets: Readonly<Record<PresetName, Summary>>;
}

function playAll(sets: readonly NamedSet[], seeds: readonly number[], controls: number, say: Say): Found {
  const ofPresets = Object.fromEntries(
    presetNames.map((preset) => {
      say(`\n${preset}: target ${presets[preset].targetPpm / 1e6}, a label is worth ${presets[preset].answersWorth}`);
      say(header);
      const rows = sets.map(({ name, recording }) => {
        const runs = seeds.map((seed) => simulate(recording, { policy: presets[preset], controls, seed }));
        const row = meanOf(name, runs);
        say(lineOf(row));
        return row;
      });
      return [preset, summaryOf(rows)];
    }),
  ) as Record<PresetName, Summary>;
  for (const preset of presetNames) say(sentenceOf(preset, ofPresets[preset]));
  const all = Object.values(ofPresets);
  return {
    sets: sets.length,
    savedAtFixed5: ofPresets.cheap.savedAtFixed5,
    savedAtAll: ofPresets.cheap.savedAtAll,
    ece: mean(all.map(({ ece }) => ece)),
    realisedOverPromised: mean(all.map(({ realised }) => realised)) / mean(all.map(({ promised }) => promised)),
    presets: ofPresets,
  };
}

/** Turned by half of the classes, and tasks and contributors from the last to the first. */
function renameLabels({ name, recording: { answers, truth } }: NamedSet): NamedSet {
  const { tasks, contributors, classes, offsets, codes } = answers;
  const turned = (label: number): number => (label < 0 ? label : (label + Math.ceil(classes / 2)) % classes);
  const taskOf = new Int32Array(codes.length);
  for (let t = 0; t < tasks; t++) taskOf.fill(tasks - 1 - t, offsets[t], offsets[t + 1]);
  const renamed = createAnswers({
    tasks,
    contributors,
    classes,
    task: taskOf,
    contributor: Int32Array.from(codes, (code) => contributors - 1 - Math.floor(code / classes)),
    label: Int32Array.from(codes, (code) => turned(code % classes)),
  });
  return { name, recording: { answers: renamed, truth: truth.toReversed().map(turned) } };
}

const presetNames = Object.keys(presets) as PresetName[];
const answersPerTaskMin = 5;

interface NamedSet {
  readonly name: string;
  readonly recording: Recording;
}

/** Beside the repository; its own example where that is absent. */
function dataFolder(): string {
  const shared = join(import.meta.dirname, "../../../shared/data/truth");
  return existsSync(shared) ? shared : join(import.meta.dirname, "../../examples");
}

async function readSets(folder: string, names: readonly string[] | null): Promise<NamedSet[]> {
  const sets: NamedSet[] = [];
  for (const name of names ?? readdirSync(folder).sort()) {
    const paths = ["answers.csv", "truth.csv"].map((file) => join(folder, name, file)) as [string, string];
    if (!paths.every((path) => existsSync(path)) || (names === null && isOfNumbers(name))) continue;
    const [answers, truth] = paths.map(sourceOf) as [Source, Source];
    const recording = await recordingOf(answers, truth);
    sets.push({ name, recording });
  }
  return sets;
}

const hasManyAnswers = ({ recording: { answers } }: NamedSet): boolean =>
  answers.codes.length >= answersPerTaskMin * answers.tasks;

const sourceOf = (path: string): Source => ({ name: path, path, stdin: process.stdin, onBytes: () => {} });

/** Numbers and pairs made of them are no classes. */
const isOfNumbers = (name: string): boolean => /^(num|pw)_/.test(name);

interface Row {
  readonly name: string;
  readonly answersPerTask: number;
  readonly accuracy: number;
  readonly ece: number;
  readonly settled: number;
  /** Of all tasks: the share that is promised to be wrong, and the share that is, both among settled ones. */
  readonly promised: number;
  readonly realised: number;
  readonly fixed5: { readonly answersPerTask: number; readonly accuracy: number };
  readonly all: { readonly answersPerTask: number; readonly accuracy: number };
}

function meanOf(name: string, runs: readonly Simulated[]): Row {
  const over = (value: (run: Simulated) => number): number => mean(runs.map(value));
  const baseline = (which: "fixed5" | "all") => ({
    answersPerTask: over(({ baselines }) => baselines[which].answersPerTask),
    accuracy: over(({ baselines }) => baselines[which].accuracy),
  });
  return {
    name,
    answersPerTask: over((run) => run.answersPerTask),
    accuracy: over((run) => run.accuracy),
    ece: calibrationError(pooled(runs)),
    settled: over((run) => run.settled),
    promised: over((run) => run.settled * (run.promisedError ?? 0)),
    realised: over((run) => run.settled * (run.realisedError ?? 0)),
    fixed5: baseline("fixed5"),
    all: baseline("all"),
  };
}

/** The bins of all runs together: in a single run of a hundred tasks, chance alone makes an error of several points. */
const pooled = (runs: readonly Simulated[]): Simulated["calibration"] =>
  (runs[0] as Simulated).calibration.map((_, bin) => {
    const sum = (key: "tasks" | "confidence" | "right"): number =>
      runs.reduce((total, run) => total + (run.calibration[bin]?.[key] ?? 0), 0);
    return { tasks: sum("tasks"), confidence: sum("confidence"), right: sum("right") };
  });

interface Summary {
  readonly answersPerTask: number;
  readonly accuracy: number;
  readonly savedAtFixed5: number;
  readonly savedAtAll: number;
  /** How many sets have at least the accuracy, each by itself. */
  readonly setsAtFixed5: number;
  readonly setsAtAll: number;
  readonly ece: number;
  readonly promised: number;
  readonly realised: number;
  readonly bySet: readonly Row[];
}

function summaryOf(rows: readonly Row[]): Summary {
  const over = (value: (row: Row) => number): number => mean(rows.map(value));
  const answersPerTask = over((row) => row.answersPerTask);
  const accuracy = over((row) => row.accuracy);
  const saved = (which: "fixed5" | "all"): number =>
    accuracy >= over((row) => row[which].accuracy) ? over((row) => row[which].answersPerTask) / answersPerTask : 0;
  return {
    answersPerTask,
    accuracy,
    savedAtFixed5: saved("fixed5"),
    savedAtAll: saved("all"),
    setsAtFixed5: rows.filter((row) => row.accuracy >= row.fixed5.accuracy).length,
    setsAtAll: rows.filter((row) => row.accuracy >= row.all.accuracy).length,
    ece: over((row) => row.ece),
    promised: over((row) => row.promised),
    realised: over((row) => row.realised),
    bySet: rows,
  };
}

const header =
  "set         answers  right  fixed 5 right  all       right  settled  promised  realised  calibration error";

const lineOf = (row: Row): string =>
  row.name.padEnd(12) +
  row.answersPerTask.toFixed(2).padEnd(9) +
  percent(row.accuracy).padEnd(7) +
  row.fixed5.answersPerTask.toFixed(1).padEnd(8) +
  percent(row.fixed5.accuracy).padEnd(7) +
  row.all.answersPerTask.toFixed(1).padEnd(10) +
  percent(row.all.accuracy).padEnd(7) +
  percent(row.settled).padEnd(9) +
  percent(row.promised / (row.settled || 1)).padEnd(10) +
  percent(row.realised / (row.settled || 1)).padEnd(10) +
  row.ece.toFixed(3);

const sentenceOf = (preset: string, found: Summary): string =>
  `${preset}: ${percent(found.accuracy)}% right with ${found.answersPerTask.toFixed(2)} answers a task; ` +
  `saves ${savedOf(found, "fixed5")} times at fixed 5 (${found.setsAtFixed5} of ${found.bySet.length} sets each), ` +
  `${savedOf(found, "all")} times at all (${found.setsAtAll}); calibration error ${found.ece.toFixed(3)}; ` +
  `realised over promised ${(found.realised / found.promised).toFixed(2)}`;

/** With the accuracy that has to be reached, in the mean of the sets. */
const savedOf = (found: Summary, which: "fixed5" | "all"): string =>
  `${(which === "fixed5" ? found.savedAtFixed5 : found.savedAtAll).toFixed(2)} ` +
  `(at ${percent(mean(found.bySet.map((row) => row[which].accuracy)))}%)`;

const percent = (share: number): string => (100 * share).toFixed(1);

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
