import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { groupsFromHistory } from "../../verification/agreement/bridged.ts";
import type { Rating } from "../../verification/agreement/factorisation.ts";
import { verifyCase } from "../../verification/kinds/cases.ts";
import { readTextFile } from "../files.ts";
import { kindFile, loadKind } from "./find-kind.ts";
import { importedAttestation } from "./imported-attestation.ts";

/** Statements of a public consultation as vectors of `review`. */
export interface ImportedPolis {
  readonly file: object;
  readonly cases: number;
  readonly agreeing: number;
  readonly differing: readonly string[];
}

const bytesMax = 100_000_000;
const votesFile = "participants-votes.csv";
/** Columns before those of the statements: participant, group-id, n-comments, n-votes, n-agree, n-disagree. */
const columnsBefore = 6;
/** Of each group that the source itself found, before it is taken to reject. */
const groupVotesMin = 5;

interface Votes {
  readonly statements: readonly string[];
  /** By participant: its group in the source, or null, and what it said of each statement. */
  readonly rows: readonly { readonly group: string | null; readonly votes: readonly (number | null)[] }[];
}

/**
 * Votes as Polis exports them. Groups come of what people said of every second statement, never of those that are judged.
 * Each of the others is a vector: somebody says `keep`, and the groups' shares decide. That statements which a group of
 * the source's own rejects are not accepted is what `differing` would tell.
 *
 * @throws MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function importPolis(path: string): Promise<ImportedPolis> {
  const file = path.endsWith(".csv") ? path : join(path, votesFile);
  if (!path.endsWith(".csv") && !existsSync(file))
    throw earnestError("MALFORMED_FILE", { path, problem: `it has no ${votesFile}` });
  const votes = votesOf(file, await readTextFile(file, bytesMax));
  const kind = await loadKind(await kindFile("review", "review"));
  const groupOf = groupsFromHistory(votes.rows.length, votes.statements.length, historyOf(votes));
  const name = basename(dirname(file));
  const differing: string[] = [];
  const vectors = judgedOf(votes).map((statement): Json => {
    const context = { bridged: bridgedOf(votes, groupOf, statement) } as unknown as Json;
    const found = verifyCase(kind, { evidence, context: { ...shared, ...(context as object) } });
    const rejecting = rejectingGroup(votes, statement);
    const title = `${name}, statement ${votes.statements[statement]}`;
    const isAgreed = found.reasons.some(({ code }) => code === "AGREES");
    if (rejecting !== null && isAgreed) differing.push(`${title}: group ${rejecting} of the source rejects it`);
    const reasons = found.reasons.map(({ code }) => code);
    return { name: title, context, verdict: found.verdict, reasons };
  });
  const all = { evidence, context: shared, vectors };
  return { file: all, cases: vectors.length, agreeing: vectors.length - differing.length, differing };
}

const evidence = { answer: "keep" } as const;
const shared = {
  nowMs: 1_700_000_005_000,
  undecidedAtMs: 1_700_000_005_000,
  attestation: importedAttestation({
    assignedAtMs: 1_700_000_000_000,
    expiresAtMs: 1_700_000_600_000,
    receivedAtMs: 1_700_000_004_000,
  }),
};

function votesOf(path: string, text: string): Votes {
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const columns = header.split(",");
  if (columns[0] !== "participant" || columns[1] !== "group-id" || columns.length <= columnsBefore)
    throw earnestError("MALFORMED_FILE", { path, problem: "its first line is not that of Polis' votes" });
  const rows = lines.map((line, i) => {
    const cells = line.split(",");
    const votes = cells.slice(columnsBefore).map((cell) => (cell === "" ? null : Number(cell)));
    if (cells.length !== columns.length || votes.some((vote) => vote !== null && ![-1, 0, 1].includes(vote)))
      throw earnestError("MALFORMED_FILE", { path, problem: `line ${i + 2} has no votes of 1, 0 and -1` });
    return { group: cells[1] === "" ? null : (cells[1] as string), votes };
  });
  return { statements: columns.slice(columnsBefore), rows };
}

const isHistory = (statement: number): boolean => statement % 2 === 0;
const judgedOf = ({ statements }: Votes): number[] => [...statements.keys()].filter((each) => !isHistory(each));

const historyOf = ({ rows }: Votes): Rating[] =>
  rows.flatMap(({ votes }, rater) =>
    votes.flatMap((vote, item) =>
      vote === null || !isHistory(item) ? [] : [{ rater, item, valuePpm: (vote + 1) * 500_000 }],
    ),
  );

/** Who passed is heard, and does not agree. */
function bridgedOf({ rows }: Votes, groupOf: readonly number[], statement: number) {
  const groups = [0, 1].map((group) => {
    const votes = rows.flatMap((row, rater) => (groupOf[rater] === group ? [row.votes[statement] ?? null] : []));
    const heard = votes.filter((vote) => vote !== null);
    return { group: `${group}`, ratings: heard.length, agreeing: heard.filter((vote) => vote === 1).length };
  });
  return { groups, fit: null, isExhausted: true };
}

/** A group of the source's own in which more are against a statement than for it. */
function rejectingGroup({ rows }: Votes, statement: number): string | null {
  const groups = new Map<string, { all: number; against: number; ours: number }>();
  for (const { group, votes } of rows) {
    const vote = votes[statement] ?? null;
    if (group === null || vote === null) continue;
    const { all, against, ours } = groups.get(group) ?? { all: 0, against: 0, ours: 0 };
    groups.set(group, {
      all: all + 1,
      against: against + Number(vote === -1),
      ours: ours + Number(vote === 1),
    });
  }
  const found = [...groups].find(([, { all, against, ours }]) => all >= groupVotesMin && against > ours);
  return found?.[0] ?? null;
}
