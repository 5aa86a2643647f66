/** Wakes one follower of a market. What happens while it reads is not missed: the next wait ends at once. */
export class Watch {
  #changed = false;
  #wake: (() => void) | null = null;

  notify(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /** Until something changed, `msMax` have passed or the signal aborts; leaves no timer and no listener behind. */
  async wait(msMax: number, signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          this.#wake = null;
          resolve();
        };
        const timer = setTimeout(wake, msMax);
        signal.addEventListener("abort", wake);
        this.#wake = wake;
      });
    }
    this.#changed = false;
  }
}
