import { parseArgs } from "node:util";

export interface SimOptions {
  readonly first: number;
  readonly seeds: number;
  readonly processes: number;
  readonly json: boolean;
  /** All planted faults beside the seeds; or one, which the seeds run with. */
  readonly mutations: boolean;
  readonly mutation: string | null;
  /** Every line of what happens, as it happens. */
  readonly trace: boolean;
}

export const usage =
  "npm run sim -- [--seeds N] [--first S] [--seed S] [--mutation NAME] [--trace] [--processes P] [--json]";

/** @throws Error with a sentence for people */
export function readOptions(args: readonly string[]): SimOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string" },
      first: { type: "string", default: "1" },
      seed: { type: "string" },
      processes: { type: "string", default: "2" },
      mutation: { type: "string" },
      trace: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { mutation = null, trace, json } = values;
  const whole = (name: "seeds" | "first" | "seed" | "processes", text: string, min: number): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value < 2 ** 31) return value;
    throw new Error(`--${name} must be a whole number from ${min} on, not "${text}"`);
  };
  const processes = whole("processes", values.processes, 1);
  if (values.seed !== undefined) {
    if (values.seeds !== undefined) throw new Error("--seed is one, --seeds are many: give one of them");
    return { first: whole("seed", values.seed, 0), seeds: 1, processes: 1, json, mutations: false, mutation, trace };
  }
  const seeds = whole("seeds", values.seeds ?? "100", 0);
  const mutations = mutation === null;
  return { first: whole("first", values.first, 0), seeds, processes, json, mutations, mutation, trace };
}
