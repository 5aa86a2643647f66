import { reason } from "../algebra/reasons.ts";
import { brief } from "./brief.ts";
import { type Context, type Evidence, type Execution, own, type Run } from "./evidence.ts";
import { type Finding, failedWith, faultOrRetry, passed, waitingFor } from "./finding.ts";

export interface ReplayParameters {
  /** Which of the submission's runs. */
  readonly name: string;
  /**
   * `output`: it must give what the submission says. `fires`: the oracle must fire, as a proof of a fault makes it.
   * `silent`: it must not, as on control inputs.
   */
  readonly expect: "output" | "fires" | "silent";
  /** Executions that must agree with each other. */
  readonly runsMin: number;
  readonly fuelMax: number;
  readonly memoryBytesMax: number;
  readonly outputBytesMax: number;
  /** Faults of ours after which we stop trying. */
  readonly faultsMax: number;
}

/**
 * Compares recorded executions with what the submission claims; executes nothing. Executions of another input than the
 * claimed one are no answer to the claim and do not count. Used-up fuel or memory rejects; a fault of ours never does.
 */
export function replay(
  parameters: ReplayParameters,
  evidence: Evidence,
  context: Pick<Context, "executions">,
): Finding {
  const claim = own(evidence.runs, parameters.name);
  if (claim === undefined || (parameters.expect === "output" && claim.outputHash === null)) {
    return failedWith(reason("EVIDENCE_MISSING", { expected: `the run ${parameters.name}` }));
  }
  const recorded = own(context.executions, parameters.name) ?? [];
  const ofClaim = recorded.filter(({ inputHash }) => inputHash === claim.inputHash);
  const ended = ofClaim.filter(({ outcome }) => outcome !== "fault");
  const exceeded = ended.map((each) => exceededBy(parameters, each)).find((each) => each !== null);
  if (exceeded !== undefined) return exceeded;
  if (ended.some((each) => !isSameExecution(each, ended[0] as Execution))) {
    return failedWith(reason("NOT_DETERMINISTIC", { actual: ended.length }));
  }
  if (ended.length < parameters.runsMin) {
    const faults = ofClaim.length - ended.length;
    return faults > 0 ? faultOrRetry(faults, parameters.faultsMax) : waitingFor("execution");
  }
  return compareWithClaim(parameters, claim, ended[0] as Execution);
}

function exceededBy(parameters: ReplayParameters, execution: Execution): Finding | null {
  const { fuelMax, memoryBytesMax, outputBytesMax } = parameters;
  // Also where a sandbox let more through than was declared.
  if (execution.outcome === "fuelUsedUp" || execution.fuel > fuelMax) {
    return failedWith(reason("FUEL_USED_UP", { actual: execution.fuel, limit: fuelMax }));
  }
  if (execution.outcome === "memoryUsedUp") return failedWith(reason("MEMORY_USED_UP", { limit: memoryBytesMax }));
  if (execution.outputBytes <= outputBytesMax) return null;
  return failedWith(reason("OUTPUT_TOO_LARGE", { actual: execution.outputBytes, limit: outputBytesMax }));
}

const isSameExecution = (a: Execution, b: Execution): boolean =>
  a.outcome === b.outcome && a.fuel === b.fuel && a.outputHash === b.outputHash && a.hasFired === b.hasFired;

function compareWithClaim({ expect }: ReplayParameters, claim: Run, execution: Execution): Finding {
  const { outcome, outputHash, hasFired } = execution;
  // A run without the oracle says nothing of it.
  if (expect !== "output" && hasFired === null) return waitingFor("execution");
  switch (expect) {
    case "output":
      if (outcome === "trapped") return failedWith(reason("TRAPPED"));
      if (outputHash === claim.outputHash) return passed;
      return failedWith(reason("OUTPUT_DIFFERS", { expected: outputHash, actual: brief(claim.outputHash) }));
    case "fires":
      return hasFired === true ? passed : failedWith(reason("NOT_REPRODUCED"));
    case "silent":
      return hasFired === true ? failedWith(reason("FIRES_ON_CONTROLS")) : passed;
  }
}
