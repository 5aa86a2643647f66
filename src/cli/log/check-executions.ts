import { randomInt } from "node:crypto";
import type { ClaimedExecution } from "../../attestor/claimed-execution.ts";
import { NotExecuted, Reexecution, type ReexecutionOptions, UnknownBytes } from "../../attestor/reexecution.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { sha256 } from "../crypto.ts";
import { LaneBytes } from "./lane-bytes.ts";
import { compareDifferences, type Difference, LaneReading } from "./lane-reading.ts";
import { LaneRules } from "./lane-rules.ts";
import { findLanes, type LanePart, readLogFile } from "./log-file.ts";
import { type LaneResult, recordsOf } from "./replay-lane.ts";

export const executionShares = ["all", "sample", "none"] as const;
export type ExecutionShare = (typeof executionShares)[number];

export interface ExecutionResult {
  readonly share: ExecutionShare;
  /** In the log, up to the first difference. */
  readonly executions: number;
  /** Those that came to the same here, and those that did not. */
  readonly same: number;
  readonly differing: number;
  /** Their program or input is withheld, or the file does not have it. */
  readonly withheld: number;
  /** This machine failed, or was too slow. */
  readonly failed: number;
  readonly first: Difference | null;
}

/** Of a sample, one in so many: nobody who writes a log knows which. */
const sampleEvery = 10;

export interface ExecutionOptions {
  readonly share: ExecutionShare;
  readonly sandbox: Pick<Sandbox, "execute">;
  /** How many are repeated at a time. */
  readonly threads: number;
  /** How many of them are done, called after each; throws where nobody wants the rest. */
  readonly onDone: (done: number) => void;
}

export type LaneClaims = Pick<LaneResult, "lane" | "executed" | "pass">;

export const countExecuted = (lanes: readonly LaneClaims[]): number =>
  lanes.reduce((sum, { executed }) => sum + executed, 0);

/**
 * Repeats what a log says was executed, as an attestor does, by what the log itself holds: it needs no server. What an
 * execution was of follows from the lane's state just before it, so that the log is replayed once more, part by part:
 * no list grows with it.
 */
export async function checkExecutions(
  path: string,
  lanes: readonly LaneClaims[],
  options: ExecutionOptions,
): Promise<ExecutionResult> {
  const { share } = options;
  const executions = countExecuted(lanes);
  const repeating = new Repeating(options);
  if (share === "none" || executions === 0) return { share, executions, ...repeating.counts, first: null };
  const parts = await findLanes(path);
  for (const [at, lane] of lanes.entries()) {
    if (lane.executed > 0) await repeatLane(path, parts[at] as LanePart, lane.pass, repeating);
  }
  const unknown = share === "all" ? executions - repeating.known : 0;
  const counts = { ...repeating.counts, withheld: repeating.counts.withheld + unknown };
  return { share, executions, ...counts, first: repeating.first };
}

async function repeatLane(path: string, part: LanePart, pass: LaneResult["pass"], repeating: Repeating): Promise<void> {
  const claims: ClaimedExecution[] = [];
  const rules = new LaneRules((claim) => claims.push(claim));
  if (pass === "public") {
    rules.begin("hints");
    for await (const { lines } of readLogFile(path, part)) rules.feed(recordsOf(lines));
  }
  const bytes = new LaneBytes(path, part);
  const reexecutions = repeating.of(bytes);
  const repeat = (): Promise<void> => repeating.repeat(part.lane, claims.splice(0), reexecutions);
  // Ends where the replay before it ended.
  const reading = new LaneReading(null);
  rules.begin(pass);
  for await (const { lines, bytesRead } of readLogFile(path, part)) {
    bytes.take(lines, bytesRead);
    rules.feed(reading.take(lines));
    await repeat();
    bytes.forget((task) => !rules.hasTask(task));
  }
  rules.end(reading.entries);
  await repeat();
}

class Repeating {
  readonly #options: ExecutionOptions;
  readonly counts = { same: 0, differing: 0, withheld: 0, failed: 0 };
  first: Difference | null = null;
  /** Executions of which is known what they are of. */
  known = 0;
  #done = 0;

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  /** As many as there are threads: each keeps what it executed last. */
  of(bytes: LaneBytes): Reexecution[] {
    const { sandbox, threads } = this.#options;
    const each: ReexecutionOptions = { source: bytes, sandbox, hash: sha256, chain: noChain };
    return Array.from({ length: threads }, () => new Reexecution(each));
  }

  async repeat(lane: number, claims: readonly ClaimedExecution[], reexecutions: readonly Reexecution[]): Promise<void> {
    this.known += claims.length;
    const wanted = claims.filter(() => isWanted(this.#options.share));
    let next = 0;
    const work = async (reexecution: Reexecution): Promise<void> => {
      for (let claim = wanted[next++]; claim !== undefined; claim = wanted[next++]) {
        this.#count(await repeated(reexecution, lane, claim));
        this.#options.onDone(++this.#done);
      }
    };
    await Promise.all(reexecutions.map(work));
  }

  #count(found: Difference | "same" | "withheld" | "failed"): void {
    if (typeof found === "string") {
      this.counts[found]++;
      return;
    }
    this.counts.differing++;
    if (this.first === null || compareDifferences(found, this.first) < 0) this.first = found;
  }
}

const isWanted = (share: ExecutionShare): boolean =>
  share === "all" || (share === "sample" && randomInt(sampleEvery) === 0);

/** Which hashes a chain has is not in the log. */
const noChain: ReexecutionOptions["chain"] = { blockHash: async () => null };

async function repeated(
  reexecution: Reexecution,
  lane: number,
  claim: ClaimedExecution,
): Promise<Difference | "same" | "withheld" | "failed"> {
  try {
    // Bytes are found by lane alone: a file is of one market.
    const found = await reexecution.check("" as MarketId, lane, claim);
    return found === null ? "same" : { lane, sequence: claim.sequence, what: found.what };
  } catch (error) {
    if (error instanceof UnknownBytes) return "withheld";
    if (error instanceof NotExecuted) return "failed";
    throw error;
  }
}
