import type { Bytes32 } from "../../core/bytes.ts";
import { slotKey } from "../../core/slot.ts";
import { parseJson } from "../../market/body.ts";
import type { Entry, LogRecord, Reason } from "../../market/entries.ts";

/** What the log says of an answer whose body it withholds: its verdict's reason, and the label that was held against. */
export interface AnswerHint {
  readonly reason: Reason | null;
  readonly choice: number | null;
}

const noHint: AnswerHint = { reason: null, choice: null };

/**
 * What a first reading of a lane's log shows about what it withholds. A public log leaves out the bodies of unpaid
 * answers and the answers of control tasks that are still in use; much of both follows from what comes later.
 */
export class Hints {
  /** Bodies and sealed answers that are not in the log. */
  withheld = 0;
  readonly #answers = new Map<number, AnswerHint>();
  readonly #labels = new Map<number, number>();
  readonly #retired = new Map<number, { readonly answer: number; readonly salt: Bytes32 }>();
  /** Answers to control tasks whose bodies are public. */
  readonly #controls = new Set<number>();
  readonly #publicAnswers = new Map<number, string>();
  readonly #matched = new Map<number, string>();

  take({ entry, attachment }: LogRecord): void {
    switch (entry.kind) {
      case "batchAdded":
        for (const { task } of entry.controls) this.#controls.add(task);
        if (entry.controls.length > 0 && attachment === null) this.withheld++;
        break;
      case "submitted":
        if (attachment === null) {
          this.withheld++;
          this.#answers.set(slotKey(entry), noHint);
        } else if (this.#controls.has(entry.task)) {
          this.#publicAnswers.set(slotKey(entry), answerText(attachment));
        }
        break;
      case "controlRetired":
        this.#retired.set(entry.task, { answer: entry.answer, salt: entry.salt });
        break;
      case "judged":
        this.#judged(entry);
        break;
      case "settled":
        this.#labels.set(entry.task, entry.choice);
        for (const ruling of entry.rulings) this.#hint({ task: entry.task, ...ruling }, ruling.reason, entry.choice);
        break;
      case "appealSettled":
        for (const ruling of entry.rulings) this.#hint({ task: entry.task, ...ruling }, ruling.reason, entry.choice);
        break;
      default:
    }
  }

  answer(key: number): AnswerHint {
    return this.#answers.get(key) ?? noHint;
  }

  /** The revealed answer of a control task that was retired. */
  retired(task: number): { readonly answer: number; readonly salt: Bytes32 } | undefined {
    return this.#retired.get(task);
  }

  /** The answer of a control task as somebody gave it who matched it. */
  matched(task: number): string | undefined {
    return this.#matched.get(task);
  }

  #judged(entry: Extract<Entry, { kind: "judged" }>): void {
    this.#hint(entry, entry.reason, this.#labels.get(entry.task) ?? null);
    const given = this.#publicAnswers.get(slotKey(entry));
    if (entry.reason === "CONTROL_MATCHED" && given !== undefined) this.#matched.set(entry.task, given);
  }

  /** The first verdict counts: what review or appeal says later is about the same answer. */
  #hint(slot: { readonly task: number; readonly ordinal: number }, reason: Reason, choice: number | null): void {
    const key = slotKey(slot);
    if (this.#answers.get(key) === noHint) this.#answers.set(key, { reason, choice });
  }
}

const answerText = (body: Uint8Array): string => {
  const answer = (parseJson(body) as { readonly answer?: unknown } | null)?.answer;
  return typeof answer === "string" ? answer : "";
};
