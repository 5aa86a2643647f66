import type { Trap } from "../../src/sandbox/execution.ts";
import { JavaScriptEngine, startQuickJs } from "../../src/sandbox/guests/javascript.ts";

const engine = new JavaScriptEngine(startQuickJs());
const limits = { fuelMax: 1_000_000_000, memoryBytesMax: 8 * 1_048_576, outputBytesMax: 100_000 };

/** How a program that must not finish came to its end in the sandbox. */
export function trapOf(source: string, input = ""): Trap {
  const execution = engine.execute(source, new TextEncoder().encode(input), limits);
  if (execution.outcome !== "trapped") throw new Error(`it ended otherwise: ${execution.outcome}`);
  return execution.trap;
}
