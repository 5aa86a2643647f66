import type { Acknowledgement } from "../contract/receipts.ts";
import { bytes32, fromBase58, fromBase64, fromHex } from "../core/bytes.ts";
import { logLeaf, verifyPath } from "../core/log-tree.ts";
import { marketId } from "../core/market-id.ts";
import { headStatement } from "../core/statements.ts";
import { verifySignature } from "./keys.ts";
import { sha256 } from "./sha256.ts";

/** What is wrong with an acknowledgement; null where all of it holds. */
export type Flaw = "signature" | "path" | "malformed" | null;

/**
 * Checks, offline, that the network's signer signed the head and that every entry stands under it.
 *
 * @param signer the network's signing key in base58, from GET /v1/network or better from somewhere you trust
 * @param verify another implementation of Ed25519, where WebCrypto has none
 */
export async function verifyAcknowledgement(
  acknowledgement: Acknowledgement,
  signer: string,
  verify: typeof verifySignature = verifySignature,
): Promise<Flaw> {
  try {
    const { head, entries } = acknowledgement;
    const root = bytes32(fromHex(head.root));
    const market = marketId(acknowledgement.market);
    const { lane } = acknowledgement;
    const statement = headStatement({ market, lane, sequence: head.sequence, root, timeMs: head.timeMs });
    if (!(await verify(fromBase58(signer), statement, fromBase64(head.signature)))) return "signature";
    const allStand = entries.every(({ sequence, encoded, path }) => {
      const siblings = path.siblings.map((sibling) => bytes32(fromHex(sibling)));
      const isPlace = path.index === sequence - 1 && path.size === head.sequence;
      const leaf = logLeaf(sha256, fromBase64(encoded));
      return isPlace && verifyPath(sha256, leaf, { ...path, siblings }, root);
    });
    return allStand ? null : "path";
  } catch {
    return "malformed";
  }
}
