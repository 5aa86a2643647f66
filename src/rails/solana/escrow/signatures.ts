import type { AttestorSet } from "../program/layouts.ts";
import { type AttestorSignature, signatureOrder } from "../program/signatures-instruction.ts";
import { refusedWith } from "./refusals.ts";

/**
 * As many as the program wants, in its order, of those that are of this set.
 *
 * @throws PROGRAM_REFUSED (SIGNATURES_TOO_FEW): without one, the runtime's own refusal would explain nothing
 */
export function signaturesToCarry(set: AttestorSet, signatures: readonly AttestorSignature[]): AttestorSignature[] {
  const ordered = signatureOrder(set, signatures).slice(0, set.threshold);
  if (ordered.length < set.threshold) throw refusedWith("SIGNATURES_TOO_FEW");
  return ordered;
}
