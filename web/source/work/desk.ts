import { isApiError } from "../../../src/client/errors.ts";
import type { Market } from "../../../src/contract/markets.ts";
import { routes } from "../../../src/contract/routes.ts";
import type { Offer } from "../../../src/contract/work.ts";
import type { Json } from "../../../src/core/json.ts";
import { enter, network, serverNow, transport, watched } from "../connection.ts";
import { shownOf } from "../content/parts.ts";
import { readAll, remove, write } from "../database.ts";
import { Store } from "../store.ts";
import { start } from "../trouble.ts";
import { type Answered, keyOf } from "./answers.ts";
import { put, takeBack } from "./outbox.ts";

/** A task in hand. */
export interface InHand {
  readonly market: string;
  readonly offer: Offer;
}

/** The answer, and what goes with it. */
type Body = { readonly [name: string]: Json };

export type DeskStatus = "loading" | "ready" | "empty" | "failed";

export interface DeskState {
  readonly status: DeskStatus;
  readonly market: Market | null;
  /** The one that is looked at, then those that wait behind it. */
  readonly inHand: readonly InHand[];
  readonly problem: unknown;
  /** The last answer, while it can be taken back. */
  readonly undoable: Answered | null;
}

const undoMs = 5_000;
/** Tasks taken in advance, so that the next one is there at once, also without a connection. */
const inHandMin = 3;
const lookAgainMs = 15_000;
/** Time at one task past this was a pause. */
const workMsMax = 180_000;

/** The work table of one market: takes tasks, keeps them over a restart, hands answers to the outbox. */
export class Desk {
  readonly id: string;
  readonly state = new Store<DeskState>({
    status: "loading",
    market: null,
    inHand: [],
    problem: null,
    undoable: null,
  });
  #isFilling = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #undo: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(market: string) {
    this.id = market;
  }

  async open(): Promise<void> {
    this.#isClosed = false;
    try {
      const kept = (await keptInHand()).filter(({ market }) => market === this.id);
      if (kept.length > 0) this.#set({ inHand: kept, status: "ready" });
      await network();
      const market = await watched(transport.call(routes.getMarket, { params: { market: this.id } }));
      this.#set({ market });
      await this.fill();
    } catch (problem) {
      // Tasks that are in hand can be done without a connection.
      this.#set({ problem, status: this.state.value.inHand.length > 0 ? "ready" : "failed" });
      this.#lookAgain();
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#again);
  }

  /** Takes as many tasks as are missing. */
  async fill(): Promise<void> {
    if (this.#isFilling || this.#isClosed) return;
    this.#isFilling = true;
    try {
      const missing = inHandMin - this.state.value.inHand.length;
      if (missing > 0) await this.#take(missing);
      const isSome = this.state.value.inHand.length > 0;
      this.#set({ status: isSome ? "ready" : "empty", problem: null });
      if (!isSome) this.#lookAgain();
    } catch (problem) {
      const isNone = isApiError(problem, "WORK_NOT_FOUND");
      const isSome = this.state.value.inHand.length > 0;
      this.#set({ problem: isNone ? null : problem, status: isSome ? "ready" : isNone ? "empty" : "failed" });
      if (!isSome) this.#lookAgain();
    } finally {
      this.#isFilling = false;
    }
  }

  async #take(count: number): Promise<void> {
    const known = await enter();
    const offers = await watched(known.assign(this.id, { count }));
    const taken = offers.map((offer): InHand => ({ market: this.id, offer }));
    for (const each of taken) await write("offers", keyOfOffer(each), each);
    const { inHand } = this.state.value;
    const isNew = (each: InHand) => !inHand.some(({ offer }) => offer.slot === each.offer.slot);
    this.#set({ inHand: [...inHand, ...taken.filter(isNew)] });
  }

  #lookAgain(): void {
    clearTimeout(this.#again);
    if (!this.#isClosed) this.#again = setTimeout(() => start(this.open()), lookAgainMs);
  }

  /** Answers the task that is looked at. The next one is there before this returns. */
  async answer(body: Body, workMs: number): Promise<void> {
    const [first, ...rest] = this.state.value.inHand;
    if (first === undefined) return;
    const answered = await this.#answered(first, body, workMs);
    this.#set({ inHand: rest, status: rest.length > 0 ? "ready" : "loading", undoable: answered });
    clearTimeout(this.#undo);
    this.#undo = setTimeout(() => this.#set({ undoable: null }), undoMs);
    await put(answered);
    await remove("offers", keyOfOffer(first));
    await remove("drafts", keyOfOffer(first));
    start(this.fill());
  }

  async #answered({ market, offer }: InHand, body: Body, workMs: number): Promise<Answered> {
    const known = await enter();
    const [salted] = await known.salted(market, [{ slot: offer.slot, body }]);
    const now = Date.now();
    return {
      market,
      slot: offer.slot,
      task: offer.task.task,
      title: this.state.value.market?.title ?? "",
      question: shownOf(offer.task.content).question ?? offer.task.id,
      body: salted?.body ?? body,
      reward: offer.reward,
      answeredAtMs: now,
      sendAtMs: now + undoMs,
      workMs: Math.min(workMsMax, Math.max(0, workMs)),
      refused: null,
    };
  }

  /** Brings the last answer back, as long as it was not sent. */
  async undo(back: InHand): Promise<boolean> {
    const { undoable } = this.state.value;
    if (undoable === null || !(await takeBack(undoable))) return false;
    this.#set({ undoable: null, inHand: [back, ...this.state.value.inHand], status: "ready" });
    await write("offers", keyOfOffer(back), back);
    return true;
  }

  /** Puts the task aside: it comes back after the others, and goes to somebody else when its time is over. */
  async skip(): Promise<void> {
    const [first, ...rest] = this.state.value.inHand;
    if (first === undefined) return;
    await remove("offers", keyOfOffer(first));
    this.#set({ inHand: rest, status: rest.length > 0 ? "ready" : "loading" });
    start(this.fill());
  }

  #set(change: Partial<DeskState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }
}

/** Tasks that were taken before and are still reserved, the most urgent first. */
export const keptInHand = async (): Promise<InHand[]> => sorted((await readAll<InHand>("offers")).filter(isWithin));

export const keyOfOffer = ({ market, offer }: InHand): string => keyOf({ market, slot: offer.slot });
const isWithin = ({ offer }: InHand): boolean => offer.expiresAtMs > serverNow();
const sorted = (inHand: readonly InHand[]): InHand[] =>
  [...inHand].sort((a, b) => a.offer.expiresAtMs - b.offer.expiresAtMs || a.offer.task.task - b.offer.task.task);
