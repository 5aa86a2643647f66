import type { Address } from "@solana/kit";
import type { Bytes32 } from "../../../core/bytes.ts";
import { signedBytes } from "../../../core/commit/commit-message.ts";
import { encodeRotation, rotationDigest } from "../../../core/commit/rotation-message.ts";
import { activateRotation, cancelRotation, proposeRotation } from "../program/instructions.ts";
import { keyOf, sha256 } from "../program/keys.ts";
import type { AttestorSet } from "../program/layouts.ts";
import { type AttestorSignature, signaturesInstruction } from "../program/signatures-instruction.ts";
import { readNetwork } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";
import { sendPlan } from "./sending.ts";
import { signaturesToCarry } from "./signatures.ts";

/** Another set of attestors, as the present ones sign it and the new ones activate it. */
export interface Rotation {
  readonly network: Address;
  readonly data: Uint8Array;
  readonly digest: Bytes32;
  /** The 48 bytes to sign. */
  readonly message: Uint8Array;
}

/**
 * The message of a rotation. It holds for the network's present state: another proposal or rotation makes it void.
 *
 * @throws ESCROW_ACCOUNT_NOT_FOUND
 */
export async function composeRotation(
  escrow: Escrow,
  network: Address,
  set: AttestorSet,
  validUntil: bigint,
): Promise<Rotation> {
  const { cluster, setVersion, proposals } = await readNetwork(escrow, network, "finalized");
  const rotation = { validUntil, attestors: { ...set, keys: set.keys.map(keyOf) } };
  const context = { program: keyOf(escrow.program), cluster, network: keyOf(network), setVersion, proposals };
  const digest = rotationDigest(sha256, context, rotation);
  return { network, data: encodeRotation(rotation), digest, message: signedBytes("rotate", digest) };
}

/** Signed by the present attestors. @throws PROGRAM_REFUSED; as `sendPlan` */
export async function sendProposal(
  escrow: Escrow,
  { network, data, digest, message }: Rotation,
  signatures: readonly AttestorSignature[],
): Promise<void> {
  const isDone = async (): Promise<boolean> => isPending(escrow, network, digest);
  const { current } = await readNetwork(escrow, network, "confirmed");
  const instructions = [
    signaturesInstruction(message, signaturesToCarry(current, signatures)),
    proposeRotation(escrow.program, network, data),
  ];
  await sendPlan(escrow, { instructions }, { isDone });
}

async function isPending(escrow: Escrow, network: Address, digest: Bytes32): Promise<boolean> {
  const { pending, pendingDigest } = await readNetwork(escrow, network, "confirmed");
  return pending.keys.length > 0 && Buffer.from(pendingDigest).equals(digest);
}

/** Signed by the new attestors, after the delay. @throws PROGRAM_REFUSED (ROTATION_TOO_EARLY); as `sendPlan` */
export async function sendActivation(
  escrow: Escrow,
  { network, digest, message }: Rotation,
  signatures: readonly AttestorSignature[],
): Promise<void> {
  const isDone = async (): Promise<boolean> => !(await isPending(escrow, network, digest));
  const { pending } = await readNetwork(escrow, network, "confirmed");
  const instructions = [
    signaturesInstruction(message, signaturesToCarry(pending, signatures)),
    activateRotation(escrow.program, network),
  ];
  await sendPlan(escrow, { instructions }, { isDone });
}

/** The message that calls the pending rotation off. */
export const composeCancellation = async (escrow: Escrow, network: Address): Promise<Uint8Array> =>
  signedBytes("cancel", (await readNetwork(escrow, network, "finalized")).pendingDigest);

/** Signed by the present attestors. @throws PROGRAM_REFUSED (NO_ROTATION); as `sendPlan` */
export async function sendCancellation(
  escrow: Escrow,
  network: Address,
  message: Uint8Array,
  signatures: readonly AttestorSignature[],
): Promise<void> {
  const isDone = async (): Promise<boolean> =>
    (await readNetwork(escrow, network, "confirmed")).pending.keys.length === 0;
  const { current } = await readNetwork(escrow, network, "confirmed");
  const instructions = [
    signaturesInstruction(message, signaturesToCarry(current, signatures)),
    cancelRotation(escrow.program, network),
  ];
  await sendPlan(escrow, { instructions }, { isDone });
}
