import { sha256 } from "../../../src/client/sha256.ts";
import type { Acknowledgement } from "../../../src/contract/receipts.ts";
import { bytes32, equalBytes, fromBase58, fromBase64, fromHex, toHex } from "../../../src/core/bytes.ts";
import { logLeaf, rootOfPath } from "../../../src/core/log-tree.ts";
import { marketId } from "../../../src/core/market-id.ts";
import { headStatement } from "../../../src/core/statements.ts";
import { decodeEntry, type Entry } from "../../../src/market/entries.ts";
import { verify } from "../keys/wallet.ts";

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

export interface Proof {
  /** The root that the network signed. */
  readonly root: string;
  readonly isSigned: boolean;
  readonly entries: readonly ProvedEntry[];
  readonly holds: boolean;
}

/**
 * Checks a receipt in this page, with the code that the server and attestors run, and keeps what was computed on the
 * way, so that whoever doubts sees the two hashes that differ.
 */
export async function proofOf(acknowledgement: Acknowledgement, signer: string): Promise<Proof> {
  const { head } = acknowledgement;
  const isSigned = await isHeadSigned(acknowledgement, signer).catch(() => false);
  const entries = acknowledgement.entries.map((each) => provedEntry(each, head.root, head.sequence));
  return { root: head.root, isSigned, entries, holds: isSigned && entries.every(({ stands }) => stands) };
}

async function isHeadSigned({ market, lane, head }: Acknowledgement, signer: string): Promise<boolean> {
  const root = bytes32(fromHex(head.root));
  const statement = headStatement({
    market: marketId(market),
    lane,
    sequence: head.sequence,
    root,
    timeMs: head.timeMs,
  });
  return await verify(fromBase58(signer), statement, fromBase64(head.signature));
}

function provedEntry(
  { sequence, encoded, path }: Acknowledgement["entries"][number],
  root: string,
  size: number,
): ProvedEntry {
  const bytes = attempt(() => fromBase64(encoded)) ?? new Uint8Array();
  const leaf = logLeaf(sha256, bytes);
  const siblings = attempt(() => path.siblings.map((each) => bytes32(fromHex(each))));
  const reached = siblings === null ? null : rootOfPath(sha256, leaf, { ...path, siblings });
  const isPlace = path.index === sequence - 1 && path.size === size;
  return {
    sequence,
    entry: attempt(() => decodeEntry(bytes)),
    leaf: toHex(leaf),
    reached: reached === null ? null : toHex(reached),
    stands: isPlace && reached !== null && equalBytes(reached, fromHex(root)),
  };
}

function attempt<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch {
    return null;
  }
}
