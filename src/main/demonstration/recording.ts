import { toHex, toUtf8 } from "../../core/bytes.ts";
import { sha256 } from "../crypto.ts";
import type { Dataset, RecordedAnswer, RecordedTask } from "./dataset.ts";

/** One task in so many becomes a control task: its known answer checks contributors and is left out of the accuracy. */
const controlEvery = 10;

/** Which tasks are control tasks follows from their ids alone: the same in every run, and nothing is picked by hand. */
export const isControl = ({ id, truth }: RecordedTask): boolean =>
  truth !== null && new DataView(sha256(toUtf8(`control/${id}`)).buffer).getUint32(0) % controlEvery === 0;

/** A recording's own name: other answers under the same folder name are another recording. */
export const recordingKey = (dataset: Dataset): string =>
  toHex(sha256(toUtf8(JSON.stringify([dataset.tasks, dataset.answers])))).slice(0, 16);

/** Runs of tasks that share their overlap, so that the log has few entries for them. */
export function tasksByOverlap(dataset: Dataset): readonly RecordedTask[] {
  return [...dataset.tasks].sort((a, b) => a.answers - b.answers);
}

export function answersByContributor(dataset: Dataset): ReadonlyMap<string, readonly RecordedAnswer[]> {
  const answers = new Map<string, RecordedAnswer[]>(dataset.contributors.map((each) => [each, []]));
  for (const answer of dataset.answers) answers.get(answer.contributor)?.push(answer);
  return answers;
}

/** The share of tasks whose label is the true one; null where no truth is known of any. */
export function accuracyOf(dataset: Dataset, labels: ReadonlyMap<string, string>): number | null {
  const known = dataset.tasks.filter((task) => task.truth !== null && !isControl(task));
  const right = known.filter(({ id, truth }) => labels.get(id) === truth);
  return known.length === 0 ? null : Math.round((right.length / known.length) * 10_000) / 10_000;
}
