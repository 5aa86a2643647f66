import { blockhashSlots } from "./slots.ts";

interface SlotActivity {
  transactions: number;
  /** Micro-lamports a compute unit: the least that was paid. */
  price: bigint;
  /** By account that was written. */
  readonly prices: Map<string, bigint>;
}

/** What was paid in the last slots, as far back as a blockhash is good; it starts anew with the process. */
export class Activity {
  readonly #slots = new Map<number, SlotActivity>();

  add(slot: number, price: bigint, written: readonly string[]): void {
    let here = this.#slots.get(slot);
    if (here === undefined) {
      here = { transactions: 0, price, prices: new Map() };
      this.#slots.set(slot, here);
      this.#forgetBefore(slot - blockhashSlots);
    }
    here.transactions++;
    here.price = least(here.price, price);
    for (const address of written) here.prices.set(address, least(here.prices.get(address) ?? price, price));
  }

  #forgetBefore(slot: number): void {
    for (const each of this.#slots.keys()) {
      if (each >= slot) break;
      this.#slots.delete(each);
    }
  }

  /** What would have been enough to write all of these in a slot; 0 where nobody paid anything. */
  priceAt(slot: number, addresses: readonly string[]): bigint {
    const here = this.#slots.get(slot);
    if (here === undefined) return 0n;
    if (addresses.length === 0) return here.price;
    return addresses.reduce((most, address) => {
      const price = here.prices.get(address) ?? 0n;
      return price > most ? price : most;
    }, 0n);
  }

  transactionsFrom(slot: number): number {
    let sum = 0;
    for (const [each, { transactions }] of this.#slots) if (each >= slot) sum += transactions;
    return sum;
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
