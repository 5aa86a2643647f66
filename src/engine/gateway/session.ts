import { createHmac } from "node:crypto";
import type { MarketId } from "../../core/market-id.ts";
import { formatSlot, type Slot } from "../../core/slot.ts";
import type { Measured } from "../../market/measured.ts";
import { Archive, contentOf, type MarketContents } from "./archive.ts";
import { Browser, type Hop, hashOf, type Line, type Page, type Web } from "./browser.ts";
import { type GatewayWork, urlsOf } from "./work.ts";

/** A hidden check: a page of ours whose content nobody knows who does not fetch it. */
export interface Canary {
  readonly url: (nonce: string) => string;
  readonly content: (nonce: string) => Uint8Array;
}

/** How much is checked, in parts per million of all pages. */
export interface Checks {
  readonly canaryPpm: number;
  readonly repeatPpm: number;
}

export const usualChecks: Checks = { canaryPpm: 20_000, repeatPpm: 50_000 };

export interface SessionOptions {
  readonly web: Web;
  readonly seen: MarketContents;
  readonly canary: Canary | null;
  /** Decides which pages are checked, so that nobody can foresee it and a resumed session checks the same. */
  readonly secret: Uint8Array;
  readonly checks: Checks;
  readonly pagesAtOnce: number;
  readonly software: string;
}

/** What a session is run through. */
export interface Lines {
  readonly own: Line;
  /** Lines of other owners in other networks, as many as there are up to two. */
  readonly others: () => readonly Line[];
  /** What was relayed through the own line and is not paid yet, by our count. */
  readonly relayed: () => number;
}

/** A page as the receipt tells of it. */
export interface PageReceipt {
  readonly url: string;
  readonly outcome: Page["outcome"];
  readonly why: string | null;
  /** Where it came from at last. */
  readonly status: number | null;
  readonly address: string | null;
  readonly addresses: readonly string[];
  readonly certificate: string | null;
  readonly digest: string | null;
  readonly bytes: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly robots: string | null;
  /** What another network saw: the same, something else that yet another confirmed, or what differs each time. */
  readonly repeat: "same" | "differs" | "varies" | null;
  /** How long it took there. */
  readonly repeatMs: number | null;
  /** Through another line, because this one could not. */
  readonly isByOther: boolean;
}

const slowTimes = 4;
const slowMsMin = 1_000;
const slowPagesMin = 2;

/** Whether most pages that another network fetched as well came far slower through this line: the site was the same. */
export function isSlow(pages: readonly Pick<PageReceipt, "startedMs" | "endedMs" | "repeatMs">[]): boolean {
  const timed = pages.flatMap(({ startedMs, endedMs, repeatMs }) =>
    startedMs === null || endedMs === null || repeatMs === null ? [] : [{ ms: endedMs - startedMs, repeatMs }],
  );
  const slow = timed.filter(({ ms, repeatMs }) => ms > slowTimes * repeatMs && ms - repeatMs >= slowMsMin);
  return timed.length >= slowPagesMin && slow.length * 2 > timed.length;
}

/** Whether most pages could not be had through this line, and could through another. */
export const isLost = (pages: readonly Pick<PageReceipt, "isByOther" | "why">[]): boolean =>
  2 * pages.filter(({ isByOther, why }) => isByOther && why !== null).length > pages.length;

/** What a session came to. */
export interface SessionReceipt {
  readonly market: MarketId;
  readonly slot: string;
  /** The node's key, in base58. */
  readonly node: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly pages: readonly PageReceipt[];
  readonly measured: Measured;
  /** What came through the node, for its submission. */
  readonly heard: { readonly content: string; readonly canary: string | null };
  readonly warc: string;
  readonly warcDigest: string;
}

export interface Ended {
  readonly receipt: SessionReceipt;
  readonly archive: Archive;
  readonly warc: Uint8Array;
  readonly index: string;
}

const millionPpm = 1_000_000;

interface Fetched {
  readonly page: Page;
  readonly repeat: PageReceipt["repeat"];
  readonly repeatMs: number | null;
  /** What the page is by the word of others; null where they have none. */
  readonly confirmed: string | null;
  /** Through another line, where this one failed. */
  readonly other: Page | null;
}

/** Runs the session of one slot: every page, the hidden check, the repeats through others, the archive. */
export async function runSession(
  options: SessionOptions,
  lines: Lines,
  job: { readonly market: MarketId; readonly slot: Slot; readonly node: string; readonly work: GatewayWork },
): Promise<Ended> {
  const { web } = options;
  const { market, slot, node } = job;
  const name = formatSlot(slot);
  const draw = (what: string): number => {
    const mac = createHmac("sha256", options.secret).update(`${what}\n${market}\n${name}`).digest();
    return (mac.readUInt32BE(0) / 2 ** 32) * millionPpm;
  };
  const startedMs = web.clock();
  const browser = new Browser(web, lines.own);
  try {
    const urls = await urlsOf(job.work, browser);
    const fetched = await eachAtOnce(urls, options.pagesAtOnce, async (url, i) =>
      fetchOne(options, lines, browser, url, job.work.allowList, draw(`repeat ${i}`) < options.checks.repeatPpm),
    );
    const canary = await fetchCanaries(options, browser, draw, urls.length);
    // What connections say at their end is counted on both sides as well.
    browser.close();
    await new Promise((resolve) => setImmediate(resolve));
    const filename = `${market}-${name}.warc.gz`;
    const info = { software: options.software, format: "WARC File Format 1.1", isPartOf: market, robots: "classic" };
    const archive = new Archive(filename, options.seen, info, startedMs);
    for (const { page, other } of fetched) for (const hop of (other ?? page).hops) archive.add(hop);
    const { warc, index } = archive.whole();
    const bodies = fetched.map(({ page }) => digestOf(page) ?? "-");
    const pages = fetched.map(receiptOf);
    // What others brought in its place is nothing that this line is paid for.
    const isAllOfOthers = isLost(pages);
    const confirmed = fetched.map(
      ({ confirmed: others }, i) => others ?? (isAllOfOthers ? pages[i]?.digest : null) ?? (bodies[i] as string),
    );
    const heard = { content: contentOf(bodies), canary: canary?.heard ?? null };
    const measured: Measured = {
      quantities: { bytes: lines.relayed() },
      digests: { content: contentOf(confirmed) },
      canaries: canary === null ? {} : { canary: canary.expected },
    };
    const endedMs = web.clock();
    const receipt = { market, slot: name, node, startedMs, endedMs, pages, measured, heard, warc: filename };
    return { receipt: { ...receipt, warcDigest: hashOf(warc) }, archive, warc, index };
  } finally {
    browser.close();
  }
}

async function fetchOne(
  { web }: SessionOptions,
  lines: Lines,
  browser: Browser,
  url: string,
  allowList: readonly string[],
  isRepeated: boolean,
): Promise<Fetched> {
  const page = await browser.page(url, allowList);
  const nothing = { repeat: null, repeatMs: null, confirmed: null, other: null };
  if (page.outcome === "refused") return { page, ...nothing };
  if (page.outcome === "failed") {
    const [other = null] = await through(web, lines.others().slice(0, 1), url, allowList);
    return { page, ...nothing, other: other?.outcome === "fetched" ? other : null };
  }
  if (!isRepeated) return { page, ...nothing };
  const digest = digestOf(page);
  const [first, second] = lines.others();
  if (first === undefined) return { page, ...nothing };
  const [seen] = await through(web, [first], url, allowList);
  if (seen?.outcome !== "fetched") return { page, ...nothing };
  const repeatMs = msOf(seen);
  if (digestOf(seen) === digest) return { page, ...nothing, repeat: "same", repeatMs };
  // What came encrypted nobody on the way can have changed: the site gives each visitor something else.
  const isOpen = page.hops.some((hop) => hop.url.protocol === "http:");
  const [third] = isOpen && second !== undefined ? await through(web, [second], url, allowList) : [];
  const isConfirmed = third?.outcome === "fetched" && digestOf(third) === digestOf(seen);
  return isConfirmed
    ? { page, repeat: "differs", repeatMs, confirmed: digestOf(seen), other: seen }
    : { page, ...nothing, repeat: "varies", repeatMs };
}

const msOf = ({ hops }: Page): number | null =>
  hops[0] === undefined ? null : (hops.at(-1) as Hop).endedMs - hops[0].startedMs;

async function through(
  web: Web,
  lines: readonly Line[],
  url: string,
  allowList: readonly string[],
): Promise<readonly Page[]> {
  return await Promise.all(
    lines.map(async (line) => {
      const browser = new Browser(web, line);
      try {
        return await browser.page(url, allowList);
      } finally {
        browser.close();
      }
    }),
  );
}

/** So many of all pages, on the average, whatever the length of sessions. */
async function fetchCanaries(
  { canary, checks }: SessionOptions,
  browser: Browser,
  draw: (what: string) => number,
  pages: number,
): Promise<{ readonly expected: string; readonly heard: string } | null> {
  if (canary === null) return null;
  const share = (checks.canaryPpm * Math.max(1, pages)) / millionPpm;
  const count = Math.floor(share) + (draw("canary") < (share % 1) * millionPpm ? 1 : 0);
  if (count === 0) return null;
  const [expected, heard]: [string[], string[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const nonce = hashOf(Buffer.from(`${draw(`nonce ${i}`)}`)).slice(0, 32);
    expected.push(hashOf(canary.content(nonce)));
    heard.push(digestOf(await browser.page(canary.url(nonce), null)) ?? "-");
  }
  return { expected: contentOf(expected), heard: contentOf(heard) };
}

/** Of what the last answer brought; null where there is none. */
function digestOf(page: Page): string | null {
  const last = page.hops.at(-1);
  return page.outcome === "fetched" && last !== undefined ? hashOf(last.answer.body) : null;
}

function receiptOf({ page, repeat, repeatMs, other }: Fetched): PageReceipt {
  const shown = other ?? page;
  const last = shown.hops.at(-1);
  return {
    url: page.url,
    outcome: shown.outcome,
    why: page.outcome === "refused" ? page.refusal : page.outcome === "failed" ? page.problem : null,
    status: last?.answer.status ?? null,
    address: last?.address ?? null,
    addresses: last?.addresses ?? [],
    certificate: last?.certificate ?? null,
    digest: digestOf(shown),
    bytes: shown.hops.reduce((sum, { answer }) => sum + answer.body.length, 0),
    startedMs: shown.hops[0]?.startedMs ?? null,
    endedMs: last?.endedMs ?? null,
    robots: shown.robots,
    repeat,
    repeatMs,
    isByOther: other !== null,
  };
}

async function eachAtOnce<T, U>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, i: number) => Promise<U>,
): Promise<U[]> {
  const done: U[] = [];
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length) {
      const i = next;
      next++;
      done[i] = await work(items[i] as T, i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, run));
  return done;
}
