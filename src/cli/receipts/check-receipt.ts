import { isEarnestError } from "../../core/errors.ts";
import { formatSlot, slotKey } from "../../core/slot.ts";
import { decodeReceipt, type Receipt } from "../../market/settlement/receipt.ts";
import {
  type ReceiptFacts,
  type ReceiptTrust,
  ReceiptVerifier,
  receiptReasons,
} from "../../market/settlement/verify-receipt.ts";
import { isSignedByKey, sha256 } from "../crypto.ts";
import type { ReceiptRow } from "./receipts-file.ts";
import { refuse } from "./refused.ts";

/** What portable receipts came to, each slot counted once. */
export interface ReceiptCounts {
  /** Standing on a commit that attestors signed. */
  completed: number;
  /** Standing on a signed head alone. */
  first: number;
  /** How many submissions were accepted, rejected, void or under review. */
  readonly verdicts: Record<string, number>;
  /** Why, for all that were not accepted. */
  readonly reasons: Record<string, number>;
  /** Base units that the verdicts paid. */
  paid: bigint;
}

/** Checks portable receipts, and that the words beside them are theirs. */
export class ReceiptCheck {
  readonly #verifier: ReceiptVerifier;
  /** Slots that were counted, by lane of a market. */
  readonly #counted = new Map<string, Set<number>>();
  readonly counts: ReceiptCounts = { completed: 0, first: 0, verdicts: {}, reasons: {}, paid: 0n };

  constructor(trust: ReceiptTrust) {
    this.#verifier = new ReceiptVerifier(trust, sha256, isSignedByKey);
  }

  /** @throws Refused */
  check(row: Partial<ReceiptRow> & Pick<ReceiptRow, "receipt">): ReceiptFacts {
    const receipt = decode(row.receipt);
    const slot = formatSlot(receipt.slot);
    const facts = this.#verifier.verify(receipt);
    if (!facts.ok) refuse(`slot ${slot}: ${receiptReasons[facts.reason]} (${facts.where})`);
    const epoch = facts.committed === null ? null : `${facts.committed.epoch}`;
    const said = { slot, verdict: facts.verdict, reason: facts.reason, epoch };
    for (const name of ["slot", "verdict", "reason", "epoch"] as const) {
      if (row[name] === undefined || row[name] === said[name]) continue;
      refuse(`slot ${slot}: beside it stands the ${name} ${row[name]}, it proves ${said[name]}`);
    }
    if (this.#isNew(receipt)) this.#count(facts);
    return facts;
  }

  #isNew({ market, lane, slot }: Receipt): boolean {
    const name = `${market}/${lane}`;
    const counted = this.#counted.get(name) ?? new Set<number>();
    this.#counted.set(name, counted);
    const before = counted.size;
    return counted.add(slotKey(slot)).size > before;
  }

  #count({ committed, verdict, reason, paid }: ReceiptFacts): void {
    const { counts } = this;
    if (committed === null) counts.first++;
    else counts.completed++;
    counts.verdicts[verdict] = (counts.verdicts[verdict] ?? 0) + 1;
    if (verdict !== "accepted") counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
    counts.paid += paid;
  }
}

/** Node's decoder is the fast one, but reads anything; what it read must be what stood there. @throws Refused */
export function decode(text: string): Receipt {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) refuse("its receipt is not base64");
  try {
    return decodeReceipt(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_ENCODING")) throw error;
    return refuse("its receipt cannot be decoded");
  }
}
