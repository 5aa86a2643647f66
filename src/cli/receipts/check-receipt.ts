import { toBase58 } from "../../core/bytes.ts";
import { isEarnestError } from "../../core/errors.ts";
import { formatSlot, slotKey } from "../../core/slot.ts";
import { decodeReceipt, type Receipt } from "../../market/settlement/receipt.ts";
import { type ReceiptFacts, ReceiptVerifier, receiptReasons } from "../../market/settlement/verify-receipt.ts";
import { isSignedByKey, sha256 } from "../crypto.ts";
import type { ReceiptRow } from "./receipts-file.ts";
import { NoReceipt, Refused, refuse } from "./refused.ts";
import type { TokenTrust, Trusted, TrustedToken } from "./trust.ts";

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
  /** Base units that the verdicts paid, by mint: amounts of several tokens are never added up. */
  readonly paid: Map<string, bigint>;
}

/** What stands for the home token where nobody says which that is. */
export const homeToken = "";

interface Checking extends TokenTrust {
  readonly verifier: ReceiptVerifier;
}

/** Checks portable receipts, each against its own token's pool, and that the words beside them are theirs. */
export class ReceiptCheck {
  readonly #trustOf: Trusted["trustOf"];
  readonly #byPool = new Map<string | null, Checking>();
  #last: { readonly text: string; readonly receipt: Receipt } | null = null;
  /** Slots that were counted, by lane of a market. */
  readonly #counted = new Map<string, Set<number>>();
  readonly counts: ReceiptCounts = { completed: 0, first: 0, verdicts: {}, reasons: {}, paid: new Map() };

  constructor(trustOf: Trusted["trustOf"]) {
    this.#trustOf = trustOf;
  }

  /** Finds out whom to trust with a row, before it is checked. @throws as the chain does */
  async meet({ receipt: text }: Pick<ReceiptRow, "receipt">): Promise<void> {
    const pool = this.#poolIn(text);
    if (this.#byPool.has(pool)) return;
    const trusted = await this.#trustOf(pool);
    this.#byPool.set(pool, { ...trusted, verifier: new ReceiptVerifier(trusted.trust, sha256, isSignedByKey) });
  }

  /** Of a row that was met. @throws Refused */
  check(row: Partial<ReceiptRow> & Pick<ReceiptRow, "receipt">): ReceiptFacts {
    const receipt = this.#decode(row.receipt);
    const { verifier, token } = this.#byPool.get(poolOf(receipt)) as Checking;
    const slot = formatSlot(receipt.slot);
    const facts = verifier.verify(receipt);
    if (!facts.ok) refuse(`slot ${slot}: ${receiptReasons[facts.reason]} (${facts.where})`);
    if (receipt.commit !== null && token !== null && !isIn(token, facts.mint))
      refuse(`slot ${slot}: its commit is of another token than its market pays in`);
    const epoch = facts.committed === null ? null : `${facts.committed.epoch}`;
    const said = { slot, verdict: facts.verdict, reason: facts.reason, epoch };
    for (const name of ["slot", "verdict", "reason", "epoch"] as const) {
      if (row[name] === undefined || row[name] === said[name]) continue;
      refuse(`slot ${slot}: beside it stands the ${name} ${row[name]}, it proves ${said[name]}`);
    }
    if (this.#isNew(receipt)) this.#count(facts);
    return facts;
  }

  /** Null also where it cannot be decoded, for which nobody has to be trusted. */
  #poolIn(text: string): string | null {
    try {
      return poolOf(this.#decode(text));
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  /** A row is met, and checked in the next moment. */
  #decode(text: string): Receipt {
    if (this.#last?.text !== text) this.#last = { text, receipt: decode(text) };
    return this.#last.receipt;
  }

  #isNew({ market, lane, slot }: Receipt): boolean {
    const name = `${market}/${lane}`;
    const counted = this.#counted.get(name) ?? new Set<number>();
    this.#counted.set(name, counted);
    const before = counted.size;
    return counted.add(slotKey(slot)).size > before;
  }

  #count({ committed, verdict, reason, paid, mint }: ReceiptFacts): void {
    const { counts } = this;
    if (committed === null) counts.first++;
    else counts.completed++;
    counts.verdicts[verdict] = (counts.verdicts[verdict] ?? 0) + 1;
    if (verdict !== "accepted") counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
    const name = mint ?? homeToken;
    counts.paid.set(name, (counts.paid.get(name) ?? 0n) + paid);
  }
}

const poolOf = ({ commit }: Receipt): string | null => (commit === null ? null : toBase58(commit.message.context.pool));

const isIn = ({ mint, isHome }: TrustedToken, named: string | null): boolean =>
  named === mint || (named === null && isHome);

/** Node's decoder is the fast one, but reads anything; what it read must be what stood there. @throws Refused */
export function decode(text: string): Receipt {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new NoReceipt("its receipt is not base64");
  try {
    return decodeReceipt(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_ENCODING")) throw error;
    throw new NoReceipt("its receipt cannot be decoded");
  }
}
