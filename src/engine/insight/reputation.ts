import { type Bytes32, bytes32, fromBase58, toBase58 } from "../../core/bytes.ts";
import { marketIdFromBytes } from "../../core/market-id.ts";
import { type Reputation, reputationStatement } from "../../core/reputation.ts";
import { bestPlace, rankOpenMarkets } from "../../store/insight/paces.ts";
import {
  listRequesters,
  type RequesterPlace,
  type RequesterRow,
  tallyContributor,
} from "../../store/insight/reputation.ts";
import { readSponsored } from "../../store/settlement/sponsored.ts";
import { Cache, kept } from "../cache.ts";
import type { EngineContext } from "../context.ts";
import { fresh } from "../fresh.ts";
import type { createIdentity } from "../identity.ts";
import type { Lanes } from "../lanes.ts";
import { noCursor, pageOf } from "../page.ts";
import type { Page } from "../types.ts";
import { type CellOfWork, cellsOfWork, tasksByCell } from "./cells-of-work.ts";
import { readPlace, writePlace } from "./rank-place.ts";

export interface SponsorshipView {
  /** For all time, in lamports. */
  readonly lamports: bigint;
  readonly lamportsMax: bigint;
  /** Token accounts made since midnight, UTC. */
  readonly today: number;
  readonly perDayMax: number;
}

/** Of some markets; the next page is of others. */
export interface PlacesOfWork extends Page<CellOfWork> {
  /** Of H3: the finest at which there are not too many cells to show. */
  readonly resolution: number;
}

/** What anybody may know of those who ask, of those who answer, and of where work is. */
export interface PublicRecords {
  /** Those in whose markets most was judged lately. */
  requesters(after: string | null, limit: number): Promise<Page<RequesterRow>>;
  /** What the operator has paid for token accounts, of its budget. */
  sponsorship(): Promise<SponsorshipView>;
  /** Where open markets have tasks at a place; so many markets are looked at. */
  placesOfWork(after: string | null, limit: number): Promise<PlacesOfWork>;
  /** What this network says of a contributor, under its signature, for whoever wants to know elsewhere. */
  reputation(contributor: Bytes32): Promise<{ readonly reputation: Reputation; readonly signature: Uint8Array }>;
}

interface Parts {
  readonly lanes: Lanes;
  readonly identity: Pick<ReturnType<typeof createIdentity>, "contributorByKey">;
}

const dayMs = 86_400_000;
const freshMs = 30_000;
const pagesKept = 1_000;
/** Whoever asks for a page, and signs in nowhere, has no more than so many read. */
const requestersMax = 100;
const verdictsMax = 100_000;
const marketsMax = 100;
const cellsMax = 2_000;

export function createPublicRecords(context: EngineContext, { lanes, identity }: Parts): PublicRecords {
  const { pool, clock, settings, signer, rail } = context;
  const reputations = new Cache<ReturnType<PublicRecords["reputation"]>>({ max: 10_000, ttlMs: freshMs, clock });
  const requesterPages = new Cache<ReturnType<PublicRecords["requesters"]>>({ max: pagesKept, ttlMs: freshMs, clock });
  const placePages = new Cache<ReturnType<PublicRecords["placesOfWork"]>>({ max: pagesKept, ttlMs: freshMs, clock });

  const sign = async (key: Bytes32) => {
    const { contributor, automated } = await identity.contributorByKey(key);
    const tally = await tallyContributor(pool, contributor, verdictsMax);
    const reputation = { network: rail.network, contributor: toBase58(key), automated, asOfMs: clock(), ...tally };
    return { reputation, signature: signer.sign(reputationStatement(reputation)) };
  };

  const requestersFrom = async (after: string | null, limit: number): Promise<Page<RequesterRow>> => {
    const rows = await listRequesters(pool, after === null ? null : readRequesterPlace(after), limit + 1);
    return pageOf(rows, limit, writeRequesterPlace);
  };

  const placesFrom = async (after: string | null, limit: number): Promise<PlacesOfWork> => {
    const rows = await rankOpenMarkets(pool, after === null ? bestPlace : readPlace(after), limit + 1);
    const { items: looked, next } = pageOf(rows, limit, writePlace);
    const found: ReadonlyMap<string, number>[] = [];
    for (const { market, spec } of looked) {
      // Most markets are nowhere, and need not be looked into.
      if (spec.includes('"verification"')) found.push(await lanes.get(marketIdFromBytes(market)).read(tasksByCell));
    }
    const { resolution, cells } = cellsOfWork(found, cellsMax);
    return { items: cells, resolution, next };
  };

  return {
    requesters: (after, limit) => {
      const shown = Math.min(limit, requestersMax);
      return kept(requesterPages, `${shown} ${after ?? ""}`, () => requestersFrom(after, shown));
    },

    sponsorship: fresh(clock, freshMs, async (atMs) => {
      const { perDayMax, lamportsMax } = settings.sponsor;
      return { ...(await readSponsored(pool, atMs - (atMs % dayMs))), perDayMax, lamportsMax };
    }),

    placesOfWork: (after, limit) => {
      const looked = Math.min(limit, marketsMax);
      return kept(placePages, `${looked} ${after ?? ""}`, () => placesFrom(after, looked));
    },

    reputation: (key) => kept(reputations, toBase58(key), () => sign(key)),
  };
}

const writeRequesterPlace = ({ judged, owner }: RequesterPlace): string => `${judged}.${toBase58(owner)}`;

function readRequesterPlace(text: string): RequesterPlace {
  const match = /^(\d{1,15})\.([1-9A-HJ-NP-Za-km-z]{32,44})$/.exec(text);
  if (match === null) throw noCursor();
  return { judged: Number(match[1]), owner: bytes32(fromBase58(match[2] as string)) };
}
