import type { Address, TransactionSigner } from "@solana/kit";
import { toHex } from "../../../core/bytes.ts";
import { earnestError } from "../../../core/errors.ts";
import { networkAddress } from "../program/derived-addresses.ts";
import { createNetwork, type NetworkTerms } from "../program/instructions.ts";
import type { NetworkAccount } from "../program/layouts.ts";
import { findNetwork, readNetwork } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";
import { sendPlan } from "./sending.ts";

export interface OpenNetwork {
  readonly address: Address;
  readonly account: NetworkAccount;
}

/**
 * The creator's network of this id, created where it is missing. Its attestors are compared only while nobody has
 * rotated them.
 *
 * @throws ESCROW_TERMS_MISMATCH where it has other terms; as `sendPlan`
 */
export async function ensureNetwork(
  escrow: Escrow,
  creator: TransactionSigner,
  terms: NetworkTerms,
): Promise<OpenNetwork> {
  const address = networkAddress(escrow.program, creator.address, terms.id);
  const isDone = async (): Promise<boolean> => (await findNetwork(escrow, address, "confirmed")) !== null;
  const plan = { instructions: [createNetwork(escrow.program, creator.address, terms)], signers: [creator] };
  if (!(await isDone())) await sendPlan(escrow, plan, { isDone });
  const account = await readNetwork(escrow, address, "confirmed");
  compareTerms(address, account, terms);
  return { address, account };
}

function compareTerms(address: Address, account: NetworkAccount, terms: NetworkTerms): void {
  const attestors = ({ threshold, keys }: NetworkTerms["attestors"]): string => `${threshold} of ${keys.join(", ")}`;
  const fields: [field: string, found: unknown, expected: unknown][] = [
    ["the cluster", toHex(account.cluster), toHex(terms.cluster)],
    ["the operator", account.operator, terms.operator],
    ["the refund delay", account.refundDelaySeconds, terms.refundDelaySeconds],
    ["the dead time", account.deadAfterSeconds, terms.deadAfterSeconds],
    ["the rotation delay", account.rotationDelaySeconds, terms.rotationDelaySeconds],
    ["the longest validity", account.maxValiditySeconds, terms.maxValiditySeconds],
  ];
  if (account.setVersion === 0) {
    fields.push(["the attestors", attestors(account.current), attestors(terms.attestors)]);
  }
  for (const [field, found, expected] of fields) {
    if (found === expected) continue;
    throw earnestError("ESCROW_TERMS_MISMATCH", {
      kind: "network",
      address,
      field,
      found: String(found),
      expected: String(expected),
    });
  }
}
