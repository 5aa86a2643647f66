import type { Earnest } from "../../client/earnest.ts";
import { bytes32, fromBase64, fromHex, toBase64, toHex } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import { taskInput } from "../../market/executed.ts";
import { usualLimits } from "../../market/known.ts";
import { runBytes } from "../../sandbox/run-bytes.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { sha256 } from "../crypto.ts";
import type { Said, SolverTask, Solving } from "./solver.ts";

type WireProgram = Awaited<ReturnType<Earnest["markets"]["program"]>>;

/** Computes tasks in the sandbox of this machine; what is no task to compute, or has no result, is left to others. */
export class ComputeSolver implements Solving {
  readonly #client: Earnest;
  readonly #sandbox: Sandbox;
  readonly #programs = new Map<string, Promise<WireProgram>>();

  constructor(client: Earnest, sandbox: Sandbox) {
    this.#client = client;
    this.#sandbox = sandbox;
  }

  async solve({ market, content, known }: SolverTask): Promise<Said> {
    const [name, run] = Object.entries(known?.runs ?? {})[0] ?? [];
    if (name === undefined || run === undefined || !("hash" in run.program) || !("hash" in run.input)) return null;
    const input = taskInput(sha256, content, bytes32(fromHex(run.input.hash)));
    if (input === null) return null;
    const { language, program } = await this.#program(market, run.program.hash);
    const bytes = fromBase64(program);
    // What the server gives need not be what the task names.
    const hash = sha256(bytes);
    if (toHex(hash) !== run.program.hash) return null;
    const execution = await runBytes(this.#sandbox, language, { bytes, hash }, input, run.limits ?? usualLimits);
    if (execution.outcome !== "finished") return null;
    const answer = toHex(sha256(execution.output));
    return { answer, content: { [name]: toBase64(execution.output) } as Json };
  }

  #program(market: string, hash: string): Promise<WireProgram> {
    const known = this.#programs.get(hash) ?? this.#client.markets.program(market, hash);
    this.#programs.set(hash, known);
    return known;
  }

  close(): Promise<void> {
    return this.#sandbox.close();
  }
}
