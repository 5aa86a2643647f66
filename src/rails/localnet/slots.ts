import { createHash } from "node:crypto";
import { base58 } from "@scure/base";

export const slotMs = 400;
/** A blockhash is good for this many slots after its own, as on a cluster. */
export const blockhashSlots = 150;
/** What the SlotHashes sysvar holds. */
const slotHashesMax = 512;

export interface Moment {
  readonly slot: number;
  /** When the slot began: a whole number of slots after the anchor, so that reload gives the same times. */
  readonly slotStartMs: number;
}

/**
 * Slots follow from the clock: nothing runs while nobody asks. A clock that steps back never takes a slot back; the
 * count goes on from there.
 */
export class SlotClock {
  readonly #clock: () => number;
  #anchor: Moment;
  #latest: Moment;

  constructor(anchor: Moment, clock: () => number) {
    this.#clock = clock;
    this.#anchor = anchor;
    this.#latest = anchor;
  }

  now(): Moment {
    const elapsed = Math.floor((this.#clock() - this.#anchor.slotStartMs) / slotMs);
    const slot = this.#anchor.slot + elapsed;
    if (slot > this.#latest.slot) {
      this.#latest = { slot, slotStartMs: this.#anchor.slotStartMs + elapsed * slotMs };
    } else if (slot < this.#latest.slot - 1) {
      this.#anchor = { slot: this.#latest.slot, slotStartMs: Math.floor(this.#clock()) };
      this.#latest = this.#anchor;
    }
    return this.#latest;
  }

  /** The start of a slot of the past, in Unix milliseconds; exact while the clock has not stepped back. */
  startOf(slot: number): number {
    return this.#anchor.slotStartMs + (slot - this.#anchor.slot) * slotMs;
  }
}

/**
 * The blockhash of a slot follows from the folder's secret seed: the same after a restart, stored nowhere, and not to
 * be guessed ahead of time without the seed.
 */
export class Blockhashes {
  readonly #seed: Uint8Array;
  readonly #bySlot = new Map<number, string>();
  readonly #slotOf = new Map<string, number>();

  constructor(seed: Uint8Array) {
    this.#seed = seed;
  }

  at(slot: number): string {
    const known = this.#bySlot.get(slot);
    if (known !== undefined) return known;
    const hash = base58.encode(createHash("sha256").update(this.#seed).update(`blockhash ${slot}`).digest());
    this.#bySlot.set(slot, hash);
    this.#slotOf.set(hash, slot);
    this.#forgetOld(slot);
    return hash;
  }

  #forgetOld(newest: number): void {
    if (this.#bySlot.size <= 4 * slotHashesMax) return;
    for (const [slot, hash] of this.#bySlot) {
      if (slot > newest - 2 * slotHashesMax) continue;
      this.#bySlot.delete(slot);
      this.#slotOf.delete(hash);
    }
  }

  isRecent(blockhash: string, now: number): boolean {
    if (!this.#slotOf.has(blockhash)) {
      for (let slot = now; slot >= 0 && slot >= now - blockhashSlots; slot--) this.at(slot);
    }
    const slot = this.#slotOf.get(blockhash);
    return slot !== undefined && slot <= now && slot >= now - blockhashSlots;
  }

  /** For the SlotHashes sysvar, newest first. */
  recent(now: number): { slot: bigint; hash: string }[] {
    const hashes: { slot: bigint; hash: string }[] = [];
    for (let slot = now - 1; slot >= 0 && hashes.length < slotHashesMax; slot--) {
      hashes.push({ slot: BigInt(slot), hash: this.at(slot) });
    }
    return hashes;
  }
}
