import { earnestError } from "../../core/errors.ts";

/** @throws ESCROW_TERMS_MISMATCH where an account on chain has something else */
export function requireSame(
  field: string,
  found: string,
  expected: string,
  what: { readonly kind: string; readonly address: string },
): void {
  if (found !== expected) throw earnestError("ESCROW_TERMS_MISMATCH", { ...what, field, found, expected });
}
