import { createHash } from "node:crypto";
import { isPublicAddress } from "../../verification/web/address.ts";
import {
  everythingAllowed,
  isAllowed,
  nothingAllowed,
  type Robots,
  readRobots,
  robotsBytesMax,
} from "../../verification/web/robots.ts";
import { isListed, type Refusal, refusalOf } from "../../verification/web/target.ts";
import type { Channel } from "./channel.ts";
import type { Hosts } from "./hosts.ts";
import { type Answer, type Authorities, type Limits, Site } from "./site.ts";

/** What every session of a gateway has in common. */
export interface Web {
  /** Every address of a name. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
  /** The name that robots.txt knows us by. */
  readonly robotsName: string;
  /** Who asks, and where to find out more. */
  readonly userAgent: string;
  readonly authorities: Authorities;
  readonly limits: Limits;
  readonly hosts: Hosts;
  readonly robots: Map<string, KeptRobots>;
  readonly clock: () => number;
}

export interface KeptRobots {
  readonly robots: Robots;
  /** SHA-256 of the file; null where there was none. */
  readonly hash: string | null;
  readonly untilMs: number;
}

/** Opens a connection to an address that was checked. */
export type Line = (address: string, port: number, name: string) => Promise<Channel>;

/** One request and its answer. */
export interface Hop {
  readonly url: URL;
  readonly address: string;
  /** All that the name resolved to. */
  readonly addresses: readonly string[];
  readonly certificate: string | null;
  readonly requested: Readonly<Record<string, string>>;
  readonly answer: Answer;
  readonly startedMs: number;
  readonly endedMs: number;
}

export type Page = { readonly url: string; readonly hops: readonly Hop[]; readonly robots: string | null } & (
  | { readonly outcome: "fetched" }
  | { readonly outcome: "refused"; readonly refusal: Refusal | "redirects" | "pagesPerDay" }
  | { readonly outcome: "failed"; readonly problem: string }
);

interface Place {
  readonly site: Site;
  readonly address: string;
  readonly addresses: readonly string[];
}

const redirectsMax = 5;
const robotsMsMax = 86_400_000;
/** How long what could not be had is taken to be away. */
const awayMs = 600_000;
const robotsKeptMax = 10_000;

/** Fetches pages through one line, as a visitor who keeps every rule. Names are resolved once for the whole session. */
export class Browser {
  readonly #web: Web;
  readonly #line: Line;
  readonly #places = new Map<string, Promise<Place | null>>();

  constructor(web: Web, line: Line) {
    this.#web = web;
    this.#line = line;
  }

  close(): void {
    for (const place of this.#places.values())
      place.then(
        (found) => found?.site.close(),
        () => undefined,
      );
    this.#places.clear();
  }

  /** @param allowList null where only addresses are looked at, as for a check of ours */
  async page(text: string, allowList: readonly string[] | null): Promise<Page> {
    const hops: Hop[] = [];
    let robots: string | null = null;
    let url = parsed(text);
    for (;;) {
      const refused = (refusal: Refusal | "redirects" | "pagesPerDay"): Page => ({
        url: text,
        hops,
        robots,
        outcome: "refused",
        refusal,
      });
      if (url === null) return refused("host");
      const refusal = refusalOf(url) ?? (allowList === null ? null : listing(allowList, url));
      if (refusal !== null) return refused(refusal);
      try {
        const place = await this.#place(url);
        if (place === null) return refused("private");
        const kept = allowList === null ? noRobots : await this.#robots(url);
        robots = kept.hash;
        if (!isAllowed(kept.robots, targetOf(url))) return refused("robots");
        const endTurn = await this.#web.hosts.turn(url.hostname, kept.robots.delayMs);
        if (endTurn === null) return refused("pagesPerDay");
        try {
          hops.push(await this.#hop(url, place, this.#web.limits));
        } finally {
          endTurn();
        }
      } catch (error) {
        return { url: text, hops, robots, outcome: "failed", problem: (error as Error).message };
      }
      const next = redirectOf(hops.at(-1) as Hop);
      if (next === undefined) return { url: text, hops, robots, outcome: "fetched" };
      if (hops.length > redirectsMax) return refused("redirects");
      url = next;
    }
  }

  /** A file beside a site, such as a sitemap; null where it is not there. */
  async file(text: string, bodyBytesMax: number, allowList: readonly string[]): Promise<Uint8Array | null> {
    const url = parsed(text);
    if (url === null || refusalOf(url) !== null || listing(allowList, url) !== null) return null;
    const place = await this.#place(url);
    if (place === null) return null;
    const { answer } = await this.#hop(url, place, { ...this.#web.limits, bodyBytesMax });
    return answer.status === 200 ? answer.body : null;
  }

  async #hop(url: URL, { site, address, addresses }: Place, limits: Limits): Promise<Hop> {
    const startedMs = this.#web.clock();
    const requested = { "user-agent": this.#web.userAgent, accept: "*/*", "accept-encoding": "identity" };
    const answer = await site.get(url, requested, limits);
    const { certificate } = site;
    return { url, address, addresses, certificate, requested, answer, startedMs, endedMs: this.#web.clock() };
  }

  /** Where the host is: every address of its name is looked at, and the first is the one that is asked. */
  #place(url: URL): Promise<Place | null> {
    const known = this.#places.get(url.origin);
    if (known !== undefined) return known;
    const place = this.#newPlace(url);
    this.#places.set(url.origin, place);
    return place;
  }

  async #newPlace(url: URL): Promise<Place | null> {
    const addresses = await this.#addresses(url.hostname);
    const [address] = addresses;
    if (address === undefined || !addresses.every(isPublicAddress)) return null;
    const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
    const open = (): Promise<Channel> => this.#line(address, port, url.hostname);
    return { site: new Site(url, open, this.#web.authorities), address, addresses };
  }

  async #addresses(hostname: string): Promise<readonly string[]> {
    const bare = hostname.replace(/^\[|\]$/g, "");
    return /^[\d.]+$/.test(bare) || hostname.startsWith("[") ? [bare] : await this.#web.resolve(hostname);
  }

  async #robots(url: URL): Promise<KeptRobots> {
    const { robots, clock } = this.#web;
    const known = robots.get(url.origin);
    if (known !== undefined && known.untilMs > clock()) return known;
    const found = await this.#readRobots(url);
    if (robots.size >= robotsKeptMax) robots.delete([...robots.keys()][0] as string);
    robots.set(url.origin, found);
    return found;
  }

  async #readRobots(page: URL): Promise<KeptRobots> {
    const { clock, limits, robotsName } = this.#web;
    const untilMs = clock() + robotsMsMax;
    const away: KeptRobots = { robots: nothingAllowed, hash: null, untilMs: clock() + awayMs };
    let url: URL | null | undefined = new URL("/robots.txt", page);
    for (let redirects = 0; redirects <= redirectsMax; redirects++) {
      if (url === null || refusalOf(url) !== null) return away;
      const place = await this.#place(url);
      if (place === null) return away;
      const hop: Hop = await this.#hop(url, place, { ...limits, bodyBytesMax: robotsBytesMax });
      const { status, body } = hop.answer;
      const next = redirectOf(hop);
      if (next !== undefined) {
        url = next;
        continue;
      }
      if (status >= 200 && status < 300) return { robots: readRobots(body, robotsName), hash: hashOf(body), untilMs };
      return status >= 400 && status < 500 ? { robots: everythingAllowed, hash: null, untilMs } : away;
    }
    // As RFC 9309 has it: a file behind more than five redirects is none.
    return { robots: everythingAllowed, hash: null, untilMs };
  }
}

const noRobots: KeptRobots = { robots: everythingAllowed, hash: null, untilMs: 0 };

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const parsed = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);

export const targetOf = ({ pathname, search }: URL): string => `${pathname}${search}`;

const listing = (allowList: readonly string[], url: URL): Refusal | null =>
  isListed(allowList, url.hostname, targetOf(url)) ? null : "allowList";

/** Undefined where the answer is no redirect, null where it leads nowhere. */
function redirectOf({ url, answer: { status, headers } }: Hop): URL | null | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const [, raw] = headers.find(([name]) => name.toLowerCase() === "location") ?? [];
  if (raw === undefined) return undefined;
  // Node gives headers a character a byte; sites write UTF-8.
  const location = Buffer.from(raw, "latin1").toString("utf8");
  if (!URL.canParse(location, url.href)) return null;
  const next = new URL(location, url);
  next.hash = "";
  return next;
}
