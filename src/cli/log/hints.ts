import type { Bytes32 } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import { slotKey } from "../../core/slot.ts";
import { parseJson } from "../../market/body.ts";
import type { Entry, EntryOf, LogRecord, Reason } from "../../market/entries.ts";
import type { Answer } from "../../verification/answers/answer.ts";

/** What the log says of an answer whose body it withholds. */
export interface AnswerHint {
  /** Whether it met a control task's answer; null where it was not compared with one. */
  readonly metControl: boolean | null;
  /** The label it was found to agree with. */
  readonly is: Answer | null;
  /** Labels it was found to differ from. */
  readonly isNot: readonly Answer[];
}

const noHint: AnswerHint = { metControl: null, is: null, isNot: [] };

/**
 * What a first reading of a lane's log shows about what it withholds. A public log leaves out the bodies of unpaid
 * answers and the answers of control tasks that are still in use; much of both follows from what comes later.
 */
export class Hints {
  /** Bodies and sealed answers that are not in the log. */
  withheld = 0;
  readonly #answers = new Map<number, AnswerHint>();
  readonly #executed = new Map<number, readonly EntryOf<"executed">[]>();
  readonly #labels = new Map<number, Answer>();
  readonly #retired = new Map<number, { readonly answer: Answer; readonly salt: Bytes32 }>();
  /** Answers to control tasks whose bodies are public. */
  readonly #controls = new Set<number>();
  readonly #publicAnswers = new Map<number, Json>();
  readonly #matched = new Map<number, Json>();

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
          this.#publicAnswers.set(slotKey(entry), answerIn(attachment));
        }
        break;
      case "executed":
        this.#executed.set(slotKey(entry), [...this.executed(slotKey(entry)), entry]);
        break;
      case "controlRetired":
        this.#retired.set(entry.task, { answer: entry.answer, salt: entry.salt });
        break;
      case "judged":
      case "verified":
        this.#judged(entry);
        break;
      case "settled":
      case "challengeSettled":
        this.#labels.set(entry.task, entry.label);
        for (const ruling of entry.rulings) this.#hint({ task: entry.task, ...ruling }, ruling.reason, entry.label);
        break;
      case "appealSettled":
        for (const ruling of entry.rulings) this.#hint({ task: entry.task, ...ruling }, ruling.reason, entry.label);
        // Of an appeal that was won the body is public: this one was lost.
        if (entry.votes > 0) this.#hint(entry, "DISAGREES", entry.label);
        break;
      default:
    }
  }

  /** What was executed for a submission: its hashes tell what the submission brought. */
  executed(key: number): readonly EntryOf<"executed">[] {
    return this.#executed.get(key) ?? [];
  }

  answer(key: number): AnswerHint {
    return this.#answers.get(key) ?? noHint;
  }

  /** The revealed answer of a control task that was retired. */
  retired(task: number): { readonly answer: Answer; readonly salt: Bytes32 } | undefined {
    return this.#retired.get(task);
  }

  /** The answer of a control task as somebody gave it who matched it. */
  matched(task: number): Json | undefined {
    return this.#matched.get(task);
  }

  #judged(entry: Extract<Entry, { kind: "judged" | "verified" }>): void {
    this.#hint(entry, entry.reason, this.#labels.get(entry.task) ?? null);
    const given = this.#publicAnswers.get(slotKey(entry));
    if (entry.reason === "CONTROL_MATCHED" && given !== undefined) this.#matched.set(entry.task, given);
  }

  #hint(slot: { readonly task: number; readonly ordinal: number }, reason: Reason, label: Answer | null): void {
    const hint = this.#answers.get(slotKey(slot));
    if (hint === undefined) return;
    const next = { ...hint };
    if (reason === "CONTROL_MATCHED" || reason === "CONTROL_MISSED") next.metControl = reason === "CONTROL_MATCHED";
    if (reason === "AGREES") next.is = label;
    if (reason === "DISAGREES" && label !== null) next.isNot = [...hint.isNot, label];
    this.#answers.set(slotKey(slot), next);
  }
}

const answerIn = (body: Uint8Array): Json => (parseJson(body) as { readonly answer?: Json } | null)?.answer ?? null;
