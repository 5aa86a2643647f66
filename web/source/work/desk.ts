import { isApiError } from "../../../src/client/errors.ts";
import type { Market } from "../../../src/contract/markets.ts";
import { routes } from "../../../src/contract/routes.ts";
import type { Offer } from "../../../src/contract/work.ts";
import type { Json } from "../../../src/core/json.ts";
import { enter, network, serverNow, transport, watched } from "../connection.ts";
import { shownOf } from "../content/parts.ts";
import { readAll, readOne, remove, write } from "../database.ts";
import { Store } from "../store.ts";
import { start } from "../trouble.ts";
import { fieldNeedsOf } from "../widgets/field/needs.ts";
import { type Answered, keyOf } from "./answers.ts";
import { nearTasks } from "./near.ts";
import { put, takeBack } from "./outbox.ts";
import { here } from "./position.ts";

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
/** Tasks nearby that are tried before any other is as good. */
const nearTriesMax = 5;
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
  /** Tasks that were given back: whoever is near to them need not be offered them again. */
  readonly #givenBack = new Set<number>();
  /** Then it is of no use to look again. */
  #isAllGivenBack = false;

  constructor(market: string) {
    this.id = market;
  }

  async open(): Promise<void> {
    this.#isClosed = false;
    try {
      const kept = (await keptInHand()).filter(({ market }) => market === this.id);
      const known = this.state.value.market ?? (await keptMarket(this.id));
      if (kept.length > 0) this.#set({ inHand: kept, status: "ready", market: known });
      await network();
      const market = await watched(transport.call(routes.getMarket, { params: { market: this.id } }));
      this.#set({ market });
      await write("drafts", marketKey, market);
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
      const missing = (this.#isInField ? 1 : inHandMin) - this.state.value.inHand.length;
      if (missing > 0) await this.#take(missing);
      const isSome = this.state.value.inHand.length > 0;
      this.#set({ status: isSome ? "ready" : "empty", problem: null });
      if (!isSome && !this.#isAllGivenBack) this.#lookAgain();
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
    const offers = (await this.#takeNear()) ?? (await this.#takeAny(count));
    const taken = offers.map((offer): InHand => ({ market: this.id, offer }));
    for (const each of taken) await write("offers", keyOfOffer(each), each);
    const { inHand } = this.state.value;
    const isNew = (each: InHand) => !inHand.some(({ offer }) => offer.slot === each.offer.slot);
    this.#set({ inHand: [...inHand, ...taken.filter(isNew)] });
  }

  /** The network offers again what was given back where there is nothing else: then there is nothing. */
  async #takeAny(count: number): Promise<readonly Offer[]> {
    const known = await enter();
    const offers = await watched(known.assign(this.id, { count }));
    const isBack = ({ task }: Offer): boolean => this.#givenBack.has(task.task);
    this.#isAllGivenBack = offers.length > 0 && offers.every(isBack);
    for (const { slot } of offers.filter(isBack)) await watched(known.giveBack(this.id, slot));
    return offers.filter((offer) => !isBack(offer));
  }

  /** Whoever goes somewhere goes to one place at a time, and gives back what they cannot get to. */
  get #isInField(): boolean {
    const { track, picture } = fieldNeedsOf(this.state.value.market?.verification);
    return track !== null || picture !== null;
  }

  /** The nearest task that can be taken; null where nobody said where they are, or nothing is near. */
  async #takeNear(): Promise<readonly Offer[] | null> {
    const from = here.value;
    if (!this.#isInField || from === null) return null;
    const known = await enter();
    const near = await nearTasks(this.id, from);
    for (const { task } of near.filter((each) => !this.#givenBack.has(each.task)).slice(0, nearTriesMax)) {
      try {
        return await watched(known.assign(this.id, { task }));
      } catch (error) {
        // Somebody else was faster, or it was theirs before.
        if (!isApiError(error, "TASK_STATE") && !isApiError(error, "WORK_NOT_FOUND")) throw error;
      }
    }
    return null;
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
    for (const key of draftKeys(first)) await remove("drafts", key);
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
      mint: this.state.value.market?.token.mint,
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

  /**
   * Puts the task aside: it comes back after the others, and goes to somebody else when its time is over. One in the field
   * is reserved for days, so it is given back.
   */
  async skip(): Promise<void> {
    const [first, ...rest] = this.state.value.inHand;
    if (first === undefined) return;
    if (this.#isInField) await this.#giveBack(first);
    await remove("offers", keyOfOffer(first));
    this.#set({ inHand: rest, status: rest.length > 0 ? "ready" : "loading" });
    start(this.fill());
  }

  async #giveBack({ offer }: InHand): Promise<void> {
    this.#givenBack.add(offer.task.task);
    try {
      await watched((await enter()).giveBack(this.id, offer.slot));
    } catch (error) {
      // It had ended already.
      if (!isApiError(error, "SLOT_STATE")) throw error;
    }
  }

  #set(change: Partial<DeskState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }
}

/** Tasks that were taken before and are still reserved, the most urgent first. */
export const keptInHand = async (): Promise<InHand[]> => sorted((await readAll<InHand>("offers")).filter(isWithin));

/** The market that was worked in last, so that its tasks can be done as it wants them without a connection. */
const marketKey = "market";
async function keptMarket(id: string): Promise<Market | null> {
  const kept = await readOne<Market>("drafts", marketKey);
  return kept?.id === id ? kept : null;
}

/** Under what the answer to a task is kept, and what goes along with it. */
export const draftKeys = (inHand: InHand): readonly [answer: string, evidence: string] => [
  keyOfOffer(inHand),
  `${keyOfOffer(inHand)}/evidence`,
];

export const keyOfOffer = ({ market, offer }: InHand): string => keyOf({ market, slot: offer.slot });
const isWithin = ({ offer }: InHand): boolean => offer.expiresAtMs > serverNow();
const sorted = (inHand: readonly InHand[]): InHand[] =>
  [...inHand].sort((a, b) => a.offer.expiresAtMs - b.offer.expiresAtMs || a.offer.task.task - b.offer.task.task);
