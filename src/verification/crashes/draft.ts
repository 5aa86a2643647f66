import { limits } from "./limits.ts";
import { onlyPrintable } from "./texts.ts";

/** How many frames a state has, where nothing else is known (ClusterFuzz's constant). */
export const framesOfState = 3;

/** What has been read of a report so far. */
export interface Draft {
  /** Empty until something of the report says what happened. */
  type: string;
  address: string;
  /** What stands above the frames of the state: what was asserted, which file, what was cast to what. */
  headline: string[];
  /** The frames of the state, normalised. */
  frames: string[];
  /** How many frames the state still takes. */
  room: number;
  /** Every frame that was not left out, for cycles. */
  allFrames: string[];
  /** What stands for the state where there is none. */
  processName: string | null;
  hasJavaStack: boolean;
  hasJavaScriptStack: boolean;
  hasLanguageFault: boolean;
  isFatalErrorOpen: boolean;
  fatalErrorFile: string;
  isCastOpen: boolean;
  /** The next line is the headline: Rust writes its message below the place. */
  isHeadlineNext: boolean;
  /** Nothing more of the report counts. */
  isClosed: boolean;
}

export const createDraft = (): Draft => ({
  type: "",
  address: "",
  headline: [],
  frames: [],
  room: framesOfState,
  allFrames: [],
  processName: null,
  hasJavaStack: false,
  hasJavaScriptStack: false,
  hasLanguageFault: false,
  isFatalErrorOpen: false,
  fatalErrorFile: "",
  isCastOpen: false,
  isHeadlineNext: false,
  isClosed: false,
});

/** Types that a later one of a lower rank does not replace (ClusterFuzz's ranks). */
const ranks: Readonly<Record<string, number>> = { "V8 sandbox violation": 2, Timeout: 1 };
const rankOf = (type: string): number => (Object.hasOwn(ranks, type) ? (ranks[type] as number) : 0);

export function setType(draft: Draft, type: string): void {
  const lines = type.slice(0, limits.typeMax).split("\n").map(onlyPrintable);
  const printable = lines.join("\n").trim();
  if (printable !== "" && rankOf(printable) >= rankOf(draft.type)) draft.type = printable;
}

/** A new report begins: its state is its own. */
export function clearState(draft: Draft): void {
  draft.headline = [];
  draft.frames = [];
  draft.room = framesOfState;
}

/** The state begins with this. `room` is how many frames may follow. */
export function setHeadline(draft: Draft, lines: readonly string[], room: number): void {
  draft.headline = lines.map((line) => line.slice(0, limits.lineMax)).filter((line) => line !== "");
  draft.frames = [];
  draft.room = room;
}

export const hasState = ({ headline, frames }: Draft): boolean => headline.length + frames.length > 0;

export const isKernelFailure = ({ type }: Draft): boolean => type.startsWith("Kernel failure");
