import { Work } from "../../../src/client/open-work.ts";
import type { OpenWork } from "../../../src/contract/open-work.ts";
import { contributor, transport } from "../connection.ts";

const perPage = 20;
const shownMax = 60;

/** Markets that have work now, the best paid by the hour first; for whoever has a key here, with what they lack. */
export async function openWork(): Promise<readonly OpenWork[]> {
  const pages = contributor.value?.work({ limit: perPage }) ?? new Work(transport).list({ limit: perPage });
  const found: OpenWork[] = [];
  for await (const work of pages) {
    found.push(work);
    if (found.length === shownMax) break;
  }
  return found;
}
