/** Whole numbers of 32 bits, as many as come. */
export class Numbers {
  #values = new Int32Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Int32Array(Math.ceil(this.#length * 1.5));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    return this.#values[index] as number;
  }

  get values(): Int32Array {
    return this.#values.subarray(0, this.#length);
  }

  /** Puts another number in place of each. */
  replace(places: Int32Array): void {
    const { values } = this;
    for (let i = 0; i < values.length; i++) values[i] = places[values[i] as number] as number;
  }
}
