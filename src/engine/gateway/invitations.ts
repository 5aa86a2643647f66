import { bytes32 } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";
import { unmetRequirements } from "../../market/eligibility.ts";
import type { Requirement } from "../../market/spec.ts";
import { newMember, noFacts } from "../../market/state.ts";

/** A market that has tasks for nodes. */
export interface OpenMarket {
  readonly market: MarketId;
  readonly title: string;
  /** That want a session, those under way among them. */
  readonly tasks: number;
  /** What its slots ask of whoever takes them, such as a country or a place. */
  readonly requirements: readonly Requirement[];
}

/** What a choice between nodes goes by. */
export interface Candidate {
  readonly network: string;
  readonly country: string | null;
  /** An H3 cell or how it begins. */
  readonly place: string | null;
  /** That checks found: those without come before those with some. */
  readonly faults: number;
  /** What sessions have shown of it; more comes first. */
  readonly merit: number;
}

interface Session {
  readonly market: MarketId;
  readonly sinceMs: number;
  isBegun: boolean;
}

/** Whoever has waited for so long, and as long again for each fault, comes before all who have not, in the order of their coming. */
const patienceMs = 60_000;
/** An invitation that is not answered in so long was lost. */
const silenceMsMax = 60_000;
/** A market whose work turned out to be taken is left alone for so long. */
const restMs = 5_000;
const unsuitedMax = 1_000;
const restingMax = 1_000;

/** Others have the market's tasks; the market does not take this node; the node has something else to do. */
export type Declined = "NO_WORK" | "NOT_ELIGIBLE" | "AWAY";

export interface Invited<Node> {
  readonly node: Node;
  readonly market: OpenMarket;
}

interface Job<Node> {
  readonly market: OpenMarket;
  /** Whoever waited at first: some are invited elsewhere meanwhile. */
  readonly capable: readonly Node[];
}

/**
 * Jobs choose among the nodes that are ready and may do them. The next is one with the fewest faults; among these one from
 * the network with the fewest sessions under way, so that no network has the work to itself; among these from the country
 * with the fewest; among these whoever has shown more; among these whoever has waited longest.
 */
export class Invitations<Node extends Candidate> {
  readonly #max: number;
  readonly #clock: () => number;
  /** Since when. */
  readonly #waiting = new Map<Node, number>();
  readonly #underWay = new Map<Node, Session>();
  /** Markets that do not take it, by its own word. */
  readonly #unsuited = new WeakMap<Node, Set<MarketId>>();
  readonly #networks = new Counts();
  readonly #countries = new Counts();
  readonly #markets = new Counts();
  readonly #resting = new Map<MarketId, number>();

  /** @param max sessions at a time */
  constructor(max: number, clock: () => number) {
    this.#max = max;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Whether it waits, is invited or at work. */
  has(node: Node): boolean {
    return this.#waiting.has(node) || this.#underWay.has(node);
  }

  /** Says that it wants work; again is the same. */
  ready(node: Node): void {
    if (!this.has(node)) this.#waiting.set(node, this.#clock());
  }

  /** Its session is under way: after an invitation, or gone on with from before. */
  began(node: Node, market: MarketId): void {
    const session = this.#underWay.get(node);
    if (session === undefined) this.#begin(node, market, true);
    else session.isBegun = true;
  }

  /** Its session is over, or was none. */
  ended(node: Node): void {
    const session = this.#underWay.get(node);
    if (session === undefined) return;
    this.#underWay.delete(node);
    this.#networks.add(node.network, -1);
    this.#countries.add(node.country ?? "", -1);
    this.#markets.add(session.market, -1);
  }

  left(node: Node): void {
    this.#waiting.delete(node);
    this.ended(node);
  }

  /** It does not come. */
  declined(node: Node, market: MarketId, why: Declined): void {
    if (this.#underWay.get(node)?.market !== market) return;
    this.ended(node);
    if (why === "NOT_ELIGIBLE") this.#unsuit(node, market);
    if (why === "NO_WORK") this.#rest(market);
  }

  /** Whom to invite where; a node for each market in a round, so that none has all nodes. */
  next(open: readonly OpenMarket[]): readonly Invited<Node>[] {
    const now = this.#clock();
    for (const [node, { sinceMs, isBegun }] of this.#underWay)
      if (!isBegun && now - sinceMs >= silenceMsMax) this.ended(node);
    const invited: Invited<Node>[] = [];
    let jobs = this.#hasRoom ? this.#jobsOf(open, now) : [];
    while (jobs.length > 0 && this.#hasRoom) {
      const left: Job<Node>[] = [];
      for (const job of jobs) {
        const node = this.#hasRoom ? this.#best(job.capable, now) : undefined;
        if (node === undefined) continue;
        this.#begin(node, job.market.market, false);
        invited.push({ node, market: job.market });
        if (this.#isWanting(job.market)) left.push(job);
      }
      jobs = left;
    }
    return invited;
  }

  get #hasRoom(): boolean {
    return this.#underWay.size < this.#max;
  }

  #isWanting({ market, tasks }: OpenMarket): boolean {
    return tasks > this.#markets.of(market);
  }

  /** Those first that few may do. */
  #jobsOf(open: readonly OpenMarket[], now: number): readonly Job<Node>[] {
    return open
      .filter((market) => (this.#resting.get(market.market) ?? 0) <= now && this.#isWanting(market))
      .map((market) => ({ market, capable: this.#capable(market, now) }))
      .filter(({ capable }) => capable.length > 0)
      .sort((a, b) => a.capable.length - b.capable.length);
  }

  #unsuit(node: Node, market: MarketId): void {
    const unsuited = this.#unsuited.get(node) ?? new Set();
    if (unsuited.size < unsuitedMax) unsuited.add(market);
    this.#unsuited.set(node, unsuited);
  }

  #rest(market: MarketId): void {
    if (this.#resting.size >= restingMax) this.#resting.clear();
    this.#resting.set(market, this.#clock() + restMs);
  }

  #begin(node: Node, market: MarketId, isBegun: boolean): void {
    this.#waiting.delete(node);
    this.#underWay.set(node, { market, sinceMs: this.#clock(), isBegun });
    this.#networks.add(node.network, 1);
    this.#countries.add(node.country ?? "", 1);
    this.#markets.add(market, 1);
  }

  #capable({ market, requirements }: OpenMarket, now: number): readonly Node[] {
    return [...this.#waiting.keys()].filter(
      (node) => this.#unsuited.get(node)?.has(market) !== true && isFor(requirements, node, now),
    );
  }

  #best(capable: readonly Node[], now: number): Node | undefined {
    let best: { readonly node: Node; readonly rank: readonly number[] } | undefined;
    for (const node of capable) {
      const sinceMs = this.#waiting.get(node);
      if (sinceMs === undefined) continue;
      const rank = this.#rank(node, sinceMs, now);
      // Of equals the first stays.
      if (best === undefined || isBefore(rank, best.rank)) best = { node, rank };
    }
    return best?.node;
  }

  #rank({ network, country, faults, merit }: Node, sinceMs: number, now: number): readonly number[] {
    if (now - sinceMs >= (1 + faults) * patienceMs) return [-1, 0, 0, 0, sinceMs];
    return [faults, this.#networks.of(network), this.#countries.of(country ?? ""), -merit, sinceMs];
  }
}

class Counts {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, more: number): void {
    const count = this.of(name) + more;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
  }
}

const nobody = bytes32(new Uint8Array(32));

/** By what a node says of itself; what was granted to it the market knows, and nodes are told there. */
function isFor(requirements: readonly Requirement[], { country, place }: Candidate, now: number): boolean {
  if (requirements.length === 0) return true;
  const member = newMember(nobody, nobody, true, { ...noFacts, country, place });
  return unmetRequirements(requirements, member, now).every(({ type }) => type === "qualification");
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((each, i) => each !== b[i]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
}
