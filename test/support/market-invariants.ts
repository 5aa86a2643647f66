import { equalBytes, toHex } from "#src/core/bytes";
import { formatSlot, parseSlot, type Slot } from "#src/core/slot";
import { accounts, isConserved, sources } from "#src/ledger/books";
import { panelOf, termsOfTask, wantsPanelist } from "#src/market/admit";
import { readBody } from "#src/market/body";
import { isPending, openChallenge, seatStake, seatsOf } from "#src/market/challenges";
import { uncoveredMax } from "#src/market/covering";
import type { OrdinalRuling } from "#src/market/entries";
import { isRight } from "#src/market/right";
import { priceOf } from "#src/market/spec";
import {
  controlOf,
  earnedByMembers,
  hasEnded,
  isFinished,
  type LaneState,
  liveSlots,
  type Member,
  ofChallenge,
  type SlotRecord,
  specOf,
  type TaskState,
} from "#src/market/state";
import type { Appended } from "#src/market/step";
import { verifyingOf } from "#src/market/verifying";
import type { Answer } from "#src/verification/answers/answer";

/** What must hold of a lane at any time, computed from scratch. Throws where it does not. */

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`invariant: ${what}`);
}

export function checkState(state: LaneState): void {
  checkBooks(state);
  for (const number of state.tasks.keys()) checkTask(state, number, state.tasks.get(number) as TaskState);
  for (const number of [...state.withRoom.keys(), ...state.wantsPanel.keys()])
    must(state.tasks.get(number) !== undefined, `room in no task ${number}`);
  for (const second of state.due.keys()) must(second >= Math.floor(state.timeMs / 1_000), `${second} is still due`);
  checkMembers(state);
}

function checkBooks(state: LaneState): void {
  const { books } = state;
  for (const name of [...accounts, ...sources]) must(books[name] >= 0n, `${name} is ${books[name]}`);
  must(isConserved(books), "the books are not conserved");
  must(books.earned + books.bonus === earnedByMembers(state), "the purses differ from earned and bonus");
  const expected = { assigned: 0n, held: 0n, appealable: 0n };
  const account: Partial<Record<SlotRecord["state"], keyof typeof expected>> = {
    assigned: "assigned",
    held: "held",
    review: "held",
    appealable: "appealable",
    appealed: "appealable",
  };
  for (const number of state.tasks.keys()) {
    const price = priceOf(specOf(state), termsOfTask(state, number));
    for (const slot of state.tasks.get(number)?.slots ?? []) {
      const where = account[slot.state];
      if (where !== undefined) expected[where] += price;
      expected.held += slot.panelHold;
    }
    expected.held += openChallenge(state, number)?.hold ?? 0n;
  }
  for (const name of ["assigned", "held", "appealable"] as const) {
    must(books[name] === expected[name], `${name} is ${books[name]}, its slots are worth ${expected[name]}`);
  }
}

function checkTask(state: LaneState, number: number, task: TaskState): void {
  must(!isFinished(state, number), `task ${number} is finished and there`);
  must(task.slots.length > 0, `task ${number} was started without a slot`);
  const { overlap } = termsOfTask(state, number);
  const control = state.controls.get(number);
  const liveCount = liveSlots(task).length;
  if (control === undefined) must(liveCount <= overlap.max, `task ${number} has ${liveCount} of ${overlap.max}`);
  const owners = task.slots
    .filter((slot) => slot.state !== "expired" && slot.state !== "void")
    .map((slot) => toHex((state.members.get(slot.contributor) as Member).owner));
  must(new Set(owners).size === owners.length, `an owner answers task ${number} twice`);
  const room =
    controlOf(state, number) === undefined
      ? task.settled === null && state.waiting.get(number) === undefined && liveCount < overlap.max
      : control?.status === "live";
  must(room === (state.withRoom.get(number) === true), `task ${number} has${room ? "" : " no"} room`);
  const wants = wantsPanelist(state, number, task);
  const listed = state.wantsPanel.get(number) === true;
  // Where an appeal's window has passed meanwhile, the list still names the task until its last panelist is done.
  const late = task.slots.some((slot) => slot.state === "appealed" && slot.expiresAtMs <= state.timeMs);
  const challenge = openChallenge(state, number);
  const isLate = late || (challenge !== null && challenge.endsAtMs <= state.timeMs);
  must(wants === listed || (listed && isLate), `task ${number} is${listed ? "" : " not"} listed as wanting a panel`);
  checkChallenge(state, number, task);
  for (const [ordinal, slot] of task.slots.entries()) checkSlot(state, { task: number, ordinal }, slot, task);
}

function checkChallenge(state: LaneState, number: number, task: TaskState): void {
  const window = state.challenges.get(number);
  if (window === undefined) return;
  must(task.settled !== null, `task ${number} may be challenged before it settled`);
  const challenge = openChallenge(state, number);
  if (challenge === null) return;
  const seats = seatsOf(task);
  const price = priceOf(specOf(state), termsOfTask(state, number));
  const rule = verifyingOf(specOf(state))?.challenge;
  must(challenge.hold === price * BigInt((rule?.seats ?? 0) - seats.length), `${challenge.hold} is held for ${number}`);
  for (const seat of seats) must(challenge.drawn.includes(seat.contributor), `a seat of ${number} was not drawn`);
  if (challenge.endsAtMs < state.timeMs)
    must(
      seats.some((seat) => seat.state === "assigned"),
      `the challenge of ${number} is overdue`,
    );
}

/** Reserve that a slot has at stake: of its appeal, or of its seat on a challenge's panel. */
function stakeOf(state: LaneState, number: number, slot: SlotRecord): bigint {
  const isAtStake = slot.state === "appealed" || (slot.panelOf === ofChallenge && !hasEnded(slot));
  if (isAtStake && slot.panelOf === ofChallenge) must(slot.stake === seatStake(state, number), `a seat of ${number}`);
  return isAtStake ? slot.stake : 0n;
}

function checkSlot(state: LaneState, slot: Slot, record: SlotRecord, task: TaskState): void {
  const at = formatSlot(slot);
  const pending = ["assigned", "review", "appealable", "appealed"].includes(record.state);
  if (pending && record.state !== "appealed") must(record.expiresAtMs >= state.timeMs, `${at} is overdue`);
  if (record.state === "appealed" && record.expiresAtMs < state.timeMs) {
    must(
      panelOf(task, slot.ordinal).some((each) => each.state === "assigned"),
      `the appeal of ${at} is overdue`,
    );
  }
  const wanted = record.state === "appealed" ? specOf(state).appeal.panel - panelOf(task, slot.ordinal).length : 0;
  const panelHold = priceOf(specOf(state), termsOfTask(state, slot.task)) * BigInt(wanted);
  must(record.panelHold === panelHold, `${record.panelHold} is held for the panel of ${at}, not ${panelHold}`);
  must((record.body === null) === (record.sequence === 0), `${at} has half a submission`);
  if (record.panelOf === null) must(record.budget !== "appealBudget", `${at} is paid from the appeal budget`);
  else must(record.budget === "appealBudget", `${at} is of a panel and paid from ${record.budget}`);
  if (task.settled !== null && record.panelOf === null)
    must(
      record.state !== "held" || state.waiting.get(slot.task) !== undefined || isPending(state, slot.task),
      `${at} is held for nothing`,
    );
}

function checkMembers(state: LaneState): void {
  for (const key of state.members.keys()) {
    const member = state.members.get(key) as Member;
    const open = [...state.tasks.keys()].reduce(
      (total, number) =>
        total +
        (state.tasks.get(number) as TaskState).slots.filter((s) => s.contributor === key && s.state === "assigned")
          .length,
      0,
    );
    must(open === member.open.length, `contributor ${key} has ${member.open.length} open slots, not ${open}`);
    must(member.controlsRight >= 0 && member.controlsRight <= member.controlsAnswered, `controls of ${key}`);
    const checked = controlSlotsOf(state, key);
    must(member.controlsAnswered >= checked.length, `${key} answered ${checked.length} controls, not less`);
    const matched = checked.filter(({ counted }) => counted).length;
    must(member.controlsRight >= matched, `${key} was right in ${matched} controls, not less`);
    must(member.controlsAnswered - member.controlsRight >= checked.length - matched, `${key} missed too few controls`);
    must(member.agreed >= 0 && member.agreed <= member.judged, `agreement of ${key}`);
    if (equalBytes(member.owner, state.requester))
      must(member.slotsTaken === 0, "the requester works in its own market");
    const staked = slotsOf(state, key).reduce((total, [task, slot]) => total + stakeOf(state, task, slot), 0n);
    const objecting = [...state.tasks.keys()].reduce((total, task) => {
      const challenge = openChallenge(state, task);
      return total + (challenge?.contributor === key ? challenge.stake : 0n);
    }, 0n);
    const uncovered = member.sessions.flatMap((session) => session.uncovered);
    const unpaid = uncovered.reduce((total, { pay }) => total + pay, 0n);
    must(member.purse.uncovered === unpaid, `${member.purse.uncovered} of ${key} wait for a signature, not ${unpaid}`);
    must(member.sessions.length <= 8, `${member.sessions.length} sessions of ${key}`);
    for (const session of member.sessions) must(session.uncovered.length <= uncoveredMax, `too much of ${key} waits`);
    const atStake = staked + objecting;
    must(member.purse.staked === atStake, `stakes of ${key}: ${member.purse.staked}, not ${atStake}`);
  }
}

/** Answers to controls that are not void and still in the state; there may have been more. */
const controlSlotsOf = (state: LaneState, contributor: number): SlotRecord[] =>
  [...state.controls.keys()].flatMap((number) =>
    controlOf(state, number) === undefined
      ? []
      : (state.tasks.get(number)?.slots ?? []).filter((s) => s.contributor === contributor && s.counted !== null),
  );

const slotsOf = (state: LaneState, contributor: number): (readonly [number, SlotRecord])[] =>
  [...state.tasks.keys()].flatMap((number) =>
    (state.tasks.get(number) as TaskState).slots.flatMap((slot) =>
      slot.contributor === contributor ? [[number, slot] as const] : [],
    ),
  );

type End = "accepted" | "rejected" | "expired" | "void";

/** Follows a log and checks what no single state can show: ends come once, and pay comes once. */
export class OutcomeTracker {
  readonly ends = new Map<string, End>();
  /** Rejections that may still be appealed, submissions that wait for review, and open appeals. */
  readonly #pending = new Map<string, "rejected" | "review" | "appealed">();
  readonly #holders = new Map<string, number>();
  readonly #owners = new Map<number, string>();
  readonly #paid = new Set<string>();
  readonly #answers = new Map<string, Answer>();

  see(appended: readonly Appended[], state: LaneState): void {
    for (const each of appended) this.#one(each, state);
  }

  /** Slots that were assigned and have not ended. */
  get open(): string[] {
    return [...this.#holders.keys()].filter((at) => !this.ends.has(at));
  }

  #one({ entry, attachment }: Appended, state: LaneState): void {
    switch (entry.kind) {
      case "joined":
        this.#owners.set(entry.contributor, toHex(entry.owner));
        break;
      case "assigned":
        this.#assigned(entry, entry.contributor);
        break;
      case "submitted":
        must(!this.#answers.has(formatSlot(entry)), `${formatSlot(entry)} was submitted twice`);
        this.#answers.set(formatSlot(entry), readBody(termsOfTask(state, entry.task).answer, attachment as Uint8Array));
        if (entry.next !== null) this.#assigned(entry.next, entry.contributor);
        break;
      case "expired":
        must(!this.#answers.has(formatSlot(entry)), `${formatSlot(entry)} expired with its answer`);
        this.#end(entry, "expired");
        break;
      case "voided":
        this.#end(entry, "void");
        break;
      case "judged":
        this.#ruled(entry, entry);
        break;
      case "verified":
        this.#ruled(entry, entry);
        // What no other answer could change has no appeal.
        if (entry.verdict === "rejected" && entry.units === 0) this.#end(entry, "rejected");
        break;
      case "reviewed":
        this.#ruled(entry, { verdict: entry.accepted ? "accepted" : "rejected" });
        break;
      case "settled":
        for (const ruling of entry.rulings) this.#ruled({ task: entry.task, ordinal: ruling.ordinal }, ruling);
        break;
      case "appealed":
        must(
          this.#pending.get(formatSlot(entry)) === "rejected",
          `${formatSlot(entry)} is appealed without a rejection`,
        );
        this.#pending.set(formatSlot(entry), "appealed");
        break;
      case "controlVoided":
        for (const [at, pending] of this.#pending) {
          if (pending !== "review" && parseSlot(at).task === entry.task) this.#end(parseSlot(at), "accepted");
        }
        break;
      case "released":
        must(
          this.#pending.get(formatSlot(entry)) === "rejected",
          `${formatSlot(entry)} is released without a rejection`,
        );
        this.#end(entry, "rejected");
        break;
      case "challengeSettled":
        for (const { ordinal, verdict } of entry.rulings) {
          const slot = { task: entry.task, ordinal };
          must(this.#answers.has(formatSlot(slot)), `the seat ${formatSlot(slot)} is judged without an answer`);
          this.#end(slot, verdict === "accepted" ? "accepted" : "rejected");
        }
        break;
      case "appealSettled":
        must(
          entry.won ===
            (entry.votes === 0 ||
              isRight(state, entry.task, this.#answers.get(formatSlot(entry)) as Answer, entry.label)),
          `${formatSlot(entry)} wins or loses its appeal against its panel`,
        );
        must(this.#pending.get(formatSlot(entry)) === "appealed", `${formatSlot(entry)} was not appealed`);
        for (const { ordinal, verdict } of entry.rulings) {
          const slot = { task: entry.task, ordinal };
          must(this.#answers.has(formatSlot(slot)), `a panelist's ${formatSlot(slot)} is judged without an answer`);
          this.#end(slot, verdict === "accepted" ? "accepted" : "rejected");
        }
        this.#end(entry, entry.won ? "accepted" : "rejected");
        break;
      default:
    }
  }

  #assigned(slot: Slot, contributor: number): void {
    const at = formatSlot(slot);
    must(!this.#holders.has(at), `${at} was given out twice`);
    this.#holders.set(at, contributor);
  }

  #ruled(slot: Slot, ruling: Pick<OrdinalRuling, "verdict">): void {
    const at = formatSlot(slot);
    must(this.#answers.has(at), `${at} has a verdict without an answer`);
    must(!this.ends.has(at), `${at} has a verdict after its end`);
    if (ruling.verdict === "accepted") this.#end(slot, "accepted");
    else this.#pending.set(at, ruling.verdict);
  }

  #end(slot: Slot, end: End): void {
    const at = formatSlot(slot);
    must(this.#holders.has(at), `${at} ends and was never assigned`);
    must(!this.ends.has(at), `${at} ends twice: ${this.ends.get(at)}, ${end}`);
    this.ends.set(at, end);
    this.#pending.delete(at);
    if (end !== "accepted") return;
    const payment = `${slot.task} ${this.#owners.get(this.#holders.get(at) as number)}`;
    must(!this.#paid.has(payment), `an owner is paid twice for task ${slot.task}`);
    this.#paid.add(payment);
  }
}
