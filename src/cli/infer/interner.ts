/** A Map holds 2^24 entries at most; a little less is asked of each. */
const entriesMax = 15_000_000;

/** Numbers texts from 0 in the order they come: tens of millions of answers name each task and contributor again. */
export class Interner {
  readonly texts: string[] = [];
  readonly #maps: Map<string, number>[] = [new Map()];

  find(text: string): number {
    for (const map of this.#maps) {
      const index = map.get(text);
      if (index !== undefined) return index;
    }
    return -1;
  }

  intern(text: string): number {
    const known = this.find(text);
    if (known >= 0) return known;
    // A piece of a text keeps all of that in memory; a copy does not.
    const own = text.length < 13 ? text : Buffer.from(text, "utf8").toString("utf8");
    let map = this.#maps.at(-1) as Map<string, number>;
    if (map.size >= entriesMax) {
      map = new Map();
      this.#maps.push(map);
    }
    map.set(own, this.texts.length);
    this.texts.push(own);
    return this.texts.length - 1;
  }

  /** The place of each text in order, and the texts in that order. */
  ordered(compare: (a: string, b: string) => number): {
    readonly texts: readonly string[];
    readonly places: Int32Array;
  } {
    const order = Array.from(this.texts.keys()).sort((a, b) =>
      compare(this.texts[a] as string, this.texts[b] as string),
    );
    const places = new Int32Array(order.length);
    for (const [place, index] of order.entries()) places[index] = place;
    return { texts: order.map((index) => this.texts[index] as string), places };
  }
}

/** By code units: the same on every machine. */
export const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Numbers by value, then texts by code unit. */
export function compareLabels(a: string, b: string): number {
  const [x, y] = [asNumber(a), asNumber(b)];
  if (Number.isNaN(x) || Number.isNaN(y))
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || compareTexts(a, b);
  return x - y || compareTexts(a, b);
}

/** NaN where a text is not a plain decimal number. */
export const asNumber = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : Number.NaN;
