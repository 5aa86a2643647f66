import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface SignatureRow {
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
}

export interface OutcomeRow extends SignatureRow {
  readonly outcome: "abstain" | "refuse";
  readonly code: string;
  readonly place: string;
  readonly what: string;
}

type OfDigest = [digest: Uint8Array];

const sign = statement<readonly unknown[], Record<string, never>>(
  "commits.sign",
  "insert into commit_signatures (digest, key, signature) values ($1, $2, $3) on conflict do nothing",
);
const unsay = statement<readonly unknown[], Record<string, never>>(
  "commits.unsay",
  "delete from commit_outcomes where digest = $1 and key = $2",
);

/** Whoever abstained and signs after all has changed its mind. */
export async function insertSignature(on: Queryable, digest: Uint8Array, { key, signature }: SignatureRow) {
  await runStatement(on, sign, [digest, key, signature]);
  await runStatement(on, unsay, [digest, key]);
}

const say = statement<readonly unknown[], Record<string, never>>(
  "commits.say",
  `insert into commit_outcomes (digest, key, outcome, code, place, what, signature) values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (digest, key) do update set outcome = excluded.outcome, code = excluded.code, place = excluded.place,
     what = excluded.what, signature = excluded.signature`,
);

export async function upsertOutcome(on: Queryable, digest: Uint8Array, said: OutcomeRow): Promise<void> {
  const { key, outcome, code, place, what, signature } = said;
  await runStatement(on, say, [digest, key, outcome, code, place, what, signature]);
}

const signatures = statement<OfDigest, { key: Uint8Array; signature: Uint8Array }>(
  "commits.signatures",
  "select key, signature from commit_signatures where digest = $1 order by key",
);
const outcomes = statement<OfDigest, OutcomeRow & Record<string, unknown>>(
  "commits.outcomes",
  "select key, outcome, code, place, what, signature from commit_outcomes where digest = $1 order by key",
);

export const readSignatures = (on: Queryable, digest: Uint8Array): Promise<SignatureRow[]> =>
  runStatement(on, signatures, [digest]);

export const readOutcomes = (on: Queryable, digest: Uint8Array): Promise<OutcomeRow[]> =>
  runStatement(on, outcomes, [digest]);
