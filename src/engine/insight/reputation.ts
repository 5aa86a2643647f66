import { type Bytes32, toBase58 } from "../../core/bytes.ts";
import { marketIdFromBytes } from "../../core/market-id.ts";
import { type Reputation, reputationStatement } from "../../core/reputation.ts";
import type { LaneState } from "../../market/state.ts";
import { bestPlace, rankOpenMarkets } from "../../store/insight/paces.ts";
import { listRequesters, type RequesterRow, tallyContributor } from "../../store/insight/reputation.ts";
import { readSponsored } from "../../store/settlement/sponsored.ts";
import { cellAt } from "../../verification/places/cell.ts";
import { Cache } from "../cache.ts";
import type { EngineContext } from "../context.ts";
import { fresh } from "../fresh.ts";
import type { createIdentity } from "../identity.ts";
import type { Lanes } from "../lanes.ts";

export interface SponsorshipView {
  /** For all time, in lamports. */
  readonly lamports: bigint;
  readonly lamportsMax: bigint;
  /** Token accounts made since midnight, UTC. */
  readonly today: number;
  readonly perDayMax: number;
}

export interface CellOfWork {
  /** Of H3, some 20 kilometres across. */
  readonly cell: string;
  readonly markets: number;
  readonly tasks: number;
}

/** What anybody may know of those who ask, of those who answer, and of where work is. */
export interface PublicRecords {
  /** Those in whose markets most was judged lately. */
  requesters(): Promise<readonly RequesterRow[]>;
  /** What the operator has paid for token accounts, of its budget. */
  sponsorship(): Promise<SponsorshipView>;
  /** Where open markets have tasks at a place. */
  placesOfWork(): Promise<readonly CellOfWork[]>;
  /** What this network says of a contributor, under its signature, for whoever wants to know elsewhere. */
  reputation(contributor: Bytes32): Promise<{ readonly reputation: Reputation; readonly signature: Uint8Array }>;
}

interface Parts {
  readonly lanes: Lanes;
  readonly identity: Pick<ReturnType<typeof createIdentity>, "contributorByKey">;
}

const dayMs = 86_400_000;
const freshMs = 30_000;
const requestersMax = 100;
const verdictsMax = 100_000;
const marketsMax = 100;
const cellsMax = 2_000;
const cellResolution = 5;

export function createPublicRecords(context: EngineContext, { lanes, identity }: Parts): PublicRecords {
  const { pool, clock, settings, signer, rail } = context;
  const reputations = new Cache<ReturnType<PublicRecords["reputation"]>>({ max: 10_000, ttlMs: freshMs, clock });

  const sign = async (key: Bytes32) => {
    const { contributor, automated } = await identity.contributorByKey(key);
    const tally = await tallyContributor(pool, contributor, verdictsMax);
    const reputation = { network: rail.network, contributor: toBase58(key), automated, asOfMs: clock(), ...tally };
    return { reputation, signature: signer.sign(reputationStatement(reputation)) };
  };

  return {
    requesters: fresh(clock, freshMs, () => listRequesters(pool, requestersMax)),

    sponsorship: fresh(clock, freshMs, async (atMs) => {
      const { perDayMax, lamportsMax } = settings.sponsor;
      return { ...(await readSponsored(pool, atMs - (atMs % dayMs))), perDayMax, lamportsMax };
    }),

    placesOfWork: fresh(clock, freshMs, async () => {
      const cells = new Map<string, CellOfWork>();
      for (const { market, spec } of await rankOpenMarkets(pool, bestPlace, marketsMax)) {
        // Most markets are nowhere, and need not be looked into.
        if (!spec.includes('"verification"')) continue;
        const found = await lanes.get(marketIdFromBytes(market)).read(tasksByCell);
        for (const [cell, tasks] of found) {
          const known = cells.get(cell) ?? { cell, markets: 0, tasks: 0 };
          cells.set(cell, { cell, markets: known.markets + 1, tasks: known.tasks + tasks });
        }
      }
      return [...cells.values()].sort((a, b) => b.tasks - a.tasks).slice(0, cellsMax);
    }),

    reputation: (key) => {
      const name = toBase58(key);
      return reputations.get(name) ?? reputations.set(name, sign(key));
    },
  };
}

/** A batch lies at one place. */
function tasksByCell(state: LaneState): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const key of state.batches.keys()) {
    const { terms, count } = state.batches.get(key) ?? { terms: null, count: 0 };
    const place = terms?.known?.place ?? null;
    if (place === null) continue;
    const cell = cellAt(place, cellResolution);
    found.set(cell, (found.get(cell) ?? 0) + count);
  }
  return found;
}
