import type { KeyObject } from "node:crypto";
import type { SignedHead } from "../../contract/receipts.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, fromBase64, fromHex, toHex } from "../../core/bytes.ts";
import { emptyLogTree, GrowingLogTree, logRoot } from "../../core/log-tree.ts";
import { marketId } from "../../core/market-id.ts";
import { bodyHashes, headStatement } from "../../core/statements.ts";
import { kindNumberOf } from "../../market/entries.ts";
import type { StoredRecord } from "../../market/replay.ts";
import { isSignedBy, publicKeyOf, sha256 } from "../crypto.ts";
import { sha256All } from "../sha256/sha256-all.ts";
import type { FileRecord, LogHeader, LogLine } from "./log-file.ts";

export const rootDiffers = "the root is not that of the head: an entry up to here is not the one that was signed";

export const compareDifferences = (a: Difference, b: Difference): number => a.lane - b.lane || a.sequence - b.sequence;

/** Where a log is not what the rules make of it. */
export interface Difference {
  readonly lane: number;
  readonly sequence: number;
  readonly what: string;
}

/**
 * One lane's log as bytes: that its records are numbered, that they hash to its head, and who signed that. What the
 * records say is for `LaneRules`, which may run in another thread.
 */
export class LaneReading {
  readonly #tree = new GrowingLogTree(sha256, emptyLogTree, sha256All);
  readonly #signer: KeyObject | null;
  #header: LogHeader | null = null;
  #isEnded = false;
  #difference: Difference | null = null;
  /** Records read, whether or not they were looked at. */
  entries = 0;
  root: string | null = null;

  /** @param signer who must have signed the head; null for the one that the file names */
  constructor(signer: Bytes32 | null) {
    this.#signer = signer === null ? null : publicKeyOf(signer);
  }

  /** Takes lines in order, and gives the records that stand where they should. */
  take(lines: readonly LogLine[]): StoredRecord[] {
    const records: FileRecord[] = [];
    for (const line of lines) {
      if (line.type === "header") this.#header = line;
      else if (line.type === "end") this.#end(line.head);
      else if (line.type === "damaged") this.#differs(this.entries + 1, line.problem);
      else if (line.type === "record") {
        this.entries++;
        if (this.#isEnded) this.#differs(this.entries, "the log goes on after its head");
        else if (line.sequence !== this.entries) {
          this.#differs(this.entries, `entry ${line.sequence} stands in its place`);
        }
        if (this.#difference !== null) continue;
        this.#tree.append(line.encoded);
        records.push(line);
      }
    }
    return withBodyHashes(records);
  }

  get header(): LogHeader {
    return this.#header as LogHeader;
  }

  /** Once all lines were taken. */
  get difference(): Difference | null {
    if (!this.#isEnded) this.#differs(this.entries, "the log ends without its signed head");
    return this.#difference;
  }

  #end(head: SignedHead): void {
    this.#isEnded = true;
    if (this.#difference !== null) return;
    const { size } = this.#tree;
    const root = bytes32(fromHex(head.root));
    if (head.sequence !== size) this.#differs(size, `the log ends here, its head at ${head.sequence}`);
    else if (!equalBytes(logRoot(sha256, this.#tree), root)) this.#differs(size, rootDiffers);
    else if (!this.#isSigned(head, root)) this.#differs(size, "the head is not signed by the network's signer");
    else this.root = toHex(root);
  }

  #isSigned({ sequence, timeMs, signature }: SignedHead, root: Bytes32): boolean {
    const { market, lane, network } = this.header;
    const signer = this.#signer ?? (network === null ? null : publicKeyOf(bytes32(fromBase58(network.signer))));
    if (signer === null) return true;
    const statement = headStatement({ market: marketId(market), lane, sequence, root, timeMs });
    return isSignedBy(signer, statement, fromBase64(signature));
  }

  #differs(sequence: number, what: string): void {
    this.#difference ??= { lane: this.#header?.lane ?? 0, sequence, what };
  }
}

const submittedKind = kindNumberOf("submitted");
const hashBytes = 32;

/** Bodies of submissions are hashed with all others of a reading, and by whoever reads: the rules have more to do. */
function withBodyHashes(records: readonly FileRecord[]): StoredRecord[] {
  const isBody = ({ encoded, attachment }: FileRecord): boolean => attachment !== null && encoded[0] === submittedKind;
  const bodies = records.filter(isBody).map(({ attachment }) => attachment as Uint8Array);
  const hashes = bodyHashes(sha256All, bodies);
  let at = 0;
  return records.map((record): StoredRecord => {
    const { encoded, attachment } = record;
    if (!isBody(record)) return { encoded, attachment, bodyHash: null };
    at += hashBytes;
    return { encoded, attachment, bodyHash: bytes32(hashes.subarray(at - hashBytes, at)) };
  });
}
