import { canonicalJson } from "../../core/json.ts";

/** Where a capture lies in a WARC file. */
export interface Capture {
  readonly url: string;
  readonly hostname: string;
  /** With the query. */
  readonly path: string;
  /** As the WARC has it: `2026-11-21T18:30:00Z`. */
  readonly date: string;
  readonly mime: string;
  readonly status: number;
  readonly digest: string;
  readonly offset: number;
  readonly length: number;
  readonly filename: string;
}

/**
 * One line of a CDXJ index, as pywb and others read them: the URL with its host turned round, so that a site sorts
 * together, the time, and JSON.
 */
export function cdxjLine({
  url,
  hostname,
  path,
  date,
  mime,
  status,
  digest,
  offset,
  length,
  filename,
}: Capture): string {
  const facts = canonicalJson({
    url,
    mime,
    status: `${status}`,
    digest,
    length: `${length}`,
    offset: `${offset}`,
    filename,
  });
  return `${sortKeyOf(hostname, path)} ${date.replace(/[^0-9]/g, "").slice(0, 14)} ${facts}`;
}

/** `www.Example.org/B?y=1&x=2` becomes `org,example)/b?x=2&y=1`. */
export function sortKeyOf(hostname: string, path: string): string {
  const host = hostname.toLowerCase().replace(/^www\d*\./, "");
  const isName = !/^[\d.]+$|^\[/.test(host);
  const turned = isName ? host.split(".").reverse().join(",") : host;
  const [place, query] = splitOnce(path.toLowerCase(), "?");
  const sorted = query === undefined || query === "" ? "" : `?${query.split("&").sort().join("&")}`;
  return `${turned})${place === "" ? "/" : place}${sorted}`;
}

function splitOnce(text: string, at: string): readonly [string, string?] {
  const i = text.indexOf(at);
  return i < 0 ? [text] : [text.slice(0, i), text.slice(i + 1)];
}
