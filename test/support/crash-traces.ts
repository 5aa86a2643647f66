import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Traces and what ClusterFuzz reads in them (google/clusterfuzz, Apache-2.0). They are beside the repository. */
export const folder = join(import.meta.dirname, "../../../shared/data/kinds/clusterfuzz");

export const areTracesHere: boolean = existsSync(join(folder, "expected.json"));

export interface CrashTrace {
  readonly file: string;
  readonly text: string;
  /** Left out where ClusterFuzz's test does not say. */
  readonly type?: string;
  readonly address?: string;
  readonly state: string;
  readonly security_flag?: boolean;
}

export function readCrashTraces(): CrashTrace[] {
  if (!areTracesHere) return [];
  const { cases } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as {
    readonly cases: readonly Omit<CrashTrace, "text">[];
  };
  return cases.map((each) => ({ ...each, text: readFileSync(join(folder, "traces", each.file), "utf8") }));
}
