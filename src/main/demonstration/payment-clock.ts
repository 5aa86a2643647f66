import { type Spread, spreadOf } from "./percentiles.ts";

export interface SubmitToPaid {
  /** From one's own submission, which may have waited for the answers of others. */
  readonly own: Spread;
  /** From the submission that decided the task. */
  readonly deciding: Spread;
}

/** Measures at the client: from sending a submission to knowing that it is paid. Milliseconds. */
export class PaymentClock {
  readonly #sentMs = new Map<string, number>();
  readonly #own: number[] = [];
  readonly #deciding: number[] = [];
  readonly #paidBeforeSent = new Map<string, number>();

  /** The response of a submission arrived, and said whether it was decided at once. */
  answered(slot: string, sentMs: number, nowMs: number, isDecided: boolean): void {
    if (isDecided) this.#deciding.push(nowMs - sentMs);
    const paidMs = this.#paidBeforeSent.get(slot);
    if (paidMs === undefined) this.#sentMs.set(slot, sentMs);
    else this.#own.push(paidMs - sentMs);
    this.#paidBeforeSent.delete(slot);
  }

  /** The news of a payment may overtake the response to the submission. */
  paid(slot: string, nowMs: number): void {
    const sentMs = this.#sentMs.get(slot);
    if (sentMs === undefined) this.#paidBeforeSent.set(slot, nowMs);
    else this.#own.push(nowMs - sentMs);
    this.#sentMs.delete(slot);
  }

  summary(): SubmitToPaid {
    return { own: spreadOf(this.#own), deciding: spreadOf(this.#deciding) };
  }
}
