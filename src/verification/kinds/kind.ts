import type { Json } from "../../core/json.ts";

/** A number that a requester may set, within its bounds. */
export interface Parameter {
  readonly value: number;
  /** Such as `ppm`, `ms` or `answers`. */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
  /** Where the value comes from: a measurement, a paper, a standard. */
  readonly source: string;
}

/** What a submission brings beside nothing: fields of evidence with what they mean. */
export interface EvidenceSchema {
  /** Null where there is no answer. */
  readonly answer: string | null;
  readonly nonce: string | null;
  readonly takenAtMs: string | null;
  readonly digests: Meanings;
  readonly quantities: Meanings;
  readonly runs: Meanings;
  readonly series: Meanings;
  readonly loads: Meanings;
  readonly tracks: Meanings;
  readonly pictures: Meanings;
  readonly receptions: Meanings;
}

export type Meanings = Readonly<Record<string, string>>;

/** What `readKind` takes for one of the tables of an evidence schema. */
export const evidenceTables = [
  "digests",
  "quantities",
  "runs",
  "series",
  "loads",
  "tracks",
  "pictures",
  "receptions",
] as const;
export const evidenceValues = ["answer", "nonce", "takenAtMs"] as const;

/** A kind of work, as its file has it: everything that is the same in all markets of the kind. */
export interface Kind {
  readonly kind: string;
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  readonly evidence: EvidenceSchema;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** With `{"parameter": "name"}` wherever a parameter's value stands. */
  readonly composition: Json;
  /** A description of a market to begin with, as `earnest markets create` takes it, without its verification. */
  readonly template: Readonly<Record<string, Json>>;
  /** Other descriptions by name: what each has in place of the template's, such as another type of answer. */
  readonly templates: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly reward: string;
  /** What such a market must not ask for. */
  readonly guardrails: readonly string[];
}

/** A case and what has to come of it. */
export interface Vector {
  readonly name: string;
  /** What somebody tries who wants pay without the work; null where nobody does. */
  readonly attack: string | null;
  readonly parameters: Readonly<Record<string, number>>;
  readonly evidence: Json;
  readonly context: Json;
  readonly verdict: "accepted" | "rejected" | "held" | "void";
  /** Null where they do not matter. */
  readonly units: number | null;
  /** Codes, in their order. */
  readonly reasons: readonly string[];
}
