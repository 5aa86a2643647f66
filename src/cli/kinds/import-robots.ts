import { toUtf8 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import { isAllowed, readRobots } from "../../verification/web/robots.ts";
import { readJsonFile } from "./find-kind.ts";

/** Vectors on robots.txt with what we say to each, and how many of them the source says alike. */
export interface ImportedRobots {
  readonly file: { readonly vectors: readonly Json[] };
  readonly cases: number;
  readonly agreeing: number;
  readonly differing: readonly string[];
}

const casesMax = 10_000;

/**
 * Vectors as Google's parser has them: `{"vectors": [{"robots", "agent", "url", "allowed"}]}`.
 *
 * @throws MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function importRobots(path: string): Promise<ImportedRobots> {
  const misfit = (at: string, problem: string) => earnestError("MALFORMED_FILE", { path, problem: `${at} ${problem}` });
  const list = new Field(await readJsonFile(path), "file", misfit).get("vectors").items(casesMax);
  const differing: string[] = [];
  const vectors = list.map((item): Json => {
    const [robots, agent, url] = [text(item.get("robots")), text(item.get("agent")), text(item.get("url"))];
    const allowed = item.get("allowed").boolean();
    const isLetIn = isAllowed(readRobots(toUtf8(robots), agent), targetOf(url));
    if (isLetIn !== allowed) differing.push(`${agent} at ${url}`);
    return { robots, agent, url, allowed, ours: isLetIn };
  });
  return { file: { vectors }, cases: vectors.length, agreeing: vectors.length - differing.length, differing };
}

/** Any text, also an empty one. */
const text = (field: Field): string => (typeof field.value === "string" ? field.value : field.fail("must be a text"));

/** Path and query of a URL as it stands there, without its fragment. */
function targetOf(url: string): string {
  const rest = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  const hash = rest.indexOf("#");
  return hash < 0 ? rest : rest.slice(0, hash);
}
