import { parseArgs } from "node:util";

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  readonly json: boolean;
  /** API processes on the one database. */
  readonly processes: 1 | 2;
  /** Leaves the data folder where it is, to look into. */
  readonly keep: boolean;
}

export const usage = "npm run test:crash -- --kills N [--seed S] [--processes 1|2] [--json] [--keep]";

/** @throws Error with a sentence for people */
export function readOptions(args: readonly string[]): CrashOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: "string", default: "20" },
      seed: { type: "string" },
      processes: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
    },
  });
  const processes = whole("--processes", values.processes, 1, 2) as 1 | 2;
  const seed =
    values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : whole("--seed", values.seed, 0, 2 ** 32);
  const { json, keep } = values;
  return { kills: whole("--kills", values.kills, 0, 100_000), seed, json, processes, keep };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new Error(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
  }
  return value;
}
