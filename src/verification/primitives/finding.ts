import { type Reason, reason } from "../algebra/reasons.ts";

/**
 * `waiting` is what more evidence can still change; `fault` is a fault of ours that was tried often enough. Both carry
 * what is missing in `needs`.
 */
export type Outcome = "passed" | "failed" | "waiting" | "fault";

/** What a submission can wait for. */
export const needNames = [
  "attestation",
  "answers",
  "execution",
  "retry",
  "measurement",
  "witness",
  "challenge window",
  "slot hash",
  "recheck",
  "review",
  "panel",
] as const;

export interface Need {
  readonly for: (typeof needNames)[number];
  /** Lane time at which waiting ends by itself; null where only the fact itself ends it. */
  readonly untilMs: number | null;
}

/** What one primitive, or a composition of them, says of a submission. Units count only where it passed. */
export interface Finding {
  readonly outcome: Outcome;
  /** Parts per million of the reward, or of `quantity`, that are payable. */
  readonly sharePpm: number;
  /** A metered amount, in the unit of its composition; null where nothing is metered. */
  readonly quantity: number | null;
  /** Parts per million of the units that stay in the contributor's reserve for now. */
  readonly reservePpm: number;
  /** Passed because nothing speaks against it, not because it was found right; `escalate` asks further. */
  readonly isUndecided: boolean;
  readonly reasons: readonly Reason[];
  readonly needs: readonly Need[];
}

export const millionPpm = 1_000_000;
/** The most that can be metered: sums and products with parts per million stay exact. */
export const quantityMaxMax = 1_000_000_000_000_000;

const none = [] as const;

/** The identity of `all`, `min`: whole units, nothing to say. Findings without facts are shared: the hot path allocates nothing. */
export const passed: Finding = {
  outcome: "passed",
  sharePpm: millionPpm,
  quantity: null,
  reservePpm: 0,
  isUndecided: false,
  reasons: none,
  needs: none,
};

export const passedWith = (...reasons: readonly Reason[]): Finding => ({ ...passed, reasons });
export const undecidedWith = (...reasons: readonly Reason[]): Finding => ({ ...passed, reasons, isUndecided: true });
export const metered = (quantity: number, ...reasons: readonly Reason[]): Finding => ({ ...passed, quantity, reasons });

export const failedWith = (...reasons: readonly Reason[]): Finding => ({
  outcome: "failed",
  sharePpm: 0,
  quantity: null,
  reservePpm: 0,
  isUndecided: false,
  reasons,
  needs: none,
});

/** The identity of `any`. */
export const failed: Finding = failedWith();

/** One object for each need without an end, since most submissions wait once. */
const waits = new Map(needNames.map((name) => [name, waiting({ for: name, untilMs: null })]));

export function waitingFor(name: Need["for"], untilMs: number | null = null): Finding {
  return untilMs === null ? (waits.get(name) as Finding) : waiting({ for: name, untilMs });
}

function waiting(need: Need): Finding {
  return { ...failed, outcome: "waiting", reasons: [reason("WAITING", { expected: need.for })], needs: [need] };
}

/** A fault is retried until it has happened `attemptsMax` times; from then on it is what ends the submission. */
export function faultOrRetry(attempts: number, attemptsMax: number): Finding {
  if (attempts < attemptsMax) return waitingFor("retry");
  return { ...failed, outcome: "fault", reasons: [reason("FAULT", { actual: attempts, limit: attemptsMax })] };
}
