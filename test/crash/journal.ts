import type { Acknowledgement } from "#src/contract/receipts";
import type { Submission } from "#src/contract/work";

/** A submission that the server acknowledged, as its client wrote it down. */
export interface Acknowledged extends Submission {
  readonly market: string;
  /** The contributor's address, which is its owner too. */
  readonly contributor: string;
  readonly answer: string;
  /** Hexadecimal. */
  readonly bodyHash: string;
  readonly acknowledgement: Acknowledgement;
}

/** An answer that the server refused for good: it must not be in the log either. */
export interface Refused {
  readonly market: string;
  readonly contributor: string;
  readonly task: number;
  readonly bodyHash: string;
  readonly code: string;
}

export interface Bonus {
  readonly market: string;
  readonly contributor: string;
  readonly amount: string;
  readonly note: string;
}

/** What the clients know: the truth that the servers are measured by. */
export class Journal {
  /** The first acknowledgement of each slot, by `market slot`. */
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Later acknowledgements of the same slot, from retries. */
  readonly repeated: Acknowledged[] = [];
  readonly refused: Refused[] = [];
  readonly bonuses: Bonus[] = [];
  /** Appeals that were acknowledged, by `market slot`. */
  readonly appealed = new Set<string>();
  /** Ids of tasks that were acknowledged, by market. */
  readonly tasks = new Map<string, Set<string>>();
  /** Deposits that were acknowledged: base units by market. */
  readonly deposited = new Map<string, bigint>();
  readonly failures: string[] = [];
  /** Answers that were on their way when their connection or server failed, and were sent again. */
  retries = 0;
  /** Acknowledged answers that came by a session's token, to be signed for later. */
  checkpointed = 0;

  acknowledge(each: Acknowledged): void {
    const place = `${each.market} ${each.slot}`;
    if (this.acknowledged.has(place)) this.repeated.push(each);
    else this.acknowledged.set(place, each);
  }

  fail(what: string): void {
    // The first ones tell what is wrong; thousands of the same would hide them.
    if (this.failures.length < 50) this.failures.push(what);
  }
}
