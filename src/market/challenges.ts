import type { Amount } from "../core/amount.ts";
import { concatBytes, equalBytes, toHex, toUtf8 } from "../core/bytes.ts";
import { encode, struct, u16, u32, varint } from "../core/codec.ts";
import { earnestError } from "../core/errors.ts";
import { type Hash, taggedHash, tags } from "../core/hash.ts";
import type { Context } from "../verification/primitives/evidence.ts";
import { hasAnswered, memberOf, panelPriceFor, termsOfTask } from "./admit.ts";
import { isEligible } from "./eligibility.ts";
import type { EntryOf, OrdinalRuling } from "./entries.ts";
import { isRight } from "./right.ts";
import {
  type Challenge,
  type ChallengeWindow,
  type LaneState,
  type Member,
  ofChallenge,
  type Settlement,
  type SlotRecord,
  specOf,
  type TaskState,
} from "./state.ts";
import { type ChallengeRule, verifyingOf } from "./verifying.ts";

/** The market's rule of challenges; null where its composition has none. */
export const challengeRuleIn = (state: LaneState): ChallengeRule | null =>
  verifyingOf(specOf(state))?.challenge ?? null;

/** A challenge whose panel is heard. */
export function openChallenge(state: LaneState, task: number): Challenge | null {
  const challenge = state.challenges.get(task)?.challenge ?? null;
  return challenge !== null && challenge.outcome === null ? challenge : null;
}

/** Whether what the task settled on may still change: all its submissions are held that long. */
export function isPending(state: LaneState, task: number): boolean {
  const window = state.challenges.get(task);
  if (window === undefined) return false;
  const outcome = window.challenge?.outcome;
  // What no panel decided is as if nobody had objected, also before the window is over.
  return outcome === null || (outcome !== "upheld" && outcome !== "overturned" && state.timeMs < window.endsAtMs);
}

/** When something of it falls due; null where nothing does. */
export function challengeDueMs(window: ChallengeWindow | undefined): number | null {
  if (window === undefined) return null;
  const { challenge, endsAtMs } = window;
  return challenge === null || challenge.outcome !== null ? endsAtMs : challenge.endsAtMs;
}

/** What has to lie in reserve of whoever sits on a panel: as much as a seat earns. */
export const seatStake = (state: LaneState, task: number): Amount => termsOfTask(state, task).reward;

/** Seats that bring or brought an answer. */
export const seatsOf = (task: TaskState): SlotRecord[] =>
  task.slots.filter(({ panelOf, state }) => panelOf === ofChallenge && state !== "expired" && state !== "void");

/** Whether a challenge's panel wants another member. */
export function wantsSeat(state: LaneState, number: number, task: TaskState): boolean {
  const challenge = openChallenge(state, number);
  if (challenge === null || state.timeMs >= challenge.endsAtMs) return false;
  return seatsOf(task).length < (challengeRuleIn(state) as ChallengeRule).seats;
}

/** The draw is for so many times the seats: whoever comes later in it may sit down when those before had their time. */
const drawnPerSeat = 4;

/** Whether a contributor may take a seat now: the first of the draw at once, others with each quarter of the time. */
export function mayTakeSeat(state: LaneState, number: number, task: TaskState, contributor: number): boolean {
  if (!wantsSeat(state, number, task)) return false;
  const { atMs, endsAtMs, drawn } = openChallenge(state, number) as Challenge;
  const rank = drawn.indexOf(contributor);
  if (rank < 0) return false;
  const turn = Math.floor(rank / (challengeRuleIn(state) as ChallengeRule).seats);
  return (state.timeMs - atMs) * drawnPerSeat >= turn * (endsAtMs - atMs);
}

/** @throws CHALLENGE_STATE, OWN_MARKET_WORK */
export function admitChallenge(state: LaneState, { task, contributor, stake }: EntryOf<"challenged">): void {
  const problem =
    stake === specOf(state).appeal.cost ? problemOf(state, task, contributor) : "its stake is another in this market";
  if (problem !== null) throw earnestError("CHALLENGE_STATE", { task: `${task}`, problem });
}

/** Why a contributor cannot challenge a task now; null where it can. */
export function problemOf(state: LaneState, task: number, contributor: number): string | null {
  const member = memberOf(state, contributor);
  termsOfTask(state, task);
  const window = state.challenges.get(task);
  if (window === undefined) return "nothing of it can be challenged now";
  if (window.challenge !== null) return "it has been challenged";
  if (state.timeMs >= window.endsAtMs) return "its window has passed";
  if (equalBytes(member.owner, state.requester)) throw earnestError("OWN_MARKET_WORK", {});
  if (member.purse.held < specOf(state).appeal.cost) return "it takes more than your reserve in this market";
  const { seats, acceptedMin } = challengeRuleIn(state) as ChallengeRule;
  if (panelPriceFor(state, task, seats) > state.books.appealBudget) return "the market's budget for panels is used up";
  const isHeard = eligibleFor(state, task, member).length >= acceptedMin;
  return isHeard ? null : "too few contributors have enough in reserve to judge it";
}

/** Everybody who may judge a task that this member challenged: nobody who answered it, and nobody without reserve. */
function eligibleFor(state: LaneState, number: number, challenger: Member): number[] {
  const { eligibility } = termsOfTask(state, number);
  const needed = seatStake(state, number);
  const found = new Map<string, number>();
  for (const contributor of [...state.members.keys()].sort((a, b) => a - b)) {
    const member = state.members.get(contributor) as Member;
    const owner = toHex(member.owner);
    if (member.purse.held < needed || member.isBlocked || found.has(owner)) continue;
    if (equalBytes(member.owner, state.requester) || equalBytes(member.owner, challenger.owner)) continue;
    if (hasAnswered(state, number, member) || !isEligible(eligibility, member, state.timeMs)) continue;
    found.set(owner, contributor);
  }
  return [...found.values()];
}

const seedCodec = struct({ lane: u16, task: u32, contributor: u32, timeMs: varint });

/**
 * Draws who may judge: by the hash of the market, the challenge, its moment, and the body of every answer, so that no
 * contributor knows the draw before it is made. Anybody who has the log draws the same.
 */
export function drawPanel(state: LaneState, number: number, hash: Hash): EntryOf<"panelDrawn"> {
  const { contributor } = openChallenge(state, number) as Challenge;
  const task = state.tasks.get(number) as TaskState;
  const seed = taggedHash(
    hash,
    tags.panel,
    concatBytes(
      toUtf8(state.market),
      encode(seedCodec, { lane: state.lane, task: number, contributor, timeMs: state.timeMs }),
      ...task.slots.flatMap(({ body }) => (body === null ? [] : [body])),
    ),
  );
  const drawn = eligibleFor(state, number, memberOf(state, contributor))
    .map((each) => ({ each, rank: toHex(taggedHash(hash, tags.panel, concatBytes(seed, memberOf(state, each).key))) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const { seats } = challengeRuleIn(state) as ChallengeRule;
  const contributors = drawn.slice(0, drawnPerSeat * seats).map(({ each }) => each);
  return { kind: "panelDrawn", task: number, contributors };
}

/** What the panel came to; null while it is heard. Without a majority nothing changes. */
export function challengeSettlement(state: LaneState, number: number): EntryOf<"challengeSettled"> | null {
  const challenge = openChallenge(state, number);
  const task = state.tasks.get(number);
  if (challenge === null || task === undefined) return null;
  const { seats, acceptedMin } = challengeRuleIn(state) as ChallengeRule;
  const panel = seatsOf(task);
  const answered = panel.filter((each) => each.state === "held");
  const isLate = state.timeMs >= challenge.endsAtMs && answered.length === panel.length;
  if (answered.length < seats && !isLate) return null;
  const before = task.settled as Settlement;
  const agreeing = (label: Settlement["label"]): number =>
    answered.filter(({ answer }) => isRight(state, number, answer, label)).length;
  const candidates = [before.label, ...answered.map(({ answer }) => answer)];
  const found = candidates.find((label) => agreeing(label) >= acceptedMin);
  const label = found ?? before.label;
  const isSame = before.decided && isRight(state, number, label, before.label);
  const rulings = answered.map((seat): OrdinalRuling => {
    const agrees = isRight(state, number, seat.answer, label);
    return {
      ordinal: task.slots.indexOf(seat),
      verdict: found === undefined || agrees ? "accepted" : "rejected",
      reason: found === undefined ? "UNDECIDED" : agrees ? "AGREES" : "DISAGREES",
    };
  });
  return {
    kind: "challengeSettled",
    task: number,
    outcome: found === undefined ? "lapsed" : isSame ? "upheld" : "overturned",
    label,
    confidencePpm:
      found === undefined ? before.confidencePpm : Math.floor((agreeing(found) * 1_000_000) / answered.length),
    votes: answered.length,
    rulings,
  };
}

/** What the composition knows of challenges to a submission; nothing while they may still come or are not decided. */
export function challengeFacts(
  state: LaneState,
  number: number,
  { answer }: SlotRecord,
): Pick<Context, "challenge" | "panel"> {
  const window = state.challenges.get(number);
  if (window === undefined || isPending(state, number)) return { challenge: null, panel: null };
  const { openedAtMs, challenge } = window;
  if (challenge === null || challenge.outcome === "lapsed")
    return { challenge: { openedAtMs, challengedAtMs: null }, panel: null };
  const task = state.tasks.get(number) as TaskState;
  const seats = seatsOf(task).filter(({ body }) => body !== null);
  const accepted = seats.filter((seat) => isRight(state, number, answer, seat.answer)).length;
  return {
    challenge: { openedAtMs, challengedAtMs: challenge.atMs },
    panel: { accepted, rejected: seats.length - accepted },
  };
}
