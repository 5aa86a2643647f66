import pg, { type QueryResultRow } from "pg";
import { earnestError } from "../core/errors.ts";
import type { Queryable } from "./pool.ts";
import { isBeforeConnection, mapDatabaseError } from "./pool-errors.ts";
import { requestWaitMsMax, waitForDatabase } from "./pool-wait.ts";

/** Prepared once a connection under its name. The types say what goes in and what comes out. */
export interface Statement<Values extends readonly unknown[], Row extends QueryResultRow> {
  readonly name: string;
  readonly text: string;
  /** Never present; carries the types. */
  readonly types?: (values: Values) => Row;
}

const nameLengthMax = 63;
const texts = new Map<string, string>();

/**
 * @example const byKey = statement<[market: Uint8Array], { seq: bigint }>("entries.head", "select …");
 *
 * A connection would silently run the first text it saw under a name, so a name has one text (checked here), and fits
 * PostgreSQL's length (it would cut it).
 */
export function statement<Values extends readonly unknown[], Row extends QueryResultRow>(
  name: string,
  text: string,
): Statement<Values, Row> {
  if (name.length > nameLengthMax || (texts.get(name) ?? text) !== text) {
    const what = `the statement name "${name}" is used twice, or longer than ${nameLengthMax}`;
    throw earnestError("INVARIANT_MISMATCH", { what });
  }
  texts.set(name, text);
  return { name, text };
}

/** Every statement of the modules that were loaded, by its name. */
export const allStatements = (): ReadonlyMap<string, string> => texts;

/** On a pool it waits a moment for a server that restarts; on a connection, whose transaction is lost, it does not. */
export async function runStatement<Values extends readonly unknown[], Row extends QueryResultRow>(
  on: Queryable,
  { name, text }: Statement<Values, Row>,
  values: Values,
): Promise<Row[]> {
  const ask = async (): Promise<Row[]> =>
    (await on.query<Row>({ name, text, values: values as unknown as unknown[] })).rows;
  try {
    return await ask();
  } catch (error) {
    if (!(on instanceof pg.Pool) || !isBeforeConnection(error)) throw mapDatabaseError(error);
    await waitForDatabase(on, { msMax: requestWaitMsMax });
    return await ask().catch((again: unknown) => {
      throw mapDatabaseError(again);
    });
  }
}
