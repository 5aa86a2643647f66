import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** Public vectors of the web (Apache-2.0 and BSD-3). They are beside the repository. */
const folder = join(import.meta.dirname, "../../../shared/data/kinds");

export const isWebHere: boolean = existsSync(join(folder, "robots"));
if (!isWebHere) console.warn("The vectors of ../shared/data/kinds are not here: tests on them are left out.");

export interface RobotsVector {
  readonly test: string;
  readonly robots: string;
  readonly agent: string;
  readonly url: string;
  readonly allowed: boolean;
}

export function readRobotsVectors(): readonly RobotsVector[] {
  if (!isWebHere) return [];
  const text = readFileSync(join(folder, "robots/google_robotstxt_vectors.json"), "utf8");
  return (JSON.parse(text) as { readonly vectors: readonly RobotsVector[] }).vectors;
}

export interface UrlVector {
  readonly input: string;
  readonly base: string | null;
  readonly failure?: boolean;
  readonly protocol?: string;
  readonly hostname?: string;
}

export function readUrlVectors(): readonly UrlVector[] {
  if (!isWebHere) return [];
  const text = readFileSync(join(folder, "url/urltestdata.json"), "utf8");
  return (JSON.parse(text) as readonly (UrlVector | string)[]).filter((each) => typeof each === "object");
}

/** A WARC file of warcio's tests, unpacked. */
export function readWarcFile(name: string): Uint8Array {
  const bytes = readFileSync(join(folder, "warc", name));
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}
