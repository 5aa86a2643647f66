import type { Trap } from "../execution.ts";

const framesMax = 32;

/** V8's words, in ours: the only part of a trap that would depend on the engine. */
const kinds: readonly (readonly [RegExp, kind: string])[] = [
  [/unreachable/, "unreachable"],
  [/divide by zero|remainder by zero/, "divisionByZero"],
  [/divide result unrepresentable/, "integerOverflow"],
  [/float unrepresentable/, "floatNotRepresentable"],
  [/memory access out of bounds/, "memoryOutOfBounds"],
  [/table index is out of bounds/, "tableOutOfBounds"],
  [/signature mismatch|null function/, "wrongFunction"],
  [/data segment/, "dataOutOfBounds"],
  [/element segment/, "tableOutOfBounds"],
];

/** What a trap says of itself: its kind, and the functions it was in by their numbers. */
export function trapOf(error: Error): Trap {
  const kind = kinds.find(([pattern]) => pattern.test(error.message))?.[1] ?? "trap";
  const frames = [...(error.stack ?? "").matchAll(/wasm-function\[(\d{1,7})\]/g)].map(
    ([, index]) => `function ${index}`,
  );
  return { kind, message: "", frames: frames.slice(0, framesMax) };
}
