/** What a report says of a crash, with nothing in it that differs from run to run except the address. */
export interface Crash {
  /** What happened, in ClusterFuzz's words: `Heap-use-after-free\nREAD 8`. */
  readonly type: string;
  /** Where: what was asserted, then up to three frames from the innermost on. Never empty. */
  readonly state: readonly string[];
  /** What was accessed, as the report writes it; empty where it does not say. */
  readonly address: string;
  /** Whether somebody could use it against the program's user. */
  readonly isSecurity: boolean;
}

/** The state of a crash of which nothing says where it happened. */
export const unknownState = "NULL";

/** As ClusterFuzz writes a state. */
export const stateText = ({ state }: Crash): string =>
  state[0] === unknownState ? unknownState : `${state.join("\n")}\n`;
