import type { Draft } from "../draft.ts";
import { type Captures, matchLine, type Pattern, pattern } from "../pattern.ts";
import type { Report } from "../rule.ts";
import { baseName } from "../texts.ts";
import { demangle } from "./demangle.ts";
import { normaliseFrame } from "./normalise-frame.ts";

/** One frame of a stack: what is looked up among the ignored, and what the state would have of it. */
export interface Frame {
  readonly text: string;
  readonly name: string;
  /** Of a kernel's frame. */
  readonly address?: string;
}

/** How a tool writes a frame of a stack. The first format that reads a line as a frame counts. */
export interface FrameFormat {
  readonly when?: (draft: Draft, report: Report) => boolean;
  readonly read: (line: string) => Frame | null;
  readonly isOfKernel?: true;
  /** All frames are of the program: what is left out of other stacks are functions of native code. */
  readonly isOfProgram?: true;
}

const ofText = (text: string): Frame => ({ text, name: normaliseFrame(text) });

/** Formats whose frame is what one hole of a pattern holds. */
const hole =
  (patterns: readonly Pattern[], isFrame: (captures: Captures) => boolean = () => true) =>
  (line: string): Frame | null => {
    for (const each of patterns) {
      const captures = matchLine(each, line);
      if (captures !== null && isFrame(captures)) return ofText((captures["name"] ?? "").trim());
    }
    return null;
  };

const hasNoPath = ({ name = "" }: Captures): boolean => name !== "" && !name.includes("/") && !name.includes("\\");

const numbered = pattern("{:space*}#{:digits}{:space}{:hex}{:space}{rest}");

/** `#1 0x4f6b78 in boom() wasm-code.cc:76:7` or `#1 0x4f6b78  (module+0x1234) (BuildId: …)`. */
function sanitizerFrame(line: string): Frame | null {
  const rest = matchLine(numbered, line)?.["rest"]?.trim();
  if (rest === undefined) return null;
  const buildId = rest.indexOf(" (BuildId:");
  const text = buildId === -1 ? rest : rest.slice(0, buildId);
  if (text.startsWith("in")) return functionFrame(text.startsWith("in ") ? text.slice("in ".length).trim() : text);
  const close = text.lastIndexOf(")");
  if (!text.startsWith("(") || close === -1) return null;
  const place = text.slice(1, close).trim();
  // Without a function, the module and its offset are all there is.
  return place.includes("+0x") ? { text: place, name: place } : ofText(place);
}

const fuzzTarget = "LLVMFuzzerTestOneInput";

/** Every fuzz target has the same function: its file says which it is. */
function functionFrame(text: string): Frame {
  const space = text.indexOf(" ");
  if (!text.startsWith(fuzzTarget) || space === -1) return ofText(text);
  const [file = "", line] = baseName(text.slice(space + 1)).split(":");
  return ofText(line === undefined ? text : text.replace(fuzzTarget, file));
}

/** Chromium's on macOS: `2   Content Shell Framework   0x000000010cbf477a _ZN2ui… + 698`. */
const macFrame = pattern("{:digits}{:space}{image} 0x{:hex}{:space}{name>} + {:digits}");

function readMacFrame(line: string): Frame | null {
  const captures = matchLine(macFrame, line);
  return captures === null || !hasNoPath(captures) ? null : ofText(demangle(captures["name"] ?? ""));
}

const kernelFrame = pattern("{}[<{address:hex}>]{:space}{rest}");
const kernelPlace = [pattern("({name:word}+{:word}/{:word}"), pattern("{name:word}+{:word}/{:word}")];

function readKernelPlace(text: string): Frame | null {
  return hole(kernelPlace)(text);
}

/** `[<c0667574>] (msm_vidc_prepare_buf+0xa0/0x124)`; a question mark in front says that the kernel is not sure. */
function readKernelFrame(line: string): Frame | null {
  const first = matchLine(kernelFrame, line);
  // The line of the instruction pointer holds the address twice.
  const last = first === null ? null : (matchLine(kernelFrame, first["rest"] ?? "") ?? first);
  const frame = last === null ? null : readKernelPlace(last["rest"] ?? "");
  return frame === null ? null : { ...frame, address: `0x${last?.["address"]}` };
}

const goFrame = pattern("{name:goName}{$}");

/** `main.Fuzz(0x1, 0x2)` or `main.(*T).Fuzz(...)`: the arguments are the last thing in brackets. */
function readGoFrame(line: string): Frame | null {
  const open = line.lastIndexOf("(");
  if (open <= 0 || !line.endsWith(")")) return null;
  const args = line.slice(open + 1, -1);
  for (const each of args) if (!"x0123456789abcdef \t,.{}?".includes(each)) return null;
  const name = line.slice(0, open);
  if (matchLine(goFrame, name) === null) return null;
  return { text: name, name: name.slice(name.lastIndexOf("/") + 1) };
}

const rustHash = pattern("{name>}::h{hash:hex}{$}");
const hashLength = 16;

/** `  12: program::parse::h0123456789abcdef`, or with the address in front. */
const rustFrames = [
  pattern("{:space*}{:digits}:{:space}0x{:hex} - {name}"),
  pattern("{:space*}{:digits}:{:space}{name}"),
];

function readRustFrame(line: string): Frame | null {
  const frame = hole(rustFrames)(line);
  if (frame === null) return null;
  const hashed = matchLine(rustHash, frame.text);
  const name = hashed?.["hash"]?.length === hashLength ? (hashed["name"] ?? "") : frame.text;
  return { text: name, name };
}

const wasmFunction = pattern("{}wasm-function[{index:digits}]:0x{:hex}");
const javaScriptFrames = [
  pattern("{:space*}at async {name} ({place>})"),
  pattern("{:space*}at new {name} ({place>})"),
  pattern("{:space*}at {name} ({place>})"),
  pattern("{:space*}at {place}"),
];

/**
 * QuickJS: `    at f (input.js:3:5)`, `    at <eval> (input.js)`. V8: `    at Object.f (file:///…:3:5)`,
 * `    at file:///…:3:5`. WebAssembly: `    at wasm://wasm/a1b2c3d4:wasm-function[12]:0x1a2` or with the name in front.
 */
export function readJavaScriptFrame(line: string): Frame | null {
  for (const each of javaScriptFrames) {
    const captures = matchLine(each, line);
    if (captures === null) continue;
    const { name, place = "" } = captures;
    if (hostPlaces.some((start) => place.startsWith(start))) return null;
    return { text: name ?? place, name: name === undefined ? nameOfPlace(place) : withoutReceiver(name) };
  }
  return null;
}

/** What the engine itself and its host put on the stack. */
const hostPlaces = ["native", "node:", "internal/", "<input>"];

const ownNames = ["Object.", "Module.", "global."];

/** Engines name a module's functions by an object that the program does not have. */
function withoutReceiver(name: string): string {
  const receiver = ownNames.find((each) => name.startsWith(each));
  const [plain = ""] = (receiver === undefined ? name : name.slice(receiver.length)).split(" [as ");
  return plain;
}

/** A function without a name is told by its file, or by its index in a WebAssembly module. */
function nameOfPlace(place: string): string {
  const index = matchLine(wasmFunction, place)?.["index"];
  if (index !== undefined) return `wasm-function[${index}]`;
  const [path = ""] = baseName(place.replace("file://", "")).split(":");
  return path;
}

const correctness = pattern("#{:space*}V8 correctness {name}");
const correctnessParts = ["configs: ", "sources: ", "suppression: "];

/** What V8's comparison of two builds says of itself stands for frames. */
function readCorrectness(line: string): Frame | null {
  const name = matchLine(correctness, line)?.["name"] ?? "";
  return correctnessParts.some((each) => name.startsWith(each)) ? { text: name, name } : null;
}

const javaTypes: ReadonlySet<string> = new Set([
  "CHECK failure",
  "Fatal Exception",
  "Uncaught exception",
  "Security exception",
]);

const hasJava = ({ hasJavaStack, type }: Draft): boolean => hasJavaStack && javaTypes.has(type);

export const nativeFormats: readonly FrameFormat[] = [
  // cdb: 012ff7a4 77d4a2b1 module!Function+0x12
  { read: hole([pattern("{:address} {:address} {:word}!{name>}+{:hex}")]) },
  { read: sanitizerFrame },
  { read: hole([pattern("{:space*}#{:digits} {:hex} {name}")], hasNoPath) },
  { read: readMacFrame },
  // Chromium on Windows: Function [0x10012345+678] (file.cc:12)
  { read: hole([pattern("{:space*}{name>} [0x{:hex}+{:digits}]")], hasNoPath) },
];

export const javaFormat: FrameFormat = { when: hasJava, read: hole([pattern("{:space*}at {name>}({}")]) };

export const otherFormats: readonly FrameFormat[] = [
  { read: readKernelFrame, isOfKernel: true },
  { read: (line) => readKernelPlace(line.trimStart()), isOfKernel: true },
  { read: readCorrectness },
  { when: (_draft, { isGo }) => isGo, read: readGoFrame },
  { when: (_draft, { isPython }) => isPython, read: hole([pattern('{:space*}File "{}", line {:digits}, in {name}')]) },
  {
    when: (_draft, { isJazzerJs }) => isJazzerJs,
    read: hole([pattern("{:space}at {name:token} ({}:{:digits}:{:digits})")]),
  },
  { when: (_draft, { isTrusty }) => isTrusty, read: hole([pattern("uSP+{:word}: 0x{:hex} in {name:word}")]) },
  { when: (_draft, { isRust }) => isRust, read: readRustFrame },
  { when: ({ hasJavaScriptStack }) => hasJavaScriptStack, read: readJavaScriptFrame, isOfProgram: true },
];
