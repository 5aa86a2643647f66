import type { Terms } from "../contract/terms.ts";
import type { Offer } from "../contract/work.ts";
import type { Json } from "../core/json.ts";
import type { Held } from "./events.ts";
import { Awaiting, type Lender, nextOffer, untilStopped } from "./lender.ts";

/** Runs programs of tasks, in a sandbox. */
export interface Computer {
  /** Null where the task is none that can be computed here. */
  solve(task: { readonly market: string; readonly content: Json; readonly known: Terms["known"] }): Promise<{
    readonly answer?: Json;
    readonly content?: Json;
  } | null>;
  close(): Promise<void>;
}

/** A market whose task could not be computed here is left alone for so long. */
const leftMs = 3_600_000;
const leftMax = 1_000;

/** Lends a processor: runs programs of markets one after the other, and rests between them. */
export class ComputeLender {
  readonly #lender: Lender;
  readonly #open: () => Computer;
  readonly #awaiting: Awaiting;
  /** Made when there is something to compute, and closed when there is not: a node that waits is small. */
  #computer: Computer | null = null;
  readonly #left = new Map<string, number>();
  #lookMs: number;

  constructor(lender: Lender, open: () => Computer) {
    this.#lender = lender;
    this.#open = open;
    this.#lookMs = lender.looks.minMs;
    this.#awaiting = new Awaiting(lender);
  }

  async run(): Promise<void> {
    const { stopped } = this.#lender;
    // What is being computed ends without a result, and its slot is given back.
    const stop = (): void => void this.#close();
    stopped.addEventListener("abort", stop, { once: true });
    try {
      await untilStopped(this.#lender, () => this.#step());
    } finally {
      stopped.removeEventListener("abort", stop);
      await this.#close();
    }
  }

  async #step(): Promise<number> {
    const { tally, contributor, clock, looks } = this.#lender;
    await this.#awaiting.look();
    const idle = await this.#lender.idle();
    const isLeft = (market: string): boolean => (this.#left.get(market) ?? 0) > clock();
    const found = idle === null ? await nextOffer(contributor, "compute", isLeft) : null;
    if (found !== null) {
      this.#lookMs = looks.minMs;
      return await this.#compute({ market: found.market, title: found.title, ...found.offer }, found.offer);
    }
    tally.idle(idle ?? "no work");
    await this.#close();
    const waitMs = this.#lookMs;
    this.#lookMs = idle === null ? Math.min(2 * waitMs, looks.maxMs) : looks.minMs;
    return waitMs;
  }

  async #compute(held: Held, { task }: Offer): Promise<number> {
    const { contributor, tally, allowance, folder, clock } = this.#lender;
    const { market, slot } = held;
    tally.begun(held);
    this.#computer ??= this.#open();
    const startedMs = clock();
    const said = await this.#computer.solve({ market, content: task.content, known: task.terms.known });
    const milliseconds = clock() - startedMs;
    if (said === null) {
      this.#leave(market);
      await contributor.giveBack(market, slot);
      return 0;
    }
    const restMs = allowance.computed(milliseconds);
    tally.busy(milliseconds);
    const { submissions } = await contributor.submit(market, { slot, body: { ...said } });
    await folder.write("usage.json", allowance.usage);
    for (const submission of submissions) {
      await tally.ended(held, { milliseconds }, submission);
      if (submission.state === "held") this.#awaiting.add(held, { milliseconds });
    }
    return restMs;
  }

  #leave(market: string): void {
    if (this.#left.size >= leftMax) this.#left.delete(this.#left.keys().next().value as string);
    this.#left.set(market, this.#lender.clock() + leftMs);
  }

  async #close(): Promise<void> {
    const computer = this.#computer;
    this.#computer = null;
    await computer?.close();
  }
}
