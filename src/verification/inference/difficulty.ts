import type { Answers } from "./answers.ts";
import { logOfPositive } from "./fast-real.ts";

/**
 * How much a task splits those who answered it: the entropy of its shares of votes in nats over ln(classes), 0 where all
 * agree, 1 where every class has the same share; NaN without answers. GLAD has another measure (`inferByGlad`).
 */
export function voteEntropies({ tasks, classes, offsets, codes }: Answers): Float64Array {
  const entropies = new Float64Array(tasks);
  const votes = new Uint32Array(classes);
  const most = logOfPositive(Math.max(classes, 2));
  for (let t = 0; t < tasks; t++) {
    const start = offsets[t] as number;
    const end = offsets[t + 1] as number;
    const labels: number[] = [];
    for (let i = start; i < end; i++) {
      const label = (codes[i] as number) % classes;
      if (votes[label] === 0) labels.push(label);
      votes[label] = (votes[label] as number) + 1;
    }
    // In one order, whoever gave them.
    labels.sort((a, b) => (votes[a] as number) - (votes[b] as number) || a - b);
    let entropy = 0;
    for (const label of labels) {
      const share = (votes[label] as number) / (end - start);
      entropy -= share * logOfPositive(share);
      votes[label] = 0;
    }
    entropies[t] = end > start ? Math.max(entropy, 0) / most : Number.NaN;
  }
  return entropies;
}
