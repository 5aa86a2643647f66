import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Rating } from "../../src/verification/agreement/factorisation.ts";

/** Recorded votes on opinions (Polis, compdemocracy/openData, CC BY 4.0). They are beside the repository. */
const folder = join(import.meta.dirname, "../../../shared/data/kinds/polis");

export const polisNames = ["vtaiwan.uberx", "scoop-hivemind.biodiversity"] as const;

export const folderOfPolis = (name: string): string => join(folder, name);
const pathOf = (name: string): string => join(folder, name, "participants-votes.csv");

export const isPolisHere = (name: string): boolean => existsSync(pathOf(name));

export interface Polis {
  readonly raters: number;
  readonly items: number;
  /** Agreed, passed or disagreed. */
  readonly ratings: readonly Rating[];
  /** The group that Polis found for each rater, −1 where it found none. */
  readonly groupOf: readonly number[];
}

/** Columns before those of the opinions: participant, group-id, n-comments, n-votes, n-agree, n-disagree. */
const columnsBefore = 6;

export function readPolis(name: string): Polis {
  const [header = "", ...lines] = readFileSync(pathOf(name), "utf8").trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(","));
  const ratings = rows.flatMap((row, rater) =>
    row
      .slice(columnsBefore)
      .flatMap((vote, item) => (vote === "" ? [] : [{ rater, item, valuePpm: (Number(vote) + 1) * 500_000 }])),
  );
  return {
    raters: rows.length,
    items: header.split(",").length - columnsBefore,
    ratings,
    groupOf: rows.map(([, group]) => (group === "" || group === undefined ? -1 : Number(group))),
  };
}
