import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

export interface ContributorRow {
  readonly contributor: number;
  readonly key: Uint8Array;
  readonly owner: Uint8Array;
  readonly automated: boolean;
  readonly facts: string;
}

const byNumber = statement<[contributor: number], ContributorRow>(
  "contributors.byNumber",
  "select contributor, key, owner, automated, facts from contributors where contributor = $1",
);

const byKey = statement<[key: Uint8Array], ContributorRow>(
  "contributors.byKey",
  "select contributor, key, owner, automated, facts from contributors where key = $1",
);

export async function readContributor(on: Queryable, contributor: number): Promise<ContributorRow | null> {
  return (await runStatement(on, byNumber, [contributor]))[0] ?? null;
}

export async function readContributorByKey(on: Queryable, key: Uint8Array): Promise<ContributorRow | null> {
  return (await runStatement(on, byKey, [key]))[0] ?? null;
}

const automated = statement<[contributors: readonly number[]], { contributor: number }>(
  "contributors.automated",
  "select contributor from contributors where contributor = any($1) and automated",
);

/** Which of some contributors said that they are programs. */
export async function automatedAmong(on: Queryable, contributors: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await runStatement(on, automated, [contributors]);
  return new Set(rows.map(({ contributor }) => contributor));
}
