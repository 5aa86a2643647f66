import { Numbers } from "./numbers.ts";
import type { Row } from "./row.ts";
import { orderOfTexts } from "./text-order.ts";
import { TextStore } from "./text-store.ts";

/** Texts by their number. */
export interface Texts {
  readonly length: number;
  readonly at: (index: number) => string;
}

/**
 * Numbers texts from 0 in the order they come: hundreds of millions of answers name each task and contributor again.
 * Texts stay bytes outside of the heap, as tens of millions of strings in a Map are several gigabytes within it.
 */
export class Interner implements Texts {
  readonly #store = new TextStore();
  readonly #hashes = new Numbers();
  /** An open hash table of numbers from 1; 0 where there is none. */
  #slots = new Int32Array(2 ** 12);

  get length(): number {
    return this.#store.length;
  }

  at = (index: number): string => this.#store.at(index);

  /** −1 where it is not known. */
  find({ bytes, starts, ends }: Row, column: number): number {
    const [from, to] = [starts[column] as number, ends[column] as number];
    return (this.#slots[this.#slotOf(hashOf(bytes, from, to), bytes, from, to)] as number) - 1;
  }

  intern({ bytes, starts, ends }: Row, column: number): number {
    const from = starts[column] as number;
    const to = ends[column] as number;
    const hash = hashOf(bytes, from, to);
    const slot = this.#slotOf(hash, bytes, from, to);
    const known = this.#slots[slot] as number;
    if (known > 0) return known - 1;
    const index = this.#store.push(bytes, from, to);
    this.#hashes.push(hash);
    this.#slots[slot] = index + 1;
    if (2 * this.length > this.#slots.length) this.#grow();
    return index;
  }

  /** By the bytes of UTF-8, which is by code points: the same on every machine. */
  ordered(): { readonly texts: Texts; readonly places: Int32Array } {
    const order = orderOfTexts(this.#store);
    return {
      texts: { length: order.length, at: (place) => this.at(order[place] as number) },
      places: placesOf(order),
    };
  }

  /** Numbers by value, then all others. */
  orderedAsLabels(): { readonly texts: readonly string[]; readonly places: Int32Array } {
    const texts = Array.from({ length: this.length }, (_, index) => this.at(index));
    const order = Int32Array.from(texts.keys()).sort((a, b) => compareLabels(texts[a] as string, texts[b] as string));
    return { texts: Array.from(order, (index) => texts[index] as string), places: placesOf(order) };
  }

  /** Where the text is, or would be. */
  #slotOf(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const last = this.#slots.length - 1;
    let slot = hash & last;
    for (let found = this.#slots[slot] as number; found > 0; found = this.#slots[slot] as number) {
      if (this.#hashes.at(found - 1) === hash && this.#store.isEqual(found - 1, bytes, from, to)) break;
      slot = (slot + 1) & last;
    }
    return slot;
  }

  #grow(): void {
    const last = 2 * this.#slots.length - 1;
    const slots = new Int32Array(last + 1);
    for (let index = 0; index < this.length; index++) {
      let slot = this.#hashes.at(index) & last;
      while ((slots[slot] as number) > 0) slot = (slot + 1) & last;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a (Fowler, Noll and Vo), with the finisher of MurmurHash3, as the lower bits choose the slot. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function placesOf(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  for (let place = 0; place < order.length; place++) places[order[place] as number] = place;
  return places;
}

/** Numbers by value, then texts by code unit. */
function compareLabels(a: string, b: string): number {
  const [x, y] = [asNumber(a), asNumber(b)];
  if (Number.isNaN(x) || Number.isNaN(y))
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || compareTexts(a, b);
  return x - y || compareTexts(a, b);
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** NaN where a text is not a plain decimal number. */
export const asNumber = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : Number.NaN;
