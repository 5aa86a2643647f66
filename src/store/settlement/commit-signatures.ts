import { equalBytes, toHex } from "../../core/bytes.ts";
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

type OfDigests = [digests: readonly Uint8Array[]];
type WithDigest<Row> = Row & { readonly digest: Uint8Array } & Record<string, unknown>;

const signatures = statement<OfDigests, WithDigest<SignatureRow>>(
  "commits.signatures",
  "select digest, key, signature from commit_signatures where digest = any($1::bytea[]) order by key",
);
const outcomes = statement<OfDigests, WithDigest<OutcomeRow>>(
  "commits.outcomes",
  `select digest, key, outcome, code, place, what, signature from commit_outcomes where digest = any($1::bytea[])
   order by key`,
);

/** What attestors said of commits, by the digest in hexadecimal; nothing where none said anything. */
export interface Said {
  readonly signatures: readonly SignatureRow[];
  readonly outcomes: readonly OutcomeRow[];
}

export async function readSaid(on: Queryable, digests: readonly Uint8Array[]): Promise<Map<string, Said>> {
  const [signed, told] = await Promise.all([
    runStatement(on, signatures, [digests]),
    runStatement(on, outcomes, [digests]),
  ]);
  const of = <Row>(rows: readonly WithDigest<Row>[], digest: Uint8Array): Row[] =>
    rows.filter((row) => equalBytes(row.digest, digest)).map(({ digest: _, ...row }) => row as Row);
  return new Map(
    digests.map((digest) => [toHex(digest), { signatures: of(signed, digest), outcomes: of(told, digest) }]),
  );
}

export async function readSignatures(on: Queryable, digest: Uint8Array): Promise<readonly SignatureRow[]> {
  return (await readSaid(on, [digest])).get(toHex(digest))?.signatures ?? [];
}
