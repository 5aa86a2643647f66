import { clearState, type Draft } from "../draft.ts";
import { type Captures, matchLine, pattern } from "../pattern.ts";
import { lines, type Rule, type RuleGroup } from "../rule.ts";

/** What Go says of a panic of its own, and the type that it is. Source: ClusterFuzz, stacktraces/constants.py. */
const goFaults: readonly (readonly [message: string, type: string])[] = [
  ["panic: runtime error: integer divide by zero", "Integer divide by zero"],
  ["panic: runtime error: index out of range", "Index out of range"],
  ["panic: runtime error: invalid memory address", "Invalid memory address"],
  ["panic: runtime error: makeslice: len out of range", "Makeslice: len out of range"],
  ["panic: runtime error: slice bounds out of range", "Slice bounds out of range"],
  ["fatal error: stack overflow", "Stack overflow"],
];

function startLanguageFault(draft: Draft): void {
  draft.hasLanguageFault = true;
  clearState(draft);
}

export const go: RuleGroup = {
  when: (_draft, { isGo }) => isGo,
  rules: goFaults.map(([message, type]) => ({ line: lines(message), type, also: startLanguageFault })),
};

export const goIfNothingElse: RuleGroup = {
  when: ({ type }, { isGo }) => isGo && type === "",
  rules: [
    {
      line: lines("fatal error: {message}"),
      type: "Fatal error",
      isNew: true,
      headline: ({ message = "" }) => [message],
    },
  ],
};

/** Of Atheris, and of Python itself. */
export const pythonTitles = [
  "{:space*}=== Uncaught Python exception: ===",
  "Traceback (most recent call last):",
] as const;

export const pythonAndJazzer: readonly RuleGroup[] = [
  {
    when: (_draft, { isPython }) => isPython,
    rules: [
      {
        line: lines(...pythonTitles),
        type: "Uncaught exception",
        also: startLanguageFault,
      },
      { line: lines("===BUG DETECTED: PySecSan:"), type: "PySecSan", also: startLanguageFault },
    ],
  },
  {
    when: (_draft, { isJazzerJs }) => isJazzerJs,
    rules: [
      {
        line: lines("{:space*}=={:digits}== Uncaught Exception: Jazzer.js: "),
        type: "Uncaught exception",
        also: startLanguageFault,
        isLast: true,
      },
    ],
  },
  { when: (_draft, { isTrusty }) => isTrusty, rules: [{ line: lines("{}"), type: "Trusted app crash" }] },
];

function startJava(draft: Draft): void {
  draft.hasJavaStack = true;
}

export const javaIfNothingElse: readonly RuleGroup[] = [
  {
    when: ({ type }) => type === "",
    rules: [{ line: lines("{}== Java Exception: {}FuzzerSecurityIssue"), type: "Security exception", also: startJava }],
  },
  {
    when: ({ type }) => type === "",
    rules: [
      { line: lines("{}== Java Exception: "), type: "Uncaught exception", also: startJava },
      {
        line: lines("{}) {test}(com.google.security.wycheproof.{class:word})"),
        type: "Wycheproof error",
        headline: ({ test = "", class: name = "" }) => [`${test}(com.google.security.wycheproof.${name})`],
        also: startJava,
      },
    ],
  },
];

/** Where WebAssembly stops, as V8 says it, and the type that it is. */
const traps: readonly (readonly [message: string, type: string])[] = [
  ["unreachable", "Unreachable code"],
  ["memory access out of bounds", "Out-of-bounds access"],
  ["divide by zero", "Divide-by-zero"],
  ["remainder by zero", "Divide-by-zero"],
  ["divide result unrepresentable", "Integer-overflow"],
  ["float unrepresentable in integer range", "Float-cast-overflow"],
  ["table index is out of bounds", "Index-out-of-bounds"],
  ["null function or function signature", "Incorrect-function-pointer-type"],
  ["table or element segment access out of bounds", "Index-out-of-bounds"],
  ["data segment out of bounds", "Out-of-bounds access"],
  ["array element access out of bounds", "Index-out-of-bounds"],
  ["dereferencing a null pointer", "Null-dereference"],
  ["illegal cast", "Bad-cast"],
];

function startJavaScript(draft: Draft): void {
  draft.hasJavaScriptStack = true;
}

const javaScriptFault = (line: Rule["line"], type: Rule["type"]): Rule => ({
  line,
  ...(type === undefined ? {} : { type }),
  isNew: true,
  also: startJavaScript,
  isLast: true,
});

const named = [
  pattern("Uncaught {name:word}:"),
  pattern("Uncaught {name:word}{$}"),
  pattern("{name:word}:"),
  pattern("{name:word}{$}"),
];

/** `TypeError: x is not a function`, and errors of the program's own by their names. */
function javaScriptError(line: string): Captures | null {
  for (const each of named) {
    const captures = matchLine(each, line);
    const name = captures?.["name"] ?? "";
    if (name.endsWith("Error") || name.endsWith("Exception")) return captures;
  }
  return null;
}

const inAllForms = (text: string): string[] => [text, `Uncaught ${text}`];

/**
 * JavaScript and WebAssembly, in our own sandbox and in others: QuickJS and V8 write the error's name and message, and
 * the stack below. Other programs write errors of that form too, so this counts only where nothing else did.
 */
export const javaScriptIfNothingElse: readonly RuleGroup[] = [
  {
    when: ({ type }, { isJavaScript }) => isJavaScript && type === "",
    rules: [
      ...traps.map(([message, type]) => javaScriptFault(lines(...inAllForms(`RuntimeError: ${message}`)), type)),
      javaScriptFault(
        lines(
          ...inAllForms("InternalError: stack overflow"),
          ...inAllForms("RangeError: Maximum call stack size exceeded"),
        ),
        "Stack-overflow",
      ),
      javaScriptFault([javaScriptError], ({ name = "" }) => `Uncaught ${name}`),
    ],
  },
];
