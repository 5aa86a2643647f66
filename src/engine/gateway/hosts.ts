import { getDomain } from "tldts";

/** What a gateway keeps to with each site, whoever asks. */
export interface Politeness {
  readonly connectionsMax: number;
  /** From one request to the next. */
  readonly pauseMs: number;
  /** Of all hosts of a domain together. */
  readonly domainPagesPerDayMax: number;
}

interface Host {
  underWay: number;
  nextMs: number;
  readonly waiting: (() => void)[];
}

const hostsMax = 20_000;
const domainsMax = 200_000;
const dayMs = 86_400_000;

/**
 * What somebody can have to himself: `example.co.uk` of `www.example.co.uk`, by the Public Suffix List, the part of it that
 * services keep for their customers (`name.github.io`) included. An address is a domain of its own.
 */
export const domainOf = (host: string): string => getDomain(host, { allowPrivateDomains: true }) ?? host;

/** Turns of requests: host by host so many at a time and so far apart, so many a day of each domain. */
export class Hosts {
  readonly #politeness: Politeness;
  readonly #clock: () => number;
  readonly #hosts = new Map<string, Host>();
  /** Pages of today. */
  readonly #pages = new Map<string, number>();
  #day = 0;

  constructor(politeness: Politeness, clock: () => number) {
    this.#politeness = politeness;
    this.#clock = clock;
  }

  /** Waits for one's turn. @returns what ends it; null where the domain had enough pages today */
  async turn(name: string, siteDelayMs: number | null): Promise<(() => void) | null> {
    if (!this.#takePage(domainOf(name))) return null;
    const host = this.#host(name);
    // Whoever ends a turn hands it on, so that the number under way stays.
    if (host.underWay >= this.#politeness.connectionsMax)
      await new Promise<void>((resolve) => host.waiting.push(resolve));
    else host.underWay++;
    await this.#pause(host, siteDelayMs);
    return () => {
      const next = host.waiting.shift();
      if (next === undefined) host.underWay--;
      else next();
    };
  }

  #takePage(domain: string): boolean {
    const today = Math.floor(this.#clock() / dayMs);
    if (this.#day !== today) this.#pages.clear();
    this.#day = today;
    const pages = this.#pages.get(domain) ?? 0;
    if (pages >= this.#politeness.domainPagesPerDayMax) return false;
    if (pages === 0 && this.#pages.size >= domainsMax) return false;
    this.#pages.set(domain, pages + 1);
    return true;
  }

  async #pause(host: Host, siteDelayMs: number | null): Promise<void> {
    const now = this.#clock();
    const begin = Math.max(now, host.nextMs);
    host.nextMs = begin + Math.max(this.#politeness.pauseMs, Math.min(siteDelayMs ?? 0, delayMsMax));
    if (begin > now) await new Promise((resolve) => setTimeout(resolve, begin - now));
  }

  #host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    if (this.#hosts.size >= hostsMax) this.#makeRoom();
    const host: Host = { underWay: 0, nextMs: 0, waiting: [] };
    this.#hosts.set(name, host);
    return host;
  }

  /** Forgets the hosts that were first, as far as nobody is at them. */
  #makeRoom(): void {
    let left = hostsMax / 10;
    for (const [name, { underWay }] of this.#hosts) {
      if (underWay === 0) this.#hosts.delete(name);
      left--;
      if (left <= 0) return;
    }
  }
}

/** A site that asks for more than a minute is asked no faster than that. */
const delayMsMax = 60_000;
