/** Numbers that are collected in any order, some more than once, and given out in ascending order, each once. */
export class Ascending {
  #numbers = new Float64Array(64);
  #count = 0;
  #isSorted = true;

  add(number: number): void {
    const last = this.#count === 0 ? -1 : (this.#numbers[this.#count - 1] as number);
    if (number === last) return;
    if (number < last) this.#isSorted = false;
    if (this.#count === this.#numbers.length) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.#count++] = number;
  }

  /** What was collected; the collection begins anew, in other memory. */
  take(): Float64Array {
    const taken = this.#numbers.subarray(0, this.#count);
    if (!this.#isSorted) taken.sort();
    const unique = this.#isSorted ? taken : withoutRepeats(taken);
    this.#numbers = new Float64Array(64);
    this.#count = 0;
    this.#isSorted = true;
    return unique;
  }
}

function withoutRepeats(sorted: Float64Array): Float64Array {
  let count = 0;
  let last = Number.NaN;
  for (const number of sorted) if (number !== last) sorted[count++] = last = number;
  return sorted.subarray(0, count);
}
