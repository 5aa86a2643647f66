import { slotKey } from "../../core/slot.ts";
import type { Entry, OrdinalRuling } from "../../market/entries.ts";

export interface AcceptedAnswer {
  readonly contributor: number;
  readonly tookMs: number;
}

/** What a stretch of a log shows of how long answers take, and of what becomes of them. */
export interface Durations {
  /** From assignment to submission, of accepted answers, in the order of their verdicts. */
  readonly accepted: readonly AcceptedAnswer[];
  readonly judged: number;
  readonly rejected: number;
  readonly appeals: number;
  readonly appealsWon: number;
}

/**
 * Reads entries in order. A stretch may begin anywhere: what was assigned before it, or before its first time, is left
 * out. Panels of appeals are work like any other.
 */
export class DurationReader {
  readonly #assignedAtMs = new Map<number, number>();
  readonly #answered = new Map<number, AcceptedAnswer>();
  readonly #accepted: AcceptedAnswer[] = [];
  #timeMs: number | null = null;
  #judged = 0;
  #rejected = 0;
  #appeals = 0;
  #appealsWon = 0;

  read(entry: Entry): void {
    switch (entry.kind) {
      case "timed":
        this.#timeMs = entry.timeMs;
        break;
      case "assigned":
        this.#assign(slotKey(entry));
        break;
      case "submitted":
        this.#submit(slotKey(entry), entry.contributor);
        if (entry.next !== null) this.#assign(slotKey(entry.next));
        break;
      case "judged":
      case "verified":
        this.#judge(entry.task, entry);
        break;
      case "appealed":
        this.#appeals++;
        break;
      case "appealSettled":
        if (entry.won) this.#appealsWon++;
        for (const ruling of entry.rulings) this.#judge(entry.task, ruling);
        break;
      case "settled":
      case "challengeSettled":
        for (const ruling of entry.rulings) this.#judge(entry.task, ruling);
        break;
      default:
    }
  }

  get found(): Durations {
    return {
      accepted: this.#accepted,
      judged: this.#judged,
      rejected: this.#rejected,
      appeals: this.#appeals,
      appealsWon: this.#appealsWon,
    };
  }

  #assign(key: number): void {
    if (this.#timeMs !== null) this.#assignedAtMs.set(key, this.#timeMs);
  }

  #submit(key: number, contributor: number): void {
    const assignedAtMs = this.#assignedAtMs.get(key);
    if (assignedAtMs === undefined || this.#timeMs === null) return;
    this.#assignedAtMs.delete(key);
    this.#answered.set(key, { contributor, tookMs: this.#timeMs - assignedAtMs });
  }

  #judge(task: number, { ordinal, verdict }: Pick<OrdinalRuling, "ordinal" | "verdict">): void {
    if (verdict === "review") return;
    const answered = this.#answered.get(slotKey({ task, ordinal }));
    this.#judged++;
    if (verdict === "rejected") this.#rejected++;
    else if (answered !== undefined) this.#accepted.push(answered);
  }
}

/** The middle one, or the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
