/** Where the test is, for people: a bar on a terminal, a line now and then anywhere else. */
export class Progress {
  readonly #total: number;
  readonly #stream = process.stderr;
  readonly #startedMs = Date.now();
  #lastMs = 0;
  #isOpen = false;

  constructor(total: number) {
    this.#total = total;
  }

  say(line: string): void {
    this.#end();
    this.#stream.write(`${line}\n`);
  }

  kills(done: number, acknowledged: number, retries: number): void {
    const seconds = Math.round((Date.now() - this.#startedMs) / 1000);
    const text = `${done}/${this.#total} kills, ${acknowledged} acknowledged, ${retries} retries, ${seconds} s`;
    if (this.#stream.isTTY) {
      const filled = this.#total === 0 ? 24 : Math.round((24 * done) / this.#total);
      this.#stream.write(`\r[${"#".repeat(filled)}${"-".repeat(24 - filled)}] ${text}`);
      this.#isOpen = true;
    } else if (done === this.#total || Date.now() - this.#lastMs > 5_000) {
      this.#lastMs = Date.now();
      this.#stream.write(`${text}\n`);
    }
  }

  #end(): void {
    if (this.#isOpen) this.#stream.write("\n");
    this.#isOpen = false;
  }
}
