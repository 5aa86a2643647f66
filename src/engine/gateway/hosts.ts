/** What a gateway keeps to with each site, whoever asks. */
export interface Politeness {
  readonly connectionsMax: number;
  /** From one request to the next. */
  readonly pauseMs: number;
  readonly pagesPerDayMax: number;
}

interface Host {
  underWay: number;
  nextMs: number;
  day: number;
  pages: number;
  readonly waiting: (() => void)[];
}

const hostsMax = 20_000;
const dayMs = 86_400_000;

/** Turns of requests, host by host: so many at a time, so far apart, so many a day. */
export class Hosts {
  readonly #politeness: Politeness;
  readonly #clock: () => number;
  readonly #hosts = new Map<string, Host>();

  constructor(politeness: Politeness, clock: () => number) {
    this.#politeness = politeness;
    this.#clock = clock;
  }

  /** Waits for one's turn. @returns what ends it; null where the host had enough pages today */
  async turn(name: string, siteDelayMs: number | null): Promise<(() => void) | null> {
    const host = this.#host(name);
    const { connectionsMax, pagesPerDayMax } = this.#politeness;
    const today = Math.floor(this.#clock() / dayMs);
    if (host.day !== today) Object.assign(host, { day: today, pages: 0 });
    if (host.pages >= pagesPerDayMax) return null;
    host.pages++;
    // Whoever ends a turn hands it on, so that the number under way stays.
    if (host.underWay >= connectionsMax) await new Promise<void>((resolve) => host.waiting.push(resolve));
    else host.underWay++;
    await this.#pause(host, siteDelayMs);
    return () => {
      const next = host.waiting.shift();
      if (next === undefined) host.underWay--;
      else next();
    };
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
    const host: Host = { underWay: 0, nextMs: 0, day: 0, pages: 0, waiting: [] };
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
