import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Threads } from "#src/cli/infer/threads";
import { seededRandom } from "#src/cli/overlap/random";
import { type Answers, createAnswers } from "#src/verification/inference/answers";
import { type ChunkRunner, oneThread } from "#src/verification/inference/chunks";
import { maximisePlainly, pooledShape } from "#src/verification/inference/dawid-skene";
import type { Tables } from "#src/verification/inference/expectation";
import { iterate, startTables } from "#src/verification/inference/fit";
import { maximise } from "#src/verification/inference/model";
import { inferByOneCoin } from "#src/verification/inference/one-coin";
import { writeAnswers } from "./infer/write-answers.ts";
import { defineBench, type Say, type ValuesOf } from "./options.ts";

/**
 * The cost of an iteration of truth inference, one core: processor time, as the machine may be busy. Two threads are
 * compared with one in turns, by their wall time: both need a core that nobody else uses. Each case runs in
 * a process of its own, and once more in another for its peak of memory: collecting garbage by hand, so that it is not
 * counted by chance, takes compiled code away too.
 *
 * With --write FILE it only writes answers for `earnest infer`: --answers 100000000, --contributors 100000.
 */
interface Case {
  readonly answers: number;
  readonly classes: number;
  readonly method: Method;
  /** Whether two threads are measured as well. */
  readonly isShared?: true;
}

type Method = "dawid-skene" | "dawid-skene-plain" | "one-coin";

interface Figures extends Case {
  readonly iterations: number;
  /** Wall time of all iterations of a run until it converged. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly nsPerAnswerIteration: number;
  /** Wall time of the same run by two threads, and how many times quicker that is; null where it is not measured. */
  readonly secondsOfTwoThreads: number | null;
  readonly speedup: number | null;
  /** Of the two-thread run: processor time over wall time, as a busy machine may not give a second core. */
  readonly coresGot: number | null;
  /** Above the process's start, with the data it was made from. */
  readonly peakMiB: number;
}

const cases: readonly Case[] = [
  { answers: 1_000_000, classes: 2, method: "dawid-skene", isShared: true },
  { answers: 1_000_000, classes: 2, method: "dawid-skene-plain" },
  { answers: 1_000_000, classes: 4, method: "dawid-skene" },
  { answers: 1_000_000, classes: 4, method: "dawid-skene-plain" },
  { answers: 1_000_000, classes: 2, method: "one-coin" },
  { answers: 10_000_000, classes: 2, method: "dawid-skene", isShared: true },
];

/** Until the compiler has settled. */
const warmUps = 3;
const rounds = 7;

const options = {
  case: { type: "text", about: "one case as JSON, to whoever started this process" },
  peak: { type: "text", about: "its peak of memory, likewise" },
  write: { type: "text", about: "only writes answers for `earnest infer` into this file" },
  answers: { type: "count", default: 100_000_000, about: "answers in that file" },
  contributors: { type: "count", default: 100_000, about: "contributors in it" },
} as const;

export const benchInfer = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object | null> {
  for (const [text, take] of [
    [values.case, measure],
    [values.peak, measurePeak],
  ] as const) {
    if (text === undefined) continue;
    process.send?.(await take(JSON.parse(text) as Case));
    return null;
  }
  if (values.write !== undefined) return await writeAnswers(values.write, values.answers, values.contributors);
  say("answers      classes  method              iterations  seconds  ns/answer/iteration  peak MiB  2 threads");
  const figures: Figures[] = [];
  for (const each of cases) {
    const times = await measureApart<Omit<Figures, "peakMiB">>("--case", each);
    const found = { ...times, peakMiB: await measureApart<number>("--peak", each) };
    figures.push(found);
    say(
      `${each.answers}`.padEnd(13) +
        `${each.classes}`.padEnd(9) +
        each.method.padEnd(20) +
        `${found.iterations}`.padEnd(12) +
        found.seconds.toFixed(3).padEnd(9) +
        found.nsPerAnswerIteration.toFixed(2).padEnd(21) +
        found.peakMiB.toFixed(0).padEnd(10) +
        threadText(found),
    );
  }
  return { cases: figures };
}

const threadText = ({ secondsOfTwoThreads, speedup, coresGot }: ThreadFigures): string =>
  speedup === null
    ? ""
    : `${secondsOfTwoThreads?.toFixed(3)} s, ${speedup.toFixed(2)} x on ${coresGot?.toFixed(2)} cores`;

function measureApart<Found>(option: string, each: Case): Promise<Found> {
  const path = fileURLToPath(new URL("bench.js", import.meta.url));
  const child = fork(path, ["infer", option, JSON.stringify(each)], { execArgv: ["--expose-gc"] });
  return new Promise((resolve, reject) => {
    let found: Found | null = null;
    child.on("message", (message) => {
      found = message as Found;
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (found === null) reject(new Error(`the case ended with ${code} and no figures`));
      else resolve(found);
    });
  });
}

async function measure(each: Case): Promise<Omit<Figures, "peakMiB">> {
  const answers = madeUp(each);
  const runs = Array.from({ length: warmUps + rounds }, () => runOnce(each.method, answers)).slice(warmUps);
  const cpuSeconds = median(runs.map((run) => run.cpuSeconds));
  const { iterations } = runs[0] as Run;
  return {
    ...each,
    iterations,
    seconds: median(runs.map((run) => run.seconds)),
    cpuSeconds,
    nsPerAnswerIteration: (cpuSeconds * 1e9) / each.answers / iterations,
    ...(each.isShared === true ? await compareThreads(each, answers) : noThreads),
  };
}

type ThreadFigures = Pick<Figures, "secondsOfTwoThreads" | "speedup" | "coresGot">;

const noThreads: ThreadFigures = { secondsOfTwoThreads: null, speedup: null, coresGot: null };

/** The quickest of some rounds in turn, as others use the cores. */
async function compareThreads({ method }: Case, answers: Answers): Promise<ThreadFigures> {
  const two = new Threads(2);
  try {
    const runs = Array.from({ length: warmUps + rounds }, () => ({
      one: runOnce(method, answers).seconds,
      two: runOnce(method, answers, two),
    })).slice(warmUps);
    const quickest = runs.map((run) => run.two).reduce((a, b) => (b.seconds < a.seconds ? b : a));
    return {
      secondsOfTwoThreads: quickest.seconds,
      speedup: Math.min(...runs.map((run) => run.one)) / quickest.seconds,
      coresGot: quickest.cpuSeconds / quickest.seconds,
    };
  } finally {
    await two.end();
  }
}

function measurePeak(each: Case): number {
  const before = process.memoryUsage.rss();
  const answers = madeUp(each);
  globalThis.gc?.();
  runOnce(each.method, answers);
  return process.resourceUsage().maxRSS / 1_024 - before / 1_048_576;
}

interface Run {
  readonly iterations: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const until = { controls: null, iterationsMax: 100, tolerance: 1e-4 };

function runOnce(method: Method, answers: Answers, runner = oneThread): Run {
  const run = prepared(method, answers, runner);
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const iterations = run();
  const { user, system } = process.cpuUsage(cpuStart);
  return { iterations, seconds: (performance.now() - start) / 1e3, cpuSeconds: (user + system) / 1e6 };
}

function prepared(method: Method, answers: Answers, runner: ChunkRunner): () => number {
  if (method === "one-coin") return () => inferByOneCoin(answers, until).iterations;
  const step =
    method === "dawid-skene"
      ? (tables: Tables, sums: Float64Array | null) => maximise(answers, tables, pooledShape, sums)
      : (tables: Tables) => maximisePlainly(answers, tables);
  const tables = startTables(answers, 1, null, runner);
  return () => iterate(answers, tables, { ...until, runner }, step).iterations;
}

/** Five answers a task, 500 a contributor, who are right from 55% to 95% of the time. */
function madeUp({ answers, classes }: Case): Answers {
  const random = seededRandom(7);
  const tasks = answers / 5;
  const contributors = answers / 500;
  const task = new Int32Array(answers);
  const contributor = new Uint16Array(answers);
  const label = new Uint8Array(answers);
  for (let i = 0; i < answers; i++) {
    const by = Math.floor(random() * contributors);
    task[i] = i % tasks;
    contributor[i] = by;
    const isRight = random() < 0.55 + (0.4 * by) / contributors;
    const other = Math.floor(random() * (classes - 1)) + 1;
    label[i] = ((i % tasks) + (isRight ? 0 : other)) % classes;
  }
  return createAnswers({ tasks, contributors, classes, task, contributor, label });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
