import type { TokenDesk } from "../../src/rails/rail.ts";

type Step = "issue" | "open";

/** Lets the next step of opening a token end as a process that is killed ends it: without having begun, or unheard of. */
export class Dying {
  #next: { readonly step: Step; readonly when: "before" | "after" } | null = null;

  dieNext(step: Step, when: "before" | "after"): void {
    this.#next = { step, when };
  }

  watch(desk: TokenDesk): TokenDesk {
    return {
      ...desk,
      issue: (seed, token) => this.#run("issue", () => desk.issue(seed, token)),
      open: (mint) => this.#run("open", () => desk.open(mint)),
    };
  }

  async #run<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const { when } = this.#next?.step === step ? this.#next : { when: null };
    if (when !== null) this.#next = null;
    if (when === "before") throw new Error("died");
    const done = await work();
    if (when === "after") throw new Error("died");
    return done;
  }
}
