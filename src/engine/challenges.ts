import type { Amount } from "../core/amount.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { MarketId } from "../core/market-id.ts";
import { termsOfTask } from "../market/admit.ts";
import { challengeRuleIn, seatsOf } from "../market/challenges.ts";
import type { ChallengeOutcome } from "../market/entries.ts";
import { type ChallengeWindow, type LaneState, type Settlement, specOf, type TaskState } from "../market/state.ts";
import { answerJson } from "../verification/answers/answer-schema.ts";
import type { Engine } from "./engine.ts";
import type { Lanes } from "./lanes.ts";

/** A settled task that somebody may object to, or did. */
export interface ChallengeView {
  readonly task: number;
  readonly label: Json;
  readonly decided: boolean;
  readonly endsAtMs: number;
  readonly stake: Amount;
  readonly challenge: {
    readonly atMs: number;
    readonly endsAtMs: number;
    readonly seats: number;
    readonly votes: number;
    readonly outcome: ChallengeOutcome | null;
  } | null;
}

const shownMax = 200;

/** Objections to what tasks settled on. */
export function createChallenges(lanes: Lanes): Pick<Engine, "challenges" | "challengeTask" | "challengeOf"> {
  const challengeOf = async (market: MarketId, task: number): Promise<ChallengeView> => {
    const view = await lanes.get(market).read((state) => viewOf(state, task));
    if (view === null)
      throw earnestError("CHALLENGE_STATE", { task: `${task}`, problem: "nothing of it can be challenged now" });
    return view;
  };

  return {
    challengeOf,

    async challenges(market) {
      return await lanes.get(market).read((state) =>
        Array.from(state.challenges.keys(), (task) => ({ task, endsAtMs: state.challenges.get(task)?.endsAtMs ?? 0 }))
          .sort((a, b) => a.endsAtMs - b.endsAtMs || a.task - b.task)
          .slice(0, shownMax)
          .map(({ task }) => viewOf(state, task) as ChallengeView),
      );
    },

    async challengeTask({ contributor }, market, task, once) {
      await lanes.get(market).runOnce({ type: "challenge", contributor, task }, once);
      return await challengeOf(market, task);
    },
  };
}

function viewOf(state: LaneState, number: number): ChallengeView | null {
  const window = state.challenges.get(number);
  const task = state.tasks.get(number);
  if (window === undefined || task === undefined) return null;
  const { label, decided } = task.settled as Settlement;
  return {
    task: number,
    label: answerJson(termsOfTask(state, number).answer, label),
    decided,
    endsAtMs: window.endsAtMs,
    stake: specOf(state).appeal.cost,
    challenge: heardOf(state, task, window),
  };
}

function heardOf(state: LaneState, task: TaskState, { challenge }: ChallengeWindow): ChallengeView["challenge"] {
  if (challenge === null) return null;
  const { atMs, endsAtMs, outcome } = challenge;
  const votes = seatsOf(task).filter(({ body }) => body !== null).length;
  return { atMs, endsAtMs, seats: challengeRuleIn(state)?.seats ?? 0, votes, outcome };
}
