import { stat } from "node:fs/promises";
import { Option } from "commander";
import { Sandbox } from "../../sandbox/sandbox.ts";
import type { CommandContext } from "../context.ts";
import { parsePublicKey } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { fileError } from "../files.ts";
import { usualThreads } from "../infer/threads.ts";
import {
  checkExecutions,
  countExecuted,
  type ExecutionResult,
  type ExecutionShare,
  executionShares,
} from "../log/check-executions.ts";
import {
  checkSignatures,
  type SignatureResult,
  type SignatureShare,
  signatureShares,
} from "../log/check-signatures.ts";
import { compareDifferences, type Difference, rootDiffers } from "../log/lane-reading.ts";
import type { LaneResult, OnRead } from "../log/replay-lane.ts";
import { replayFile } from "../log/replay-threads.ts";
import type { AddCommand } from "../options.ts";
import { parsePositive } from "../parse-options.ts";

interface ReplayOptions {
  readonly signer?: string;
  readonly signatures: SignatureShare;
  readonly executions: ExecutionShare;
  readonly threads: number;
}

export const addReplay: AddCommand = (program, run) => {
  examples(
    program
      .command("replay")
      .description("Recompute every verdict, balance and root from an exported log, without asking any server")
      .argument("<file>", "A log exported by `earnest log`")
      .option("--signer <key>", "The network's signing key (default: the one that the file names)")
      .addOption(
        new Option("--signatures <which>", "Which requests to check for their session's signature, after the replay")
          .choices(signatureShares)
          .default("all"),
      )
      .addOption(
        new Option("--executions <which>", "Which runs of the sandbox to repeat on this machine, after the replay")
          .choices(executionShares)
          .default("all"),
      )
      .addOption(
        new Option("--threads <n>", "How many threads replay, of a short log fewer; nothing else depends on it")
          .argParser(parsePositive)
          .default(usualThreads(), "2, or 1 where there is one core"),
      )
      .action(run(replay)),
    "earnest replay market.log",
    "earnest replay market.log --signatures sample --executions sample --json",
  );
};

/** More are no faster anywhere, and each takes memory of its own. */
const threadsMax = 64;

async function replay(context: CommandContext, options: ReplayOptions, file: string): Promise<ExitCode> {
  context.output.promise({ entries: 0, entriesPerSecond: 0, root: null, firstDifference: null });
  const path = context.path(file);
  const signer = options.signer === undefined ? null : parsePublicKey(options.signer, "a signing key");
  const threads = Math.min(options.threads, threadsMax);
  const replayed = await timed(context, path, "Replaying", (onRead) => replayFile(path, { signer, threads, onRead }));
  const executed = await repeatExecutions(context, { ...options, threads }, path, replayed.result);
  const checked =
    options.signatures === "none"
      ? null
      : await timed(context, path, "Checking signatures", (onRead) =>
          checkSignatures(path, { share: options.signatures, threads, onRead }),
        );
  return report(context, replayed, executed, checked);
}

async function repeatExecutions(
  { clock, output, stopped }: CommandContext,
  { executions: share, threads }: ReplayOptions,
  path: string,
  lanes: readonly LaneResult[],
): Promise<Timed<ExecutionResult> | null> {
  if (share === "none") return null;
  const progress = output.progress("Repeating executions", countExecuted(lanes));
  const sandbox = new Sandbox({ threads });
  const startMs = clock();
  try {
    const onDone = (done: number): void => {
      stopped.throwIfAborted();
      progress.set(done);
    };
    const result = await checkExecutions(path, lanes, { share, sandbox, threads, onDone });
    return { result, ms: Math.max(clock() - startMs, 1) };
  } finally {
    progress.end();
    await sandbox.close();
  }
}

interface Timed<T> {
  readonly result: T;
  readonly ms: number;
}

async function timed<T>(
  { clock, output, stopped }: CommandContext,
  path: string,
  label: string,
  work: (onRead: OnRead) => Promise<T>,
): Promise<Timed<T>> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  const progress = output.progress(label, size);
  const startMs = clock();
  let read = 0;
  try {
    const result = await work((bytes) => {
      stopped.throwIfAborted();
      read += bytes;
      // A log that withholds something is read anew.
      progress.set(size === 0 ? 0 : read % (size + 1));
    });
    return { result, ms: Math.max(clock() - startMs, 1) };
  } finally {
    progress.end();
  }
}

function report(
  { output }: CommandContext,
  { result: lanes, ms }: Timed<readonly LaneResult[]>,
  executed: Timed<ExecutionResult> | null,
  signed: Timed<SignatureResult> | null,
): ExitCode {
  const sum = (of: (lane: LaneResult) => number): number => lanes.reduce((total, lane) => total + of(lane), 0);
  const entries = sum((lane) => lane.entries);
  const tasks = { settled: sum((lane) => lane.settled), notRecomputed: sum((lane) => lane.notRecomputed) };
  const entriesPerSecond = rate(entries, ms);
  const firstDifference = firstOf(lanes, executed?.result.first ?? null, wrongSignature(signed));
  const root = lanes[0]?.root ?? null;
  const isOk = firstDifference === null;
  const { colours } = output;
  if (isOk) {
    output.line(`${colours.green("✓")} ${entries} entries replayed, ${entriesPerSecond} a second; nothing differs`);
    output.line(colours.dim(`  root ${root}`));
  } else {
    const { lane, sequence, what } = firstDifference;
    output.line(`${colours.red("✗")} lane ${lane}, entry ${sequence}: ${what}`);
  }
  if (tasks.notRecomputed > 0) {
    output.line(
      `${tasks.notRecomputed} tasks could not be recomputed: the log withholds bodies of unpaid answers or controls`,
    );
  }
  const executions =
    executed === null ? null : { ...executed.result, perSecond: rate(repeatedOf(executed), executed.ms) };
  if (executions !== null && executions.executions > 0) {
    const all = `${repeatedOf(executed as Timed<ExecutionResult>)} of ${executions.executions} executions repeated`;
    const lacking = executions.withheld > 0 ? `; the log withholds what ${executions.withheld} were of` : "";
    const failed = executions.failed > 0 ? `; this machine failed at ${executions.failed}` : "";
    output.line(colours.dim(`  ${all}, ${executions.perSecond} a second${lacking}${failed}`));
  }
  const signatures = signed === null ? null : { ...signed.result, perSecond: rate(signed.result.checked, signed.ms) };
  if (signatures !== null && signatures.checked > 0) {
    const { checked, requests, authorisations, perSecond } = signatures;
    const all = requests + authorisations;
    output.line(colours.dim(`  ${checked} of ${all} signatures checked, ${perSecond} a second`));
  }
  const roots = lanes.map((lane) => ({ lane: lane.lane, root: lane.root }));
  output.result({ ok: isOk, entries, entriesPerSecond, root, roots, tasks, executions, signatures, firstDifference });
  if (!isOk) return exitCodes.failed;
  const isPartial = tasks.notRecomputed > 0 || (executions !== null && executions.withheld + executions.failed > 0);
  return isPartial ? exitCodes.partial : exitCodes.ok;
}

const rate = (count: number, ms: number): number => Math.round((count * 1_000) / ms);

const repeatedOf = ({ result: { same, differing } }: Timed<ExecutionResult>): number => same + differing;

/**
 * What was executed is known up to where the rules differ, so that what came to something else comes before that. A
 * signature is wrong as well where entries after it are missing: it only says more than a root does, which names no entry.
 */
function firstOf(
  lanes: readonly LaneResult[],
  executed: Difference | null,
  signature: Difference | null,
): Difference | null {
  const byRules = lanes.map(({ difference }) => difference).filter((each) => each !== null);
  const [first = null] = executed === null ? byRules : [...byRules, executed].toSorted(compareDifferences);
  return first === null || (first.what === rootDiffers && signature?.lane === first.lane)
    ? (signature ?? first)
    : first;
}

function wrongSignature(signed: Timed<SignatureResult> | null): Difference | null {
  const first = signed?.result.first ?? null;
  return first === null ? null : { lane: first.lane, sequence: first.sequence, what: unsigned[first.type] };
}

const unsigned = {
  authorisation: "the contributor did not sign the leave of this session",
  submissions: "the session did not sign the submissions that follow",
  checkpoint: "no session of the contributor signed the checkpoint",
} as const;
