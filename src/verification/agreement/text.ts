import { normalise, type TextSchema } from "../answers/text.ts";
import { codePoints, editDistance } from "./edit-distance.ts";
import { type Agreement, countingWeights, million, type Vote } from "./vote.ts";
import { agree } from "./weighted.ts";

/** Votes that are equal after normalisation. */
interface Group {
  readonly normal: string;
  readonly points: readonly number[];
  readonly votes: readonly Weighed[];
  readonly weight: number;
}

interface Weighed {
  readonly vote: Vote<string>;
  readonly counting: number;
}

/**
 * Texts are gathered around the best supported ones, each with the first it is near to, and the best supported
 * gathering wins, as one choice of all there are and one that nobody wrote. Its label is the text that is nearest to the
 * others by weight, as most wrote it. Ties go to more votes, then to the text that sorts first by its units.
 */
export function agreeOnText(schema: TextSchema, votes: readonly Vote<string>[]): Agreement<string> {
  const clusters = gather(schema, groupsOf(schema, votes));
  if (clusters.length === 0) return { label: "", confidencePpm: 0 };
  const asChoices = clusters.flatMap((cluster, choice) =>
    cluster.flatMap((group) => group.votes.map(({ vote }) => ({ choice, weight: vote.weight }))),
  );
  const { choice, confidencePpm } = agree(asChoices, clusters.length + 1);
  return { label: mostWritten(medoidOf(schema, clusters[choice] as readonly Group[])), confidencePpm };
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The best supported first. */
function groupsOf(schema: TextSchema, votes: readonly Vote<string>[]): Group[] {
  const weights = countingWeights(votes);
  const byNormal = new Map<string, Weighed[]>();
  for (const [i, vote] of votes.entries()) {
    const normal = normalise(schema, vote.answer);
    const group = byNormal.get(normal);
    const weighed = { vote, counting: weights[i] as number };
    if (group === undefined) byNormal.set(normal, [weighed]);
    else group.push(weighed);
  }
  const groups = [...byNormal].map(([normal, members]) => ({
    normal,
    points: codePoints(normal),
    votes: members,
    weight: members.reduce((sum, { counting }) => sum + counting, 0),
  }));
  return groups.sort(
    (a, b) => b.weight - a.weight || b.votes.length - a.votes.length || compareTexts(a.normal, b.normal),
  );
}

function gather(schema: TextSchema, groups: readonly Group[]): Group[][] {
  const clusters: Group[][] = [];
  for (const group of groups) {
    const near = clusters.find(([leader]) => isNear(schema, (leader as Group).points, group.points));
    if (near === undefined) clusters.push([group]);
    else near.push(group);
  }
  return clusters;
}

function isNear({ distancePpm }: TextSchema, one: readonly number[], other: readonly number[]): boolean {
  const max = Math.floor((distancePpm * Math.max(one.length, other.length)) / million);
  return editDistance(one, other, max) <= max;
}

/** All are near to one, so that no two are farther apart than twice that. */
function medoidOf({ distancePpm }: TextSchema, cluster: readonly Group[]): Group {
  const longest = cluster.reduce((so, { points }) => Math.max(so, points.length), 0);
  const max = 2 * Math.floor((distancePpm * longest) / million);
  const far = cluster.map(() => 0);
  for (const [i, one] of cluster.entries()) {
    for (const [j, other] of cluster.slice(0, i).entries()) {
      const distance = editDistance(one.points, other.points, max);
      far[i] = (far[i] as number) + other.weight * distance;
      far[j] = (far[j] as number) + one.weight * distance;
    }
  }
  const ranked = cluster.map((group, i) => ({ group, far: far[i] as number }));
  ranked.sort(
    (a, b) => a.far - b.far || b.group.weight - a.group.weight || compareTexts(a.group.normal, b.group.normal),
  );
  return (ranked[0] as { readonly group: Group }).group;
}

/** The spelling with the most weight, then votes; then the one that sorts first. */
function mostWritten({ votes }: Group): string {
  const spellings = new Map<string, { weight: number; votes: number }>();
  for (const { vote, counting } of votes) {
    const before = spellings.get(vote.answer) ?? { weight: 0, votes: 0 };
    spellings.set(vote.answer, { weight: before.weight + counting, votes: before.votes + 1 });
  }
  const ranked = [...spellings].sort(
    ([one, a], [other, b]) => b.weight - a.weight || b.votes - a.votes || compareTexts(one, other),
  );
  return (ranked[0] as readonly [string, unknown])[0];
}

/** All where the texts say the same, otherwise nothing. */
export function matchText(schema: TextSchema, answer: string, label: string): number {
  const [one, other] = [normalise(schema, answer), normalise(schema, label)];
  return one === other || isNear(schema, codePoints(one), codePoints(other)) ? million : 0;
}
