import { type Bytes32, equalBytes, fromBase64, zero32 } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { crashSignature } from "../verification/crashes/signature.ts";
import { crashOfTrap, type Trap } from "../verification/crashes/trap.ts";
import type { EntryOf, ExecutionOutcome } from "./entries.ts";
import type { WantedExecution } from "./executions.ts";

/** How an execution ended, in the sandbox's words. */
export type Ended = { readonly fuel: number } & (
  | { readonly outcome: "finished"; readonly output: Uint8Array }
  | { readonly outcome: "outputTooLarge"; readonly outputBytes: number }
  | { readonly outcome: "trapped"; readonly trap: Trap }
  | { readonly outcome: Exclude<ExecutionOutcome, "finished" | "outputTooLarge" | "trapped"> }
);

/** What the log says of an execution: the same for everybody who repeats it, a fault apart. */
export function executedEntry(hash: Hash, wanted: WantedExecution, ended: Ended): EntryOf<"executed"> {
  const { task, ordinal, name, program, input } = wanted;
  const outputBytes =
    ended.outcome === "finished" ? ended.output.length : ended.outcome === "outputTooLarge" ? ended.outputBytes : 0;
  return {
    kind: "executed",
    task,
    ordinal,
    name,
    program: program.hash,
    input: input.hash,
    outcome: ended.outcome,
    fuel: ended.outcome === "fault" ? 0 : ended.fuel,
    output: ended.outcome === "finished" ? hash(ended.output) : zero32,
    outputBytes,
    crash: ended.outcome === "trapped" ? crashOf(hash, ended.trap) : null,
  };
}

function crashOf(hash: Hash, trap: Trap): EntryOf<"executed">["crash"] {
  const { type, state } = crashOfTrap(trap);
  return { type, state: [...state], signature: crashSignature(hash, { type, state }) };
}

/**
 * An input that a task has in its content, `{"inputs": {"name": "base64"}}`, by its hash; null where it is not there.
 */
export function taskInput(hash: Hash, content: Json, wanted: Bytes32): Uint8Array | null {
  return taskInputs(content).find((bytes) => equalBytes(hash(bytes), wanted)) ?? null;
}

/** All inputs of a task's content; what is none is left out. */
export function taskInputs(content: Json): Uint8Array[] {
  const { inputs } = (content ?? {}) as { readonly inputs?: Json };
  if (inputs === null || typeof inputs !== "object") return [];
  return Object.values(inputs).flatMap((each: Json) => {
    try {
      return typeof each === "string" ? [fromBase64(each)] : [];
    } catch {
      return [];
    }
  });
}
