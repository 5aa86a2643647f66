import { sha256 } from "../../../src/client/sha256.ts";
import type { Network } from "../../../src/contract/network.ts";
import type { Acknowledgement } from "../../../src/contract/receipts.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, fromBase64, fromHex, toHex } from "../../../src/core/bytes.ts";
import type { AttestorSet } from "../../../src/core/commit/attestors.ts";
import { type LogPath, logLeaf, rootOfPath } from "../../../src/core/log-tree.ts";
import { marketId } from "../../../src/core/market-id.ts";
import type { PoolTrust } from "../../../src/core/pool-trust.ts";
import { headStatement } from "../../../src/core/statements.ts";
import { decodeEntry, type Entry } from "../../../src/market/entries.ts";
import { placesOf, trustOfChain } from "../../../src/market/settlement/chain-trust.ts";
import { CheckedSignatures } from "../../../src/market/settlement/checked-signatures.ts";
import { decodeReceipt, type Receipt } from "../../../src/market/settlement/receipt.ts";
import {
  type OnChain,
  type ReceiptFacts,
  type ReceiptProblem,
  type ReceiptTrust,
  receiptReasons,
  verifyReceipt,
} from "../../../src/market/settlement/verify-receipt.ts";

/** Ed25519 as this browser has it. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/** One entry of a receipt: what it says, and where its path leads. */
export interface ProvedEntry {
  readonly sequence: number;
  /** Null where its bytes say nothing. */
  readonly entry: Entry | null;
  readonly leaf: string;
  /** The root that the path leads to; null where it leads nowhere. */
  readonly reached: string | null;
  readonly stands: boolean;
}

/** Who stands for the root: the network's signer, or attestors by a commit. */
export type Anchor = { readonly isSigned: boolean } & (
  | { readonly by: "signer"; readonly timeMs: number }
  | { readonly by: "attestors"; readonly epoch: string; readonly signatures: number; readonly attestors: number }
);

/** What was computed on the way is kept, so that whoever doubts sees the two hashes that differ. */
export interface Proof {
  readonly market: string;
  /** The root that everything hangs on, and how many entries are under it. */
  readonly root: string;
  readonly size: number;
  readonly anchor: Anchor;
  readonly entries: readonly ProvedEntry[];
  readonly holds: boolean;
  /** What a slot's receipt proves; null for an acknowledgement, which proves entries only. */
  readonly facts: ReceiptFacts | null;
  /** What is wrong with a slot's receipt, in the verifier's words. */
  readonly problem: { readonly code: string; readonly text: string } | null;
  /** What of its commit the chain has, which may be behind; null where nobody looked, or there is no commit. */
  readonly onChain: OnChain | "notYet" | null;
}

/** Checks the proof that entries stand in a log, with the code that the server runs. */
export async function proofOfEntries(
  acknowledgement: Acknowledgement,
  { signer }: Network,
  verify: Verify,
): Promise<Proof> {
  const { market, head } = acknowledgement;
  const isSigned = await isHeadSigned(acknowledgement, signer, verify).catch(() => false);
  const entries = acknowledgement.entries.map(({ sequence, encoded, path }) =>
    provedEntry(
      attempt(() => ({
        sequence,
        encoded: fromBase64(encoded),
        path: { ...path, siblings: path.siblings.map((each) => bytes32(fromHex(each))) },
      })) ?? { sequence, encoded: new Uint8Array(), path: null },
      fromHex(head.root),
      head.sequence,
    ),
  );
  return {
    market,
    root: head.root,
    size: head.sequence,
    anchor: { by: "signer", timeMs: head.timeMs, isSigned },
    entries,
    holds: isSigned && entries.every(({ stands }) => stands),
    facts: null,
    problem: null,
    onChain: null,
  };
}

async function isHeadSigned({ market, lane, head }: Acknowledgement, signer: string, verify: Verify): Promise<boolean> {
  const root = bytes32(fromHex(head.root));
  const { sequence, timeMs } = head;
  const statement = headStatement({ market: marketId(market), lane, sequence, root, timeMs });
  return await verify(fromBase58(signer), statement, fromBase64(head.signature));
}

/**
 * Checks what became of a submission, with the verifier of `earnest receipts verify`. Whom to trust is what the chain
 * said, or else what the network says of itself.
 *
 * @throws MALFORMED_ENCODING where it is no receipt
 */
export async function proofOfSlot(
  encoded: Uint8Array,
  network: Network,
  verify: Verify,
  chain: PoolTrust | null = null,
): Promise<Proof> {
  const receipt = decodeReceipt(encoded);
  // What the chain has not finalized yet is no fault of the receipt's: until then it stands on what the network says.
  const isAhead = chain !== null && receipt.commit !== null && receipt.commit.message.body.epoch > chain.epoch;
  const trust =
    chain === null || isAhead ? trustIn(network) : trustOfChain(keyOf(network.signer), network, chain, setIn(network));
  const checked = new CheckedSignatures(({ key, message, signature }) => verify(key, message, signature));
  await checked.check(receipt, trust, sha256);
  const found = verifyReceipt(receipt, trust, sha256, checked.verify);
  const { root, size } = rootOf(receipt);
  return {
    market: receipt.market,
    root: toHex(root),
    size,
    anchor: anchorOf(receipt, found.ok || beyondAnchor.has(found.reason), network),
    entries: receipt.entries.map((each) => provedEntry(each, root, size)),
    holds: found.ok,
    facts: found.ok ? found : null,
    problem: found.ok ? null : { code: found.reason, text: `${receiptReasons[found.reason]} (${found.where})` },
    onChain: isAhead ? "notYet" : found.ok ? (found.committed?.onChain ?? null) : null,
  };
}

/** What can only be found wrong once the signatures over the root were good. */
const beyondAnchor: ReadonlySet<string> = new Set<ReceiptProblem["reason"]>([
  "ENTRY_NOT_IN_LOG",
  "ENTRY_MALFORMED",
  "ENTRY_MISSING",
  "ENTRY_OF_ANOTHER",
  "TASK_NOT_IN_BATCH",
  "NOT_DECIDED",
  "PAYOUT_OF_ANOTHER",
]);

function trustIn(network: Network): ReceiptTrust {
  const set = setIn(network);
  return { signer: keyOf(network.signer), commits: { ...placesOf(network), sets: { get: () => set } } };
}

export const setIn = ({ attestors }: Network): AttestorSet => ({
  threshold: attestors.threshold,
  keys: attestors.keys.map(keyOf),
});

const keyOf = (address: string): Bytes32 => bytes32(fromBase58(address));

function rootOf({ head, commit }: Receipt): { readonly root: Uint8Array; readonly size: number } {
  if (commit !== null) return commit.lane;
  return head === null ? { root: new Uint8Array(32), size: 0 } : { root: head.root, size: head.sequence };
}

function anchorOf({ head, commit }: Receipt, isSigned: boolean, { attestors }: Network): Anchor {
  if (commit === null) return { by: "signer", timeMs: head?.timeMs ?? 0, isSigned: head !== null && isSigned };
  const { message, signatures } = commit;
  return {
    isSigned,
    by: "attestors",
    epoch: `${message.body.epoch}`,
    signatures: signatures.length,
    attestors: attestors.keys.length,
  };
}

interface Placed {
  readonly sequence: number;
  readonly encoded: Uint8Array;
  readonly path: LogPath | null;
}

function provedEntry({ sequence, encoded, path }: Placed, root: Uint8Array, size: number): ProvedEntry {
  const leaf = logLeaf(sha256, encoded);
  const reached = path === null ? null : rootOfPath(sha256, leaf, path);
  const isPlace = path?.index === sequence - 1 && path.size === size;
  return {
    sequence,
    entry: attempt(() => decodeEntry(encoded)),
    leaf: toHex(leaf),
    reached: reached === null ? null : toHex(reached),
    stands: isPlace && reached !== null && equalBytes(reached, root),
  };
}

function attempt<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch {
    return null;
  }
}
