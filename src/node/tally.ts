import { formatAmount, parseAmount } from "../core/amount.ts";
import type { Idle } from "./caps.ts";
import type { Done, Held, Lending, NodeEvent, NothingToDo, Outcome, SlotLine } from "./events.ts";
import type { NodeFolder } from "./node-folder.ts";

/** What one kind of lending does now, and what it came to since the start. */
export interface LendingStatus {
  readonly lending: Lending;
  readonly isConnected: boolean;
  /** Why it is not, where it was refused or something broke: `NETWORK_TAKEN`. */
  readonly problem: string | null;
  /** The check of the gateway because of which others come first. */
  readonly standsBehindBy: string | null;
  /** Null while there is something to do. */
  readonly idle: string | null;
  readonly connectedMs: number;
  /** In paid use, or what is judged still. */
  readonly busyMs: number;
  readonly paid: number;
  readonly unpaid: number;
  readonly earned: string;
}

interface TallyOptions {
  readonly folder: NodeFolder;
  readonly clock: () => number;
  readonly onEvent: (event: NodeEvent) => void;
}

/** More decimals no token has that is paid here. */
const decimals = 9;

/** Keeps count of one kind of lending, and says and writes down what becomes of it. */
export class Tally {
  readonly #lending: Lending;
  readonly #options: TallyOptions;
  #idle: string | null = null;
  #problem: string | null = null;
  #check: string | null = null;
  #connectedMs = 0;
  #connectedAtMs: number | null = null;
  #busyMs = 0;
  #paid = 0;
  #unpaid = 0;
  #earned = 0n;

  constructor(lending: Lending, options: TallyOptions) {
    this.#lending = lending;
    this.#options = options;
  }

  get status(): LendingStatus {
    const since = this.#connectedAtMs === null ? 0 : this.#options.clock() - this.#connectedAtMs;
    return {
      lending: this.#lending,
      isConnected: this.#connectedAtMs !== null,
      problem: this.#problem,
      standsBehindBy: this.#check,
      idle: this.#idle,
      connectedMs: this.#connectedMs + since,
      busyMs: this.#busyMs,
      paid: this.#paid,
      unpaid: this.#unpaid,
      earned: formatAmount(this.#earned, decimals),
    };
  }

  connected(to: string): void {
    this.#problem = null;
    if (this.#connectedAtMs !== null) return;
    this.#connectedAtMs = this.#options.clock();
    this.#options.onEvent({ kind: "connected", lending: this.#lending, to });
  }

  /** @param problem null where its owner ended it */
  disconnected(problem: string | null, againMs = 0): void {
    if (this.#connectedAtMs !== null) this.#connectedMs += this.#options.clock() - this.#connectedAtMs;
    this.#connectedAtMs = null;
    this.#problem = problem;
    if (problem !== null) this.#options.onEvent({ kind: "disconnected", lending: this.#lending, problem, againMs });
  }

  standsBehind(check: string | null): void {
    if (check !== this.#check) this.#options.onEvent({ kind: "standing", lending: this.#lending, check });
    this.#check = check;
  }

  idle(why: Idle | NothingToDo | null): void {
    if (why !== null && why !== this.#idle) this.#options.onEvent({ kind: "idle", lending: this.#lending, why });
    this.#idle = why;
  }

  begun({ market, title, slot }: Held): void {
    this.#idle = null;
    this.#options.onEvent({ kind: "begun", lending: this.#lending, market, title, slot });
  }

  busy(ms: number): void {
    this.#busyMs += ms;
  }

  refused(market: string, slot: string, code: string): void {
    this.#options.onEvent({ kind: "refused", market, slot, code });
  }

  async ended({ market, title, slot }: Held, done: Done, { state, reason, reward }: Outcome): Promise<void> {
    const kind = state === "accepted" ? "paid" : isOpen(state) ? "held" : "unpaid";
    if (kind === "paid") this.#paid++;
    else if (kind === "unpaid") this.#unpaid++;
    this.#earned += parseAmount(reward, decimals);
    const event = { kind, lending: this.#lending, market, title, slot, ...done, state, reason, reward } as const;
    await this.#options.folder.log({ timeMs: this.#options.clock(), ...event } satisfies SlotLine);
    this.#options.onEvent(event);
  }
}

/** Whether the verdict is still to come. */
export const isOpen = (state: string): boolean => state === "held" || state === "review" || state === "appealed";
