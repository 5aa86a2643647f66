import type { Address } from "@solana/kit";
import { type Bytes32, equalBytes } from "../../../core/bytes.ts";
import type { AttestorSignature } from "../../../core/commit/attestors.ts";
import type { CommitBody, CommitContext } from "../../../core/commit/commit-message.ts";
import { signedBytes } from "../../../core/commit/commit-message.ts";
import { earnestError } from "../../../core/errors.ts";
import { commit, type PoolAddresses } from "../program/instructions.ts";
import { addressOf, keyOf } from "../program/keys.ts";
import type { PoolAccount } from "../program/layouts.ts";
import { signaturesInstruction } from "../program/signatures-instruction.ts";
import { type PoolNow, readNetwork, readPool, readPoolNow } from "./accounts.ts";
import type { Escrow } from "./escrow.ts";
import { isRefusal } from "./refusals.ts";
import { type Keeping, sendPlan } from "./sending.ts";
import { signaturesToCarry } from "./signatures.ts";

/** A message that attestors signed, as it is stored before anybody signs and never made anew. */
export interface SignedCommit {
  readonly body: CommitBody;
  /** Of context and body: what was signed. */
  readonly digest: Bytes32;
  readonly signatures: readonly AttestorSignature[];
}

/** What a message on this state of network and pool binds besides its body. */
export const commitContextOf = (escrow: Escrow, at: PoolAddresses, { network, pool }: PoolNow): CommitContext => ({
  program: keyOf(escrow.program),
  cluster: network.cluster,
  network: keyOf(at.network),
  pool: keyOf(at.pool),
  setVersion: network.setVersion,
  previousDigest: pool.digest,
});

/**
 * What a pool says of a message: it is the next one; it is committed; others of its epoch or later are, which it may or
 * may not stand among.
 */
export type CommitStanding = "next" | "committed" | "passed";

/** @throws COMMIT_MISMATCH where the pool's last commit is another message of the same epoch */
export function standingOf(
  pool: Address,
  { epoch, digest }: Pick<PoolAccount, "epoch" | "digest">,
  asked: Pick<SignedCommit, "body" | "digest">,
): CommitStanding {
  if (epoch < asked.body.epoch) return "next";
  if (epoch > asked.body.epoch) return "passed";
  if (equalBytes(digest, asked.digest)) return "committed";
  throw earnestError("COMMIT_MISMATCH", { pool, epoch: String(epoch) });
}

const pollMs = 400;

/**
 * Brings a signed message onto the chain, and waits until that is final. It looks at the pool before it sends anything,
 * so it may be repeated after a crash or a lost answer, and beside others who send the same message: there is one commit
 * an epoch. `passed` says that a later epoch is committed.
 *
 * @throws COMMIT_MISMATCH; COMMIT_EXPIRED_STATE, certain only once the final clock is past its time: then another message
 * may be made; PROGRAM_REFUSED (too few signatures, a message for another state); LAMPORTS_INSUFFICIENT;
 * CHAIN_UNAVAILABLE
 */
export async function sendCommit(
  escrow: Escrow,
  at: PoolAddresses,
  asked: SignedCommit,
  keeping?: Keeping,
): Promise<Exclude<CommitStanding, "next">> {
  for (;;) {
    const standing = await finalStanding(escrow, at, asked);
    if (standing !== "next") return standing;
    if (!(await isThere(escrow, at, asked))) await tryCommit(escrow, at, asked, keeping);
    else await escrow.client.sleep(pollMs);
  }
}

async function finalStanding(escrow: Escrow, at: PoolAddresses, asked: SignedCommit): Promise<CommitStanding> {
  const { pool, now } = await readPoolNow(escrow, at, "finalized");
  const standing = standingOf(at.pool, pool, asked);
  const { epoch, validUntil } = asked.body;
  if (standing === "next" && now > validUntil) {
    throw earnestError("COMMIT_EXPIRED_STATE", { epoch: String(epoch), validUntil: String(validUntil) });
  }
  return standing;
}

/** Confirmed, though perhaps not final yet. */
const isThere = async (escrow: Escrow, at: PoolAddresses, { body }: SignedCommit): Promise<boolean> =>
  (await readPool(escrow, at.pool, "confirmed")).epoch >= body.epoch;

async function tryCommit(escrow: Escrow, at: PoolAddresses, asked: SignedCommit, keeping?: Keeping): Promise<void> {
  const { current } = await readNetwork(escrow, at.network, "confirmed");
  const signatures = asked.signatures.map(({ key, signature }) => ({ key: addressOf(key), signature }));
  const instructions = [
    signaturesInstruction(signedBytes("commit", asked.digest), signaturesToCarry(current, signatures)),
    commit(at, asked.body),
  ];
  try {
    await sendPlan(escrow, { instructions }, { keeping, isDone: () => isThere(escrow, at, asked) });
  } catch (error) {
    // Too late for this cluster's newest clock; the final one will say so for good.
    if (!isRefusal(error, "EXPIRED")) throw error;
    await escrow.client.sleep(pollMs);
  }
}
