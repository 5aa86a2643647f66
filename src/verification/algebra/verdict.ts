import type { Finding, Need } from "../primitives/finding.ts";
import { shareOf, unitsOf } from "./combinators.ts";
import type { Unit } from "./composition.ts";
import type { Reason } from "./reasons.ts";

/** What a submission gets, and why. */
export interface Verdict {
  /** `held` until what it needs is there; `void` where a fault of ours ends it, unpaid and neutral. */
  readonly verdict: "accepted" | "rejected" | "held" | "void";
  /** What is payable: parts per million of the reward, or so much of what was metered. Zero unless accepted. */
  readonly units: number;
  readonly unit: Unit;
  /** So many of the units stay in the contributor's reserve for now. */
  readonly reserveUnits: number;
  readonly reasons: readonly Reason[];
  /** Empty unless held. */
  readonly needs: readonly Need[];
}

const words = { passed: "accepted", failed: "rejected", waiting: "held", fault: "void" } as const;

export function verdictOf(finding: Finding, unit: Unit): Verdict {
  const units = finding.outcome === "passed" ? unitsOf(finding) : 0;
  return {
    verdict: words[finding.outcome],
    units,
    unit,
    reserveUnits: shareOf(units, finding.reservePpm),
    reasons: finding.reasons,
    needs: finding.needs,
  };
}
