import type { Answers } from "./answers.ts";
import type { Controls, Inferred } from "./inferred.ts";

/** Adds the share of a task's answers that each class has to its row, of `width`; equal shares where there are none. */
export function addVoteShares(answers: Answers, rows: Float64Array, width: number): void {
  const { tasks, classes, offsets, codes } = answers;
  for (let t = 0; t < tasks; t++) {
    const start = offsets[t] as number;
    const end = offsets[t + 1] as number;
    for (let i = start; i < end; i++) {
      const cell = t * width + ((codes[i] as number) % classes);
      rows[cell] = (rows[cell] as number) + 1 / (end - start);
    }
    if (end === start) rows.fill(1 / classes, t * width, t * width + classes);
  }
}

/** The label most contributors gave; of equals the lower one. Its confidence is its share. */
export function inferByMajority(answers: Answers, controls: Controls = null): Inferred {
  const { tasks, classes, offsets, codes } = answers;
  const labels = new Int32Array(tasks).fill(-1);
  const confidence = new Float64Array(tasks);
  const votes = new Uint32Array(classes);
  for (let t = 0; t < tasks; t++) {
    const start = offsets[t] as number;
    const end = offsets[t + 1] as number;
    let best = -1;
    for (let i = start; i < end; i++) {
      const label = (codes[i] as number) % classes;
      const count = (votes[label] as number) + 1;
      votes[label] = count;
      const most = best < 0 ? 0 : (votes[best] as number);
      if (best < 0 || count > most || (count === most && label < best)) best = label;
    }
    const known = controls?.[t] ?? -1;
    labels[t] = known >= 0 ? known : best;
    confidence[t] = known >= 0 ? 1 : best < 0 ? 0 : (votes[best] as number) / (end - start);
    for (let i = start; i < end; i++) votes[(codes[i] as number) % classes] = 0;
  }
  return { labels, confidence, iterations: 0 };
}
