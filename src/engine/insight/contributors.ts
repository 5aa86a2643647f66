import { type Bytes32, bytes32 } from "../../core/bytes.ts";
import { type MarketId, marketIdToBytes } from "../../core/market-id.ts";
import { purseTotal } from "../../ledger/purse.ts";
import { answerOf, standingOf } from "../../market/learned.ts";
import { type LaneState, type Member, specOf } from "../../market/state.ts";
import { type ContributorErrors, windowErrors } from "../../market/window-errors.ts";
import { tallyVerdicts } from "../../store/insight/tally-verdicts.ts";
import { answerJson } from "../../verification/answers/answer-schema.ts";
import { chance } from "../../verification/pay/prevalence.ts";
import type { EngineContext } from "../context.ts";
import { firstLane, type Lanes } from "../lanes.ts";
import { noCursor } from "../page.ts";
import type { Page } from "../types.ts";
import type { ContributorRecord, ErrorCell, Insight } from "./insight.ts";
import { type HeldCounts, judgedOf } from "./tally.ts";

interface Parts {
  readonly lanes: Lanes;
  readonly held: HeldCounts;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
}

type FromState = Omit<ContributorRecord, "answers" | "accepted" | "rejected"> & { readonly number: number };

/** Who worked in a market, for its owner: by their numbers, which is the order in which they first came to the network. */
export function createContributors({ pool }: EngineContext, { lanes, markets, held }: Parts) {
  const contributors: Insight["contributors"] = async (owner, market, after, limit) => {
    await markets.owned(owner, market);
    const from = after === null ? -1 : readCursor(after);
    const { shown, isMore } = await lanes.get(market).read((state) => {
      const numbers = [...state.members.keys()].filter((number) => number > from).sort((a, b) => a - b);
      const wanted = numbers.slice(0, limit);
      return { shown: fromState(state, wanted, held.in(state)), isMore: numbers.length > limit };
    });
    const numbers = shown.map(({ number }) => number);
    const tallies = await tallyVerdicts(pool, marketIdToBytes(market), firstLane, numbers);
    const items = shown.map(({ number, ...known }): ContributorRecord => {
      const judged = judgedOf(tallies.filter(({ contributor }) => contributor === number));
      const { accepted, rejected } = judged;
      const waiting = known.held + judged.review;
      return { ...known, held: waiting, answers: accepted + rejected + waiting, accepted, rejected };
    });
    return { items, next: isMore ? `${numbers.at(-1)}` : null } satisfies Page<ContributorRecord>;
  };
  return { contributors };
}

function fromState(
  state: LaneState,
  numbers: readonly number[],
  heldBy: ReadonlyMap<number, number>,
): readonly FromState[] {
  const errors = windowErrors(state, new Set(numbers));
  return numbers.map((number) => {
    const member = state.members.get(number) as Member;
    return {
      number,
      contributor: bytes32(member.key),
      automated: member.automated,
      isBlocked: member.isBlocked,
      held: heldBy.get(number) ?? 0,
      earned: purseTotal(member.purse),
      controls: { answered: member.controlsAnswered, right: member.controlsRight },
      agreement: { judged: member.judged, agreed: member.agreed },
      standing: standingIn(state, number),
      errors: errors === null ? null : shownErrors(state, errors.get(number) ?? []),
    };
  });
}

function standingIn({ model }: LaneState, contributor: number): ContributorRecord["standing"] {
  if (model.learned === null) return null;
  const { standing, oddsMillinats } = standingOf(model.learned, contributor);
  return { standing, informative: chance(oddsMillinats / 1_000), model: model.version };
}

function shownErrors(state: LaneState, errors: ContributorErrors): readonly ErrorCell[] {
  const { answer } = specOf(state).terms;
  const shown = (label: number) => answerJson(answer, answerOf(answer, label));
  return errors.map(({ truth, label, answers, probability, low, high }) => ({
    truth: shown(truth),
    answer: shown(label),
    answers,
    probability,
    low,
    high,
  }));
}

function readCursor(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw noCursor();
}
