import { gunzipSync } from "node:zlib";
import type { Json } from "../../core/json.ts";
import type { Browser } from "./browser.ts";

/** What a task asks for: pages by their URLs, or those that a sitemap names, on hosts that may be asked. */
export interface GatewayWork {
  readonly urls: readonly string[];
  readonly sitemap: string | null;
  readonly allowList: readonly string[];
}

export const pagesMax = 1_000;
const charactersMax = 2_000;
const sitemapBytesMax = 10_000_000;

/** The content of a task: `{"urls": [...]}` or `{"sitemap": "..."}`, with `allow`; null for what is neither. */
export function readWork(content: Json): GatewayWork | null {
  if (content === null || typeof content !== "object" || Array.isArray(content)) return null;
  const { url, urls, sitemap, allow } = content as { readonly [key: string]: Json };
  const list = textsOf(url === undefined ? urls : [url]);
  const allowed = textsOf(allow);
  if (typeof sitemap === "string" && sitemap.length <= charactersMax)
    return { urls: [], sitemap, allowList: allowed ?? hostsOf([sitemap]) };
  return list === null ? null : { urls: list, sitemap: null, allowList: allowed ?? hostsOf(list) };
}

function textsOf(json: Json | undefined): readonly string[] | null {
  if (!Array.isArray(json) || json.length === 0 || json.length > pagesMax) return null;
  return json.every((each) => typeof each === "string" && each.length <= charactersMax) ? (json as string[]) : null;
}

/** Where nothing else is said, the hosts that are asked for, and no others. */
const hostsOf = (urls: readonly string[]): string[] => [
  ...new Set(urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).hostname] : []))),
];

/** The URLs of a session, from the sitemap where there is one. */
export async function urlsOf({ urls, sitemap, allowList }: GatewayWork, browser: Browser): Promise<readonly string[]> {
  if (sitemap === null) return urls;
  const file = await browser.file(sitemap, sitemapBytesMax, allowList);
  return file === null ? [] : locationsOf(unpacked(file));
}

function unpacked(file: Uint8Array): string {
  const isPacked = file[0] === 0x1f && file[1] === 0x8b;
  const bytes = isPacked ? gunzipSync(file, { maxOutputLength: sitemapBytesMax }) : file;
  return Buffer.from(bytes).toString("utf8");
}

/** `<loc>` of a sitemap (sitemaps.org); one that is a list of sitemaps gives none of theirs. */
export function locationsOf(text: string): string[] {
  if (!/<urlset[\s>]/.test(text)) return [];
  const found: string[] = [];
  for (const [, location = ""] of text.matchAll(/<loc>\s*([^<\s]{1,2000})\s*<\/loc>/g)) {
    if (found.length >= pagesMax) break;
    found.push(unescaped(location));
  }
  return found;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] as string);
