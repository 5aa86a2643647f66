import { type Bytes32, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { WithdrawalPolicy } from "./withdrawals/policy.ts";

const dayMs = 86_400_000;

interface Day {
  readonly number: number;
  lamports: bigint;
  readonly counts: Map<string, number>;
  /** What was paid for: a request that is sent again costs nothing more. */
  readonly seen: Set<string>;
}

/** What this process paid for deposits today. It forgets with the day, so that it stays as small as the budget. */
export class Spending {
  readonly #policy: Pick<WithdrawalPolicy, "perDayMax" | "lamportsPerDayMax">;
  readonly #clock: () => number;
  #day: Day;

  constructor(policy: Pick<WithdrawalPolicy, "perDayMax" | "lamportsPerDayMax">, clock: () => number) {
    this.#policy = policy;
    this.#clock = clock;
    this.#day = dayOf(clock());
  }

  /** @throws DEPOSIT_REFUSED where nothing more would be paid for this owner today */
  check(owner: Bytes32): void {
    this.#require(owner, 0n);
  }

  /** @throws DEPOSIT_REFUSED */
  spend(owner: Bytes32, ticket: Uint8Array, lamports: bigint): void {
    const day = this.#today();
    const key = toHex(ticket);
    if (day.seen.has(key)) return;
    this.#require(owner, lamports);
    day.seen.add(key);
    day.lamports += lamports;
    day.counts.set(toHex(owner), (day.counts.get(toHex(owner)) ?? 0) + 1);
  }

  #require(owner: Bytes32, lamports: bigint): void {
    const day = this.#today();
    const refuse = (reason: string, problem: string): never => {
      throw earnestError("DEPOSIT_REFUSED", { reason, problem });
    };
    if ((day.counts.get(toHex(owner)) ?? 0) >= this.#policy.perDayMax) {
      refuse("perDay", "you have paid in as often today as the network pays for");
    }
    if (day.lamports + lamports > this.#policy.lamportsPerDayMax) {
      refuse("dailyBudget", "what it pays for deposits today is used up");
    }
  }

  #today(): Day {
    const now = this.#clock();
    if (Math.floor(now / dayMs) !== this.#day.number) this.#day = dayOf(now);
    return this.#day;
  }
}

const dayOf = (nowMs: number): Day => ({
  number: Math.floor(nowMs / dayMs),
  lamports: 0n,
  counts: new Map(),
  seen: new Set(),
});
