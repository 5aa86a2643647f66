import type { Slot } from "../../core/slot.ts";
import type { Entry, Fault, Reason, Ruling } from "../entries.ts";

/** What an entry says of a slot: its verdict, or that it is `void` for a fault of ours. */
export interface SlotRuling {
  readonly verdict: Ruling | "void";
  readonly reason: Reason | Fault;
}

export const isSlot = (a: Slot, b: Slot): boolean => a.task === b.task && a.ordinal === b.ordinal;

/** Null where the entry decides nothing about the slot. */
export function rulingOn(entry: Entry, slot: Slot): SlotRuling | null {
  switch (entry.kind) {
    case "judged":
    case "verified":
      return isSlot(entry, slot) ? { verdict: entry.verdict, reason: entry.reason } : null;
    case "settled":
    case "challengeSettled":
      return entry.task === slot.task ? ofOrdinal(entry.rulings, slot) : null;
    case "reviewed":
      if (!isSlot(entry, slot)) return null;
      return entry.accepted ? accepted("REVIEW_ACCEPTED") : rejected("REVIEW_REJECTED");
    case "appealSettled":
      if (entry.task !== slot.task) return null;
      if (entry.ordinal !== slot.ordinal) return ofOrdinal(entry.rulings, slot);
      if (entry.votes === 0) return accepted("APPEAL_UNANSWERED");
      return entry.won ? accepted("APPEAL_WON") : rejected("APPEAL_LOST");
    case "voided":
    case "faulted":
      return isSlot(entry, slot) ? { verdict: "void", reason: entry.fault } : null;
    default:
      return null;
  }
}

const accepted = (reason: Reason): SlotRuling => ({ verdict: "accepted", reason });
const rejected = (reason: Reason): SlotRuling => ({ verdict: "rejected", reason });

function ofOrdinal(
  rulings: readonly { readonly ordinal: number; readonly verdict: Ruling; readonly reason: Reason }[],
  { ordinal }: Slot,
): SlotRuling | null {
  const ruling = rulings.find((each) => each.ordinal === ordinal);
  return ruling === undefined ? null : { verdict: ruling.verdict, reason: ruling.reason };
}

export interface ProvedEntry<E extends Entry = Entry> {
  readonly sequence: number;
  readonly entry: E;
}

export interface Decided {
  readonly sequence: number;
  readonly ruling: SlotRuling;
  /** Nothing turns an acceptance; a rejection is final once its window to appeal has passed, or its appeal is lost. */
  readonly isFinal: boolean;
}

/** What entries in their order come to for a slot: until it is final, a rejection may turn. */
export function lastRuling(entries: readonly ProvedEntry[], slot: Slot): Decided | null {
  let decided: Decided | null = null;
  for (const proved of entries) decided = after(decided, proved, slot);
  return decided;
}

function after(decided: Decided | null, { sequence, entry }: ProvedEntry, slot: Slot): Decided | null {
  const ruling = rulingOn(entry, slot);
  // A composition's rejection that no other answer can change leaves nothing to win, nor does a challenge's panel.
  const isLost =
    entry.kind === "challengeSettled" ||
    (entry.kind === "verified" && entry.verdict === "rejected" && entry.units === 0);
  if (ruling !== null) return { sequence, ruling, isFinal: isLost || !canTurn(ruling) };
  if (decided === null || decided.isFinal || decided.ruling.verdict !== "rejected") return decided;
  if (entry.kind === "released" && isSlot(entry, slot)) return { ...decided, isFinal: true };
  if (entry.kind !== "controlVoided" || entry.task !== slot.task) return decided;
  return { sequence, ruling: accepted("CONTROL_VOIDED"), isFinal: true };
}

const canTurn = ({ verdict, reason }: SlotRuling): boolean =>
  verdict === "review" || (verdict === "rejected" && reason !== "APPEAL_LOST");
