import { type Amount, amount } from "../../core/amount.ts";
import { type Bytes32, bytes32 } from "../../core/bytes.ts";
import { earnestError, isEarnestError } from "../../core/errors.ts";
import type { Hash } from "../../core/hash.ts";
import { GrowingLogTree, logRoot } from "../../core/log-tree.ts";
import { decodeEntry, type Entry, encodeEntry, isInput } from "../entries.ts";
import type { StoredRecord } from "../replay.ts";

/** What a dishonest operator may do to a log: each of them leaves a log that can be read, hashed and signed like any. */
export const tamperings = ["verdict", "amount", "model", "drop", "insert", "reorder"] as const;
export type Tampering = (typeof tamperings)[number];

export interface Tampered {
  /** All records of the lane, one thing altered; what follows stands as it stood. */
  readonly records: readonly StoredRecord[];
  /** The entry that is altered, missing, new, or the first of the two that changed places. */
  readonly sequence: number;
  /** For people: what was done to it. */
  readonly what: string;
  /**
   * What shows it. The rules name the entry itself. An input that the rules would admit in either form shows in nothing
   * but a head that somebody else kept, or on the chain.
   */
  readonly shownBy: "rules" | "head";
}

/**
 * A lane's log with one thing altered, to see that those who check it refuse it.
 *
 * @param sequence of the entry; null for the one that shows best
 * @throws MALFORMED_REQUEST where the log has no entry that can be altered so
 */
export function tamper(records: readonly StoredRecord[], how: Tampering, sequence: number | null = null): Tampered {
  const at = sequence === null ? usualPlace(records, how) : sequence - 1;
  const record = records[at];
  if (record === undefined) throw cannot(sequence, how);
  const entry = decodeEntry(record.encoded);
  const done = (changed: readonly StoredRecord[], what: string, shownBy: Tampered["shownBy"] = "rules"): Tampered => ({
    records: changed,
    sequence: at + 1,
    what,
    shownBy,
  });
  switch (how) {
    case "drop":
      return done(records.toSpliced(at, 1), `${entry.kind} left out`, isInput(entry) ? "head" : "rules");
    case "insert":
      return done(records.toSpliced(at, 0, insertedBefore(records, at, sequence)), "a verdict that nothing led to");
    case "reorder": {
      const next = records[at + 1];
      if (next === undefined) throw cannot(sequence, how);
      const exchanged = records.toSpliced(at, 2, next, record);
      const { kind } = decodeEntry(next.encoded);
      const isByRules = !isInput(decodeEntry(next.encoded)) || !isInput(entry);
      return done(exchanged, `${entry.kind} and ${kind} exchanged`, isByRules ? "rules" : "head");
    }
    default: {
      const altered = alter(entry, how);
      if (altered === null) throw cannot(sequence, how);
      const changed = { encoded: encodeEntry(altered), attachment: record.attachment };
      return done(records.with(at, changed), `another ${how} in ${entry.kind}`, isInput(entry) ? "head" : "rules");
    }
  }
}

/** The entries of a log that can be altered so. */
export function tamperable(records: readonly StoredRecord[], how: Tampering): number[] {
  return records.flatMap((_, at) => (canTamper(records, how, at + 1) ? [at + 1] : []));
}

function canTamper(records: readonly StoredRecord[], how: Tampering, sequence: number): boolean {
  try {
    tamper(records, how, sequence);
    return true;
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_REQUEST")) throw error;
    return false;
  }
}

/** What a head over these records would say, by whoever signs it. */
export function rootOfRecords(hash: Hash, records: readonly StoredRecord[]): Bytes32 {
  const tree = new GrowingLogTree(hash);
  for (const { encoded } of records) tree.append(encoded);
  return logRoot(hash, tree);
}

type Altering = "verdict" | "amount" | "model";

/** The entry with something else in it that it could say; null where it says nothing of that sort. */
function alter(entry: Entry, how: Altering): Entry | null {
  if (how === "model") return entry.kind === "modelAdopted" ? { ...entry, hash: otherHash(entry.hash) } : null;
  if (how === "amount") return otherAmount(entry);
  return otherVerdict(entry);
}

function otherVerdict(entry: Entry): Entry | null {
  switch (entry.kind) {
    case "judged":
    case "verified":
      return { ...entry, ...opposite(entry.verdict) };
    case "settled":
    case "appealSettled":
    case "challengeSettled": {
      const [first, ...others] = entry.rulings;
      return first === undefined ? null : { ...entry, rulings: [{ ...first, ...opposite(first.verdict) }, ...others] };
    }
    case "reviewed":
      return { ...entry, accepted: !entry.accepted };
    default:
      return null;
  }
}

const opposite = (verdict: string) =>
  verdict === "accepted"
    ? ({ verdict: "rejected", reason: "DISAGREES" } as const)
    : ({ verdict: "accepted", reason: "AGREES" } as const);

function otherAmount(entry: Entry): Entry | null {
  switch (entry.kind) {
    case "closed":
      return { ...entry, refund: more(entry.refund) };
    case "challenged":
      return { ...entry, stake: more(entry.stake) };
    case "appealed":
      return { ...entry, cost: more(entry.cost) };
    case "funded":
    case "bonusPaid":
    case "sent":
    case "received":
      return { ...entry, amount: more(entry.amount) };
    default:
      return null;
  }
}

const more = (value: Amount): Amount => amount(value + 1n);

function otherHash(hash: Bytes32): Bytes32 {
  const [first = 0, ...rest] = hash;
  return bytes32(Uint8Array.of(first ^ 1, ...rest));
}

/** A verdict on the last submission before the place: a consequence, which nothing there leads to. */
function insertedBefore(records: readonly StoredRecord[], at: number, sequence: number | null): StoredRecord {
  for (let before = at - 1; before >= 0; before--) {
    const entry = decodeEntry((records[before] as StoredRecord).encoded);
    if (entry.kind !== "submitted") continue;
    const { task, ordinal } = entry;
    const judged: Entry = { kind: "judged", task, ordinal, verdict: "accepted", reason: "REVIEW_LATE" };
    return { encoded: encodeEntry(judged), attachment: null };
  }
  throw cannot(sequence, "insert");
}

/** Which kinds show an alteration best, the best first. */
const usualKinds: { readonly [How in Tampering]: readonly Entry["kind"][] } = {
  verdict: ["settled", "judged", "verified", "appealSettled", "challengeSettled", "reviewed"],
  amount: ["closed", "appealed", "challenged", "bonusPaid", "funded", "received", "sent"],
  model: ["modelAdopted"],
  drop: ["settled", "judged", "verified", "expired", "submitted"],
  insert: ["submitted"],
  reorder: ["settled", "judged", "verified", "expired", "signed"],
};

/** The middle one of the best kind there is: what is altered has a before and an after. */
function usualPlace(records: readonly StoredRecord[], how: Tampering): number {
  const kinds = records.map(({ encoded }) => decodeEntry(encoded).kind);
  for (const wanted of usualKinds[how]) {
    const places = kinds.flatMap((kind, at) => (kind === wanted ? [at] : []));
    const place = places[Math.floor(places.length / 2)];
    if (place === undefined) continue;
    if (how === "insert") return place + 1;
    // A consequence changes places with the entry that led to it.
    return how === "reorder" && wanted !== "signed" ? place - 1 : place;
  }
  throw cannot(null, how);
}

function cannot(sequence: number | null, how: Tampering): Error {
  const problem = sequence === null ? `has nothing to tamper with (${how})` : `cannot be tampered with (${how})`;
  return earnestError("MALFORMED_REQUEST", { where: sequence === null ? "the log" : `entry ${sequence}`, problem });
}
