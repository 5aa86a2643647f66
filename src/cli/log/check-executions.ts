import { randomInt } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { ClaimedExecution } from "../../attestor/claimed-execution.ts";
import { NotExecuted, Reexecution, type ReexecutionOptions, UnknownBytes } from "../../attestor/reexecution.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { sha256 } from "../crypto.ts";
import { fileError } from "../files.ts";
import { readLineBatches, wholeFile } from "../lines.ts";
import { compareDifferences, type Difference } from "./lane-reading.ts";
import { parseLine } from "./log-file.ts";
import type { LaneResult } from "./replay-lane.ts";

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

export type LaneClaims = Pick<LaneResult, "lane" | "executed" | "claimed">;

export const countExecuted = (lanes: readonly LaneClaims[]): number =>
  lanes.reduce((sum, { executed }) => sum + executed, 0);

/** Repeats what a log says was executed, as an attestor does, by what the log itself holds: it needs no server. */
export async function checkExecutions(
  path: string,
  lanes: readonly LaneClaims[],
  options: ExecutionOptions,
): Promise<ExecutionResult> {
  const { share, sandbox, threads, onDone } = options;
  const wanted = lanes.flatMap(({ lane, claimed }) =>
    claimed.filter(() => isWanted(share)).map((each) => ({ lane, each })),
  );
  const executions = countExecuted(lanes);
  const unknown = lanes.reduce((sum, { claimed }) => sum - claimed.length, executions);
  const counts = { same: 0, differing: 0, withheld: share === "all" ? unknown : 0, failed: 0 };
  let first: Difference | null = null;
  if (wanted.length === 0) return { share, executions, ...counts, first };
  const bytes = await LogBytes.open(path, wanted);
  try {
    let [next, done] = [0, 0];
    const work = async (): Promise<void> => {
      const reexecution = new Reexecution({ source: bytes, sandbox, hash: sha256, chain: noChain });
      for (let claim = wanted[next++]; claim !== undefined; claim = wanted[next++]) {
        const found = await repeated(reexecution, claim.lane, claim.each);
        if (typeof found === "string") counts[found]++;
        else {
          counts.differing++;
          if (first === null || compareDifferences(found, first) < 0) first = found;
        }
        onDone(++done);
      }
    };
    await Promise.all(Array.from({ length: threads }, work));
  } finally {
    await bytes.close();
  }
  return { share, executions, ...counts, first };
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

interface Place {
  readonly at: number;
  readonly length: number;
}

const recordKey = (lane: number, sequence: number): string => `${lane} record ${sequence}`;
const taskKey = (task: number): string => `task ${task}`;

/** The bytes in a log's file that executions are of: where they stand is remembered, and they are read when needed. */
class LogBytes {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #places: ReadonlyMap<string, readonly Place[]>;

  private constructor(path: string, file: FileHandle, places: ReadonlyMap<string, readonly Place[]>) {
    this.#path = path;
    this.#file = file;
    this.#places = places;
  }

  static async open(
    path: string,
    claims: readonly { readonly lane: number; readonly each: ClaimedExecution }[],
  ): Promise<LogBytes> {
    const places = new Map<string, Place[]>();
    for (const { lane, each } of claims) {
      for (const { place } of [each.wanted.program, each.wanted.input]) {
        places.set(place.at === "task" ? taskKey(place.task) : recordKey(lane, place.sequence), []);
      }
    }
    let lane = 0;
    for await (const { lines } of readLineBatches(path, wholeFile)) {
      for (const { number, bytes, at } of lines) {
        const line = parseLine(path, number, bytes);
        if (line?.type === "header") lane = line.lane;
        if (line?.type !== "record" && line?.type !== "inputs") continue;
        const key = line.type === "record" ? recordKey(lane, line.sequence) : taskKey(line.task);
        places.get(key)?.push({ at, length: bytes.length });
      }
    }
    const file = await open(path).catch((error: unknown) => {
      throw fileError(path, error);
    });
    return new LogBytes(path, file, places);
  }

  records: ReexecutionOptions["source"]["records"] = async ({ lane, from }) => {
    const lines = await this.#lines(recordKey(lane, from));
    return lines.flatMap((line) => (line?.type === "record" ? [line] : []));
  };

  content: ReexecutionOptions["source"]["content"] = async (_, task) => {
    const lines = await this.#lines(taskKey(task));
    return { inputs: lines.flatMap((line) => (line?.type === "inputs" ? line.inputs : [])) };
  };

  async close(): Promise<void> {
    await this.#file.close();
  }

  #lines(key: string) {
    const places = this.#places.get(key) ?? [];
    return Promise.all(
      places.map(async ({ at, length }) => {
        const bytes = Buffer.alloc(length);
        await this.#file.read(bytes, 0, length, at);
        return parseLine(this.#path, 0, bytes);
      }),
    );
  }
}
