import { bytes32, equalBytes } from "../../core/bytes.ts";
import { type MarketId, marketIdFromBytes } from "../../core/market-id.ts";
import { describe, unmetRequirements } from "../../market/eligibility.ts";
import { hasPlaces } from "../../market/nearby.ts";
import { openTasks } from "../../market/outlook.ts";
import { showcaseOf } from "../../market/showcase.ts";
import { priceOf, type Requirement } from "../../market/spec.ts";
import { type Facts, type LaneState, type Member, newMember, noFacts, specOf } from "../../market/state.ts";
import { bestPlace, type RankedMarket, type RankPlace, rankOpenMarkets } from "../../store/insight/paces.ts";
import { Cache } from "../cache.ts";
import type { EngineContext } from "../context.ts";
import type { createIdentity } from "../identity.ts";
import type { Lanes } from "../lanes.ts";
import { type Pools, tokenView } from "../pools.ts";
import type { Session, TokenView } from "../types.ts";
import type { Insight, Lack, OpenWork } from "./insight.ts";
import { readPlace, writePlace } from "./rank-place.ts";

interface Parts {
  readonly lanes: Lanes;
  readonly pools: Pools;
  readonly identity: Pick<ReturnType<typeof createIdentity>, "contributorRow">;
}

/** Many look for work at a time; what they are shown of a market is as old as this at most. */
const sightMs = 5_000;

/** Markets that one request looks at: whoever asks, and signs in nowhere, must not make us load all there are. */
const looksByDefault = 200;

/** Markets among which a stranger's first task is looked for, the best paid first. */
const firstLooks = 20;

/** What everybody sees of a market. */
interface Sight {
  readonly shown: Pick<OpenWork, "token" | "requester" | "spec" | "tasksLeft" | "automatedAllowed" | "hasPlaces">;
  readonly hasWork: boolean;
  /** Tasks that a stranger may be shown first. */
  readonly showcase: readonly number[];
}

/** Where there is work, for those who look for some. */
export function createOpenWork(
  { pool, clock, random }: EngineContext,
  { lanes, pools, identity }: Parts,
  looksMax = looksByDefault,
): Pick<Insight, "openWork" | "firstWork"> {
  const sights = new Cache<Sight>({ max: 10_000, ttlMs: sightMs, clock });

  const look = async (market: MarketId): Promise<Sight> => {
    const token = tokenView((await pools.of(market)).rail);
    return await lanes.get(market).read((state) => lookAt(state, token));
  };
  const sightOf = async (market: MarketId): Promise<Sight> =>
    sights.get(market) ?? sights.set(market, await look(market));

  const callerOf = async ({ contributor }: Pick<Session, "contributor">): Promise<Member> => {
    const { key, owner, automated, facts } = await identity.contributorRow(contributor);
    const said: Facts = { ...noFacts, ...(JSON.parse(facts) as Partial<Facts>) };
    return newMember(bytes32(key), bytes32(owner), automated, said);
  };

  const lacksOf = async (market: MarketId, contributor: number, caller: Member): Promise<readonly Lack[]> =>
    await lanes.get(market).read((state) => {
      // The lane relies on what was said when the contributor came to it, and has what was granted since.
      const member = state.members.get(contributor) ?? caller;
      return equalBytes(member.owner, state.requester) ? [ownMarket] : missing(state, member, clock());
    });

  return {
    async openWork(session, after, limit) {
      const caller = session === null ? null : await callerOf(session);
      const items: OpenWork[] = [];
      let place = after === null ? bestPlace : readPlace(after);
      for (let looks = 0; ; ) {
        const wanted = Math.min(limit - items.length, looksMax - looks);
        const rows = await rankOpenMarkets(pool, place, wanted + 1);
        for (const row of rows.slice(0, wanted)) {
          const market = marketIdFromBytes(row.market);
          const { hasWork, shown } = await sightOf(market);
          if (!hasWork) continue;
          const lacks = session === null || caller === null ? null : await lacksOf(market, session.contributor, caller);
          // To whom it gives no more work it is no place to go to.
          if (lacks?.includes(blocked) === true) continue;
          items.push({
            market,
            ...shown,
            ...paceOfRow(row),
            qualifies: lacks === null ? null : lacks.length === 0,
            missing: lacks ?? [],
          });
        }
        if (rows.length <= wanted) return { items, next: null };
        place = rows[wanted - 1] as RankPlace;
        looks += wanted;
        if (items.length === limit || looks === looksMax) return { items, next: writePlace(place) };
      }
    },

    async firstWork() {
      for (const row of await rankOpenMarkets(pool, bestPlace, firstLooks)) {
        const market = marketIdFromBytes(row.market);
        const { hasWork, shown, showcase } = await sightOf(market);
        const task = showcase[(random(1)[0] as number) % showcase.length];
        if (!hasWork || task === undefined) continue;
        return { work: { market, ...shown, ...paceOfRow(row), qualifies: null, missing: [] }, task };
      }
      return null;
    },
  };
}

/** A market without tasks, or without the price of an answer, is no place to go to. */
function lookAt(state: LaneState, token: TokenView): Sight {
  const spec = specOf(state);
  const tasksLeft = openTasks(state);
  const { free, newcomerBudget } = state.books;
  const automatedAllowed = spec.terms.eligibility.every(({ type }) => type !== "person");
  return {
    shown: { token, requester: state.requester, spec, tasksLeft, automatedAllowed, hasPlaces: hasPlaces(state) },
    showcase: showcaseOf(state),
    hasWork: state.status === "open" && tasksLeft > 0 && free + newcomerBudget >= priceOf(spec, spec.terms),
  };
}

const paceOfRow = ({
  pace,
}: RankedMarket): Pick<OpenWork, "payPerHour" | "secondsPerAnswer" | "measuredAnswers" | "rejected"> => ({
  payPerHour: pace?.payPerHour ?? null,
  secondsPerAnswer: pace?.secondsMedian ?? null,
  measuredAnswers: pace?.answers ?? 0,
  rejected: pace === null || pace.judged === 0 ? null : pace.rejected / pace.judged,
});

const ownMarket: Lack = {
  what: "It is your own market.",
  next: "Work in the markets of others.",
  requirement: null,
  test: null,
};

const blocked: Lack = {
  what: "Its requester gives you no more work, and has told you why.",
  next: "Work in the markets of others.",
  requirement: null,
  test: null,
};

const missing = (state: LaneState, member: Member, nowMs: number): readonly Lack[] => [
  ...(member.isBlocked ? [blocked] : []),
  ...unmetRequirements(specOf(state).terms.eligibility, member, nowMs).map((requirement) => ({
    what: `It asks for ${describe(requirement)}.`,
    requirement,
    ...wayTo(state, requirement),
  })),
];

function wayTo({ tests }: LaneState, requirement: Requirement): Pick<Lack, "next" | "test"> {
  switch (requirement.type) {
    case "qualification":
      return tests.has(requirement.name)
        ? { next: "Take the test of that name.", test: requirement.name }
        : { next: "The requester grants it: ask for it.", test: null };
    case "person":
      return { next: "Look for markets that take programs.", test: null };
    default:
      return { next: "If it is so, say so when you sign in.", test: null };
  }
}
