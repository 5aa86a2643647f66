const slotsFirst = 1 << 12;
/** Of the slots that may be taken before there are twice as many. */
const fullest = 0.75;

/**
 * Which texts were there, by 64 bits of each, in at most some 20 bytes a text: as texts the ids of a large file would not
 * fit into a browser, and each would keep the piece of the file alive that it was cut out of. Among 25 million texts it is
 * one in 50,000 that two are taken for one.
 */
export class TextSet {
  #slots = new Uint32Array(2 * slotsFirst);
  #size = 0;

  has(text: string): boolean {
    const [high, low] = bitsOf(text);
    return this.#slots[this.#place(high, low) + 1] !== 0;
  }

  add(text: string): void {
    const [high, low] = bitsOf(text);
    if (!this.#put(high, low)) return;
    if (++this.#size > (fullest * this.#slots.length) / 2) this.#grow();
  }

  /** Where it stands, or would; an empty slot has no low bits. */
  #place(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let at = (low << 1) & mask;
    while (this.#slots[at + 1] !== 0 && (this.#slots[at] !== high || this.#slots[at + 1] !== low)) at = (at + 2) & mask;
    return at;
  }

  #put(high: number, low: number): boolean {
    const at = this.#place(high, low);
    if (this.#slots[at + 1] !== 0) return false;
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
    return true;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] !== 0) this.#put(before[at] as number, before[at + 1] as number);
    }
  }
}

/** Two hashes that go on from each other's state, by multiplication. The second is never zero. */
function bitsOf(text: string): [high: number, low: number] {
  let [a, b] = [0x9e3779b1, 0x85ebca77];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0xc2b2ae3d);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b);
  b = Math.imul(b ^ (a >>> 13), 0xc2b2ae35);
  return [(a ^ (b >>> 16)) >>> 0, (b ^ (a >>> 15)) >>> 0 || 1];
}
