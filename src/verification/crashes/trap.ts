import { type Crash, unknownState } from "./crash.ts";
import { cycleOf } from "./cycle.ts";
import { framesOfState } from "./draft.ts";
import { readJavaScriptFrame } from "./frames/formats.ts";
import { limits } from "./limits.ts";
import { cutLine } from "./normalise-state.ts";
import { isSecurityFault } from "./security.ts";
import { onlyPrintable } from "./texts.ts";

/** How an execution in the sandbox came to an end that its program did not mean: what `src/sandbox` says of it. */
export interface Trap {
  readonly kind: string;
  readonly message: string;
  /** The innermost first: `parse (program.js:3:9)` or, in WebAssembly, `function 7`. */
  readonly frames: readonly string[];
}

/** What WebAssembly traps on. All other kinds are names of JavaScript's errors. */
const types: ReadonlyMap<string, string> = new Map([
  ["unreachable", "Unreachable code"],
  ["divisionByZero", "Divide-by-zero"],
  ["integerOverflow", "Integer-overflow"],
  ["floatNotRepresentable", "Float-cast-overflow"],
  ["memoryOutOfBounds", "Out-of-bounds access"],
  ["dataOutOfBounds", "Out-of-bounds access"],
  ["tableOutOfBounds", "Index-out-of-bounds"],
  ["wrongFunction", "Incorrect-function-pointer-type"],
  ["stackUsedUp", "Stack-overflow"],
]);

/** What engines say where a stack overflowed, which a program may say too: it then means the same. */
const overflows: ReadonlySet<string> = new Set([
  "RangeError: Maximum call stack size exceeded",
  "InternalError: stack overflow",
]);

/** The crash that a trap is. Messages are no part of it: they may hold parts of the input. */
export function crashOfTrap({ kind, message, frames }: Trap): Crash {
  const type = typeOf(kind, message);
  const names = frames
    .slice(0, limits.framesMax)
    .map(nameOf)
    .filter((name) => name !== "");
  const cycle = type === "Stack-overflow" ? cycleOf(names) : null;
  const state = (cycle ?? names).slice(0, framesOfState);
  return {
    type,
    state: state.length > 0 ? state : [unknownState],
    address: "",
    isSecurity: isSecurityFault("", type, ""),
  };
}

function typeOf(kind: string, message: string): string {
  if (overflows.has(`${kind}: ${message}`)) return "Stack-overflow";
  const name = onlyPrintable(kind).trim().slice(0, limits.stateLineMax);
  return types.get(kind) ?? `Uncaught ${name === "" ? "exception" : name}`;
}

const numbered = "function ";

function nameOf(frame: string): string {
  if (frame.startsWith(numbered)) return `wasm-function[${frame.slice(numbered.length)}]`;
  return cutLine(onlyPrintable(readJavaScriptFrame(`at ${frame.slice(0, limits.lineMax)}`)?.name ?? "")).trim();
}
