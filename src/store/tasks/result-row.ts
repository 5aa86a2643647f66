import type { Json } from "../../core/json.ts";

export interface ResultRow {
  readonly task: number;
  /** As people see it. */
  readonly label: Json;
  readonly confidencePpm: number;
  readonly decided: boolean;
  readonly sequence: number;
}
