import { toBinary } from "../../core/bytes.ts";

/** What a site lets a crawler do: RFC 9309, read as Google's parser reads it. */
export interface Robots {
  /** Of the groups that name the crawler, or where none does, of those for everybody. */
  readonly rules: readonly RobotsRule[];
  /** What the same groups ask for between two requests; null where they ask for nothing. */
  readonly delayMs: number | null;
  /** Of the whole site, whatever the group. */
  readonly sitemaps: readonly string[];
}

export interface RobotsRule {
  readonly isAllow: boolean;
  /** Percent-encoded where it was not ASCII. */
  readonly pattern: string;
}

/** So much of a file is read; the RFC asks for no less. */
export const robotsBytesMax = 512_000;
const lineCharactersMax = 16_664;
const rulesMax = 10_000;
const sitemapsMax = 100;
const delaySecondsMax = 3_600;

/** What a crawler may do where there is no file. */
export const everythingAllowed: Robots = { rules: [], delayMs: null, sitemaps: [] };
/** What it may do where the site cannot say. */
export const nothingAllowed: Robots = { rules: [{ isAllow: false, pattern: "/" }], delayMs: null, sitemaps: [] };

interface Group {
  readonly rules: RobotsRule[];
  delayMs: number | null;
}

/** @param agent the crawler's product token, such as `EarnestBot` */
export function readRobots(file: Uint8Array, agent: string): Robots {
  const named: Group = { rules: [], delayMs: null };
  const everybody: Group = { rules: [], delayMs: null };
  const sitemaps: string[] = [];
  let current: readonly Group[] = [];
  let isNamed = false;
  let isGroupOver = true;
  for (const [key, value] of linesOf(file)) {
    if (isUserAgent(key)) {
      const [group] = groupOf(value, agent, named, everybody);
      if (isGroupOver) current = [];
      isGroupOver = false;
      if (group !== undefined) current = [...current, group];
      isNamed ||= group === named;
    } else if (isKey(key, allowKeys) || isKey(key, disallowKeys)) {
      if (current.length > 0) isGroupOver = true;
      addRule(current, isKey(key, allowKeys), value);
    } else if (key === "crawl-delay") {
      for (const group of current) group.delayMs ??= delayOf(value);
    } else if (isKey(key, sitemapKeys) && sitemaps.length < sitemapsMax) sitemaps.push(value);
  }
  return { ...(isNamed ? named : everybody), sitemaps };
}

function groupOf(value: string, agent: string, named: Group, everybody: Group): readonly Group[] {
  if (/^\*(?:\s|$)/.test(value)) return [everybody];
  const [token] = /^[A-Za-z_-]*/.exec(value) as RegExpExecArray;
  return token !== "" && token.toLowerCase() === agent.toLowerCase() ? [named] : [];
}

function addRule(groups: readonly Group[], isAllow: boolean, value: string): void {
  const pattern = escaped(value);
  for (const { rules } of groups) {
    if (rules.length >= rulesMax || pattern === "") continue;
    rules.push({ isAllow, pattern });
    // A folder's own page is the folder.
    const slash = pattern.lastIndexOf("/");
    if (isAllow && slash >= 0 && pattern.startsWith("/index.htm", slash))
      rules.push({ isAllow, pattern: `${pattern.slice(0, slash + 1)}$` });
  }
}

function delayOf(value: string): number | null {
  if (!/^\d{1,5}(?:\.\d{1,3})?$/.test(value)) return null;
  return Math.round(Math.min(Number(value), delaySecondsMax) * 1_000);
}

const userAgentKeys = ["user-agent", "useragent", "user agent"];
const allowKeys = ["allow"];
/** With the misspellings that are common enough to be meant. */
const disallowKeys = ["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"];
const sitemapKeys = ["sitemap", "site-map"];

const isKey = (key: string, keys: readonly string[]): boolean => keys.some((each) => key.startsWith(each));
const isUserAgent = (key: string): boolean => isKey(key, userAgentKeys);

/** Key, in small letters, and value of each line that has both. */
function* linesOf(file: Uint8Array): Iterable<readonly [string, string]> {
  let start = file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf ? 3 : 0;
  const end = Math.min(file.length, robotsBytesMax);
  while (start < end) {
    let stop = start;
    while (stop < end && file[stop] !== 10 && file[stop] !== 13) stop++;
    const line = keyAndValue(toBinary(file.subarray(start, Math.min(stop, start + lineCharactersMax))));
    if (line !== null) yield line;
    start = stop + 1;
  }
}

/** Where a line has no colon, white space between two words stands for it. */
function keyAndValue(line: string): readonly [string, string] | null {
  const [before] = line.split("#", 1) as [string];
  const colon = before.indexOf(":");
  const trimmed = before.trim();
  if (colon >= 0) {
    const key = before.slice(0, colon).trim().toLowerCase();
    return key === "" ? null : [key, before.slice(colon + 1).trim()];
  }
  const words = /^(\S+)\s+(\S+)$/.exec(trimmed);
  return words === null ? null : [(words[1] as string).toLowerCase(), words[2] as string];
}

/** Bytes beyond ASCII percent-encoded, and what is percent-encoded in capitals; `text` has a byte a character. */
const escaped = (text: string): string =>
  text
    .replace(/%[0-9a-fA-F]{2}/g, (hex) => hex.toUpperCase())
    .replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);

/** @param target path and query of a URL, percent-encoded as URLs are */
export function isAllowed({ rules }: Robots, target: string): boolean {
  const path = target === "" ? "/" : target;
  let [allow, disallow] = [-1, -1];
  for (const { isAllow, pattern } of rules) {
    const { length } = pattern;
    if (length <= (isAllow ? allow : disallow) || !matches(pattern, path)) continue;
    if (isAllow) allow = length;
    else disallow = length;
  }
  return disallow <= allow;
}

/** `*` stands for anything, `$` at the end for the end; both sides are read once, however many stars there are. */
function matches(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith("$");
  const parts = (isWhole ? pattern.slice(0, -1) : pattern).split("*");
  const [first = "", ...rest] = parts;
  if (!path.startsWith(first)) return false;
  let at = first.length;
  const last = isWhole ? rest.pop() : undefined;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  if (!isWhole) return true;
  return last === undefined ? at === path.length : path.length - last.length >= at && path.endsWith(last);
}
