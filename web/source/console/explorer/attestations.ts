import { sha256 } from "../../../../src/client/sha256.ts";
import type { Commit } from "../../../../src/contract/commits.ts";
import type { Network } from "../../../../src/contract/network.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, fromBase64, fromHex } from "../../../../src/core/bytes.ts";
import { decodeCommit, signedBytes } from "../../../../src/core/commit/commit-message.ts";
import { outcomeStatement } from "../../../../src/core/statements.ts";
import type { Verify } from "../../receipts/proof.ts";

/** What an attestor signed, by the message itself: whoever shows it cannot change it. */
interface Signed {
  readonly digest: string;
  readonly epoch: bigint;
  readonly asOfMs: number;
}

export interface Attestation {
  readonly key: string;
  readonly signed: readonly Signed[];
  /** Of the highest epoch. */
  readonly last: Signed | null;
  /** Whether most of those who signed that epoch signed the same. */
  readonly agrees: boolean;
  readonly refusals: readonly { readonly epoch: string; readonly code: string }[];
  /** What is shown under its key and is not its signature. */
  readonly forged: number;
}

/** What each attestor says of some commits, by its own signatures over their messages. */
export async function attestationsOf(
  network: Network,
  commits: readonly Commit[],
  verify: Verify,
): Promise<Attestation[]> {
  const read = commits.map((commit) => ({ commit, signed: messageOf(network, commit) }));
  const all = await Promise.all(network.attestors.keys.map((key) => ofAttestor(key, read, verify)));
  return all.map((each) => ({ ...each, agrees: each.last !== null && isOfMost(each.last, all) }));
}

interface Read {
  readonly commit: Commit;
  /** Null where the message is not of this pool, or not what its digest says. */
  readonly signed: Signed | null;
}

function messageOf({ program, network, pool }: Network, { message, digest }: Commit): Signed | null {
  try {
    const bytes = fromBase64(message);
    const { context, body } = decodeCommit(bytes);
    const isOurs =
      equalBytes(sha256(bytes), fromHex(digest)) &&
      equalBytes(context.program, fromBase58(program)) &&
      equalBytes(context.network, fromBase58(network)) &&
      equalBytes(context.pool, fromBase58(pool));
    return isOurs ? { digest, epoch: body.epoch, asOfMs: Number(body.asOf) * 1_000 } : null;
  } catch {
    return null;
  }
}

async function ofAttestor(key: string, read: readonly Read[], verify: Verify): Promise<Omit<Attestation, "agrees">> {
  const publicKey = fromBase58(key);
  const signed: Signed[] = [];
  const refusals: { epoch: string; code: string }[] = [];
  let forged = 0;
  for (const { commit, signed: message } of read) {
    const digest = bytes32(fromHex(commit.digest));
    for (const { signature } of commit.signatures.filter((each) => each.key === key)) {
      const isOwn = await verify(publicKey, signedBytes("commit", digest), fromBase64(signature)).catch(() => false);
      if (isOwn && message !== null) signed.push(message);
      else forged++;
    }
    for (const said of commit.outcomes.filter((each) => each.key === key)) {
      if (!(await isSaid(publicKey, digest, said, verify))) forged++;
      else if (said.outcome === "refuse") refusals.push({ epoch: commit.epoch, code: said.code });
    }
  }
  const last = signed.reduce<Signed | null>(
    (newest, each) => (newest === null || each.epoch > newest.epoch ? each : newest),
    null,
  );
  return { key, signed, last, refusals, forged };
}

const isSaid = (
  key: Uint8Array,
  digest: Bytes32,
  { outcome, code, place, what, signature }: Commit["outcomes"][number],
  verify: Verify,
): Promise<boolean> =>
  verify(key, outcomeStatement({ digest, outcome, code, place, what }), fromBase64(signature)).catch(() => false);

/** An epoch may have several messages, where one came too late to be used: what counts is which has most signatures. */
function isOfMost({ digest, epoch }: Signed, all: readonly Pick<Attestation, "signed">[]): boolean {
  const votes = new Map<string, number>();
  for (const { signed } of all) {
    for (const each of signed) if (each.epoch === epoch) votes.set(each.digest, (votes.get(each.digest) ?? 0) + 1);
  }
  return votes.get(digest) === Math.max(...votes.values());
}
