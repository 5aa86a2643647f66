import type { Submission } from "../../../src/contract/work.ts";
import type { Json } from "../../../src/core/json.ts";

/** An answer on its way, as it is kept until the server has acknowledged it. */
export interface Answered {
  readonly market: string;
  readonly slot: string;
  readonly task: number;
  /** The token that it is paid in, where that was known. */
  readonly mint?: string | undefined;
  readonly title: string;
  readonly question: string;
  /** With its salt: whenever it is sent, it is the same. */
  readonly body: Json;
  readonly reward: string;
  readonly answeredAtMs: number;
  /** Until then it can be taken back. */
  readonly sendAtMs: number;
  /** How long the task was looked at. */
  readonly workMs: number;
  /** Why the server does not take it: its code, and what it says. Null while it may still be sent. */
  readonly refused: { readonly code: string; readonly text: string } | null;
}

/** What became of an answer that the server has. */
export interface Outcome {
  readonly market: string;
  readonly slot: string;
  /** The token that it is paid in, where that was known. */
  readonly mint?: string | undefined;
  readonly title: string;
  readonly question: string;
  /** What the task promised. */
  readonly offered: string;
  readonly answeredAtMs: number;
  readonly workMs: number;
  readonly submission: Submission;
  /** When this page heard of its verdict; null while it waits. */
  readonly decidedAtMs: number | null;
}

export const keyOf = ({ market, slot }: { readonly market: string; readonly slot: string }): string =>
  `${market}/${slot}`;

const undecided: ReadonlySet<string> = new Set(["assigned", "held", "review", "appealed"]);
export const isDecided = ({ state }: Pick<Submission, "state">): boolean => !undecided.has(state);

/** Tokens an hour of looking at tasks whose answers have a verdict; null before three of them. */
export function hourlyRate(outcomes: readonly Outcome[]): number | null {
  const decided = outcomes.filter(({ submission }) => isDecided(submission));
  const workMs = decided.reduce((sum, each) => sum + each.workMs, 0);
  if (decided.length < 3 || workMs <= 0) return null;
  return (decided.reduce((sum, { submission }) => sum + Number(submission.reward), 0) / workMs) * 3_600_000;
}
