import type { Amount } from "../../core/amount.ts";
import { marketIdToBytes } from "../../core/market-id.ts";
import { emptyPurse, heldOf, purseTotal } from "../../ledger/purse.ts";
import { policyOf, standingOf } from "../../market/learned.ts";
import { dayMs, hourMs, minuteMs } from "../../market/spec.ts";
import { type LaneState, specOf } from "../../market/state.ts";
import { readEntryTimes } from "../../store/insight/entry-times.ts";
import { readLatestAnswers, tallyVerdicts } from "../../store/insight/tally-verdicts.ts";
import type { Standing } from "../../verification/pay/rule.ts";
import type { EngineContext } from "../context.ts";
import { firstLane, type Lanes } from "../lanes.ts";
import type { Insight, OwnRecord } from "./insight.ts";
import { paceOf } from "./pace.ts";
import { type HeldCounts, type Judged, judgedOf } from "./tally.ts";

/** A real hourly rate is that of the latest answers: people learn, and so do markets. */
const paceAnswersMax = 1_000;

interface FromState {
  readonly title: string;
  readonly held: number;
  readonly earned: Amount;
  readonly reserve: Amount;
  readonly standing: Standing | null;
  /** Null where the market's policy decides nothing. */
  readonly holdMs: number | null;
}

/**
 * A contributor's own record in a market. It must not tell which tasks are control tasks as long as their answers are
 * hidden: of those it counts the verdicts that were given, and why answers are held it says of all of them together.
 */
export function createOwnRecord({ pool }: EngineContext, lanes: Lanes, held: HeldCounts): Pick<Insight, "ownRecord"> {
  const paceIn = async (contributor: number, market: Uint8Array): Promise<OwnRecord["pace"]> => {
    const answers = await readLatestAnswers(pool, contributor, market, firstLane, paceAnswersMax);
    const sequences = answers.map(({ sequence }) => sequence);
    const times = await readEntryTimes(pool, market, firstLane, sequences);
    return paceOf(
      answers.flatMap(({ sequence, reward }) => {
        const timeMs = times.get(sequence);
        return timeMs === undefined ? [] : [{ timeMs, reward }];
      }),
    );
  };

  return {
    async ownRecord({ contributor }, market) {
      const key = marketIdToBytes(market);
      const known = await lanes.get(market).read((state) => fromState(state, contributor, held));
      const judged = judgedOf(await tallyVerdicts(pool, key, firstLane, [contributor]));
      const ends = [judged.first, judged.last].filter((sequence) => sequence !== null);
      const times = await readEntryTimes(pool, key, firstLane, ends);
      return {
        market,
        ...recordOf(known, judged),
        firstAtMs: times.get(judged.first ?? 0) ?? null,
        lastAtMs: times.get(judged.last ?? 0) ?? null,
        pace: await paceIn(contributor, key),
      };
    },
  };
}

/** Whoever never took a slot here has an empty record. */
function fromState(state: LaneState, contributor: number, held: HeldCounts): FromState {
  const member = state.members.get(contributor);
  const { title, terms } = specOf(state);
  const { learned } = state.model;
  const purse = member?.purse ?? emptyPurse();
  return {
    title,
    held: member === undefined ? 0 : (held.in(state).get(contributor) ?? 0),
    earned: purseTotal(purse),
    reserve: heldOf(purse),
    standing: learned === null || member === undefined ? null : standingOf(learned, contributor).standing,
    holdMs: policyOf(state, terms)?.holdMs ?? null,
  };
}

function recordOf(known: FromState, judged: Judged): Omit<OwnRecord, "market" | "firstAtMs" | "lastAtMs" | "pace"> {
  const { title, earned, reserve, standing } = known;
  const { accepted, rejected, appealable, appealed, review, controls } = judged;
  const count = known.held + review;
  return {
    title,
    answers: accepted + rejected + count,
    accepted,
    rejected,
    appealable,
    appealed,
    held: { count, review, ...waitingFor(count, known) },
    earned,
    reserve,
    controls,
    standing,
  };
}

function waitingFor(count: number, { standing, holdMs }: FromState): Pick<OwnRecord["held"], "because" | "next"> {
  if (count === 0) return { because: null, next: null };
  if (holdMs === null || standing === "proven") {
    return {
      because: "LABELS_AWAITED",
      next: "They are compared as soon as enough others have answered the same tasks; then each gets its verdict.",
    };
  }
  return {
    because: "STANDING_AWAITED",
    next: `Your answers are paid once enough of them show that you look at the tasks. Go on with care; what is held gets its verdict at the latest ${durationText(holdMs)} after its task needs no more answers, or when the market closes.`,
  };
}

function durationText(ms: number): string {
  if (ms < hourMs) return `${Math.ceil(ms / minuteMs)} minutes`;
  return ms < 2 * dayMs ? `${Math.ceil(ms / hourMs)} hours` : `${Math.ceil(ms / dayMs)} days`;
}
