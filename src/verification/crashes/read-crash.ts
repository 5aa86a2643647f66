import { isNullAddress, shortAddress } from "./address.ts";
import { type Crash, unknownState } from "./crash.ts";
import { cycleOf } from "./cycle.ts";
import { createDraft, type Draft, framesOfState, hasState } from "./draft.ts";
import { type Frame, type FrameFormat, javaFormat, nativeFormats, otherFormats } from "./frames/formats.ts";
import { isIgnoredFrame } from "./frames/ignored.ts";
import { limits } from "./limits.ts";
import { cutLine, normaliseLine } from "./normalise-state.ts";
import { isDigit } from "./pattern.ts";
import { aboutReport, linesOf } from "./report.ts";
import { applyRules, type Report } from "./rule.ts";
import { isOutOfMemory } from "./rules/exhaustion.ts";
import { rules, rulesWithExhaustion } from "./rules/rules.ts";
import { isSecurityFault } from "./security.ts";
import { onlyPrintable } from "./texts.ts";

export interface CrashPolicy {
  /** Whether time and memory that ran out are crashes, or no crash at all. */
  readonly exhaustion: "crash" | "none";
  /** What crashed: it stands for the state where the report has none, or one that is chance. */
  readonly target: string | null;
}

export const usualPolicy: CrashPolicy = { exhaustion: "none", target: null };

/**
 * Reads the report of a crash: of sanitizers, debuggers, kernels, fuzzers, and of languages' runtimes. Null where it
 * is none. Any text is read, in time linear in its length: it comes from strangers.
 */
export function readCrash(text: string, policy: CrashPolicy = usualPolicy): Crash | null {
  const whole = text.slice(0, limits.textMax).replaceAll("\r\n", "\n");
  const report = aboutReport(whole);
  const draft = readLines(linesOf(whole, report), report, policy);
  return draft === null || draft.type === "" ? null : finish(draft, whole, policy);
}

function readLines(lines: readonly string[], report: Report, policy: CrashPolicy): Draft | null {
  const isExhaustionCrash = policy.exhaustion === "crash";
  const groups = isExhaustionCrash ? rulesWithExhaustion : rules;
  const draft = createDraft();
  for (const line of lines) {
    if (!isExhaustionCrash && isOutOfMemory(line)) return null;
    if (draft.isHeadlineNext) {
      draft.isHeadlineNext = false;
      draft.headline = [line.trim()];
    } else if (!applyRules(groups, draft, report, line)) readFrame(draft, report, line);
    if (draft.isClosed) break;
  }
  return draft;
}

/** Behind these stand stacks of something else: where memory was allocated, which thread began. */
const stops = [
  "Direct leak of",
  "Uninitialized value was stored to memory at",
  "allocated by thread",
  "created by main thread at",
  "located in stack of thread",
  "previously allocated by",
];

function readFrame(draft: Draft, report: Report, line: string): void {
  // A debugger's stack is told anew.
  if (line.startsWith("ChildEBP RetAddr")) {
    draft.headline = [];
    draft.frames = [];
    draft.room = framesOfState;
  }
  if (hasState(draft) && stops.some((each) => line.includes(each))) {
    draft.room = 0;
    return;
  }
  if (draft.type === "" || (draft.headline[0]?.includes("JNI DETECTED ERROR") && line.includes("/art/runtime/")))
    return;
  const java = javaFormat.when?.(draft, report) ?? false;
  const found = firstFrame([...nativeFormats, ...(java ? [javaFormat] : otherFormats)], draft, report, line);
  if (found !== null) addFrame(draft, report, found.frame, found.format);
}

function firstFrame(
  formats: readonly FrameFormat[],
  draft: Draft,
  report: Report,
  line: string,
): { readonly frame: Frame; readonly format: FrameFormat } | null {
  for (const format of formats) {
    if (format.when !== undefined && !format.when(draft, report)) continue;
    const frame = format.read(line);
    if (frame !== null) return { frame, format };
  }
  return null;
}

function addFrame(draft: Draft, { isKasan }: Report, { text, name, address }: Frame, format: FrameFormat): void {
  if (format.isOfProgram ? name !== "" : !isIgnoredFrame(text)) {
    if (draft.allFrames.length < limits.framesMax) draft.allFrames.push(name);
    if (draft.room > 0) {
      draft.frames.push(name);
      draft.room--;
    }
  }
  const isFirst = draft.frames.length + draft.headline.length === 1;
  if (format.isOfKernel && address !== undefined && isFirst && !isKasan) draft.address = address;
}

/** Types whose stack is where the program happened to be. */
const typesByTarget: ReadonlySet<string> = new Set(["Out-of-memory", "Timeout", "Overwrites-const-input"]);

function finish(draft: Draft, text: string, { target }: CrashPolicy): Crash {
  const address = shortAddress(onlyPrintable(draft.address).slice(0, limits.addressMax).trim());
  const type = finalType(draft.type, address);
  const isByTarget = target !== null && typesByTarget.has(type);
  const lines = isByTarget ? [target] : stateOf(draft, type);
  const state = lines.length > 0 ? lines : [draft.processName ?? target ?? unknownState];
  return { type, state, address, isSecurity: isSecurityFault(text, type, address) };
}

function stateOf(draft: Draft, type: string): string[] {
  const cycle = type === "Stack-overflow" ? cycleOf(draft.allFrames) : null;
  const lines = cycle === null ? [...draft.headline, ...draft.frames] : cycle.slice(0, framesOfState);
  // Numbers say what they say in metadata, and in the functions of WebAssembly.
  const normalise = type === "V8 correctness failure" || draft.hasJavaScriptStack ? onlyPrintable : normaliseLine;
  return lines.map((line) => cutLine(normalise(line))).filter((line) => line.trim() !== "");
}

function finalType(type: string, address: string): string {
  const sized = withSizeClass(type);
  const isNull = sized.startsWith("UNKNOWN") && address !== "" && isNullAddress(address);
  return isNull ? sized.replace("UNKNOWN", "Null-dereference") : sized;
}

const sizeMax = 16;

/** Accesses of more than 16 bytes are of one sort: their size is that of the input. */
function withSizeClass(type: string): string {
  let from = 0;
  while (from < type.length && !isDigit(type.charCodeAt(from))) from++;
  let to = from;
  while (to < type.length && isDigit(type.charCodeAt(to))) to++;
  if (from === 0 || from === to) return type;
  return Number(type.slice(from, to)) > sizeMax ? `${type.slice(0, from)}{*}${type.slice(to)}` : type;
}
