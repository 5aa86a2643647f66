import pg from "pg";

const measureMs = 1_500;
/** Submissions in a transaction, as many as a busy lane commits together. */
const together = 64;
const contributors = 128;

const tables = `
  create schema bare;
  create table bare.verdicts (like verdicts including all);
  create table bare.results (like results including all);
  create table bare.entries (like entries including all);
  create table bare.balances (like balances including all) with (fillfactor = 50);
  create table bare.lane (sequence bigint not null);
  insert into bare.lane values (0);
  insert into bare.balances (contributor, market, lane, released, held, sequence)
  select n, '\\x00', 0, 0, 0, 0 from generate_series(0, ${contributors - 1}) as n`;

/** What a batch writes, made by PostgreSQL itself: nothing is sent, parsed or looked up for it. */
const batch = `
  with moved as (
    update bare.lane set sequence = sequence + ${together} returning sequence - ${together} as since
  ), judged as (
    insert into bare.verdicts
    select since + n, since + n, since + n, 0, n, 0, 0, '\\x00112233445566778899aabbccddeeff', 'accepted', 'AGREES', 10000, null
    from moved, generate_series(1, ${together}) as n
  ), labelled as (
    insert into bare.results select '\\x00112233445566778899aabbccddeeff', 0, since + n, '"yes"', 990000, true, since + n, 0
    from moved, generate_series(1, ${together}, 3) as n
  ), appended as (
    insert into bare.entries
    select '\\x00112233445566778899aabbccddeeff', 0, since + n, array_fill(decode(repeat('5a', 120), 'hex'), array[32]), null
    from moved, generate_series(1, ${together}, 32) as n
  )
  update bare.balances set released = released + 10000, sequence = sequence + ${together} where contributor in (
    select (since + n) % ${contributors} from moved, generate_series(1, ${together}) as n)`;

/**
 * Completions a second of PostgreSQL alone: rows like those of batches, into tables like ours, one transaction after the
 * other, durable. What more a server needs of it (reading, parsing, planning) is left out.
 */
export async function postgresPerSecond(databaseUrl: string): Promise<number> {
  const { rows, ms } = await barePostgres(databaseUrl);
  return Math.round((rows * 1_000) / ms);
}

export interface BarePostgres {
  /** Completions. */
  readonly rows: number;
  readonly ms: number;
  readonly processorSeconds: number;
}

/** `spent`: seconds of PostgreSQL's processors so far. A backend that ends is counted late, so it is asked before that. */
export async function barePostgres(databaseUrl: string, spent: () => number = () => 0): Promise<BarePostgres> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(tables);
    let count = 0;
    const [before, begun] = [spent(), performance.now()];
    while (performance.now() - begun < measureMs) {
      await client.query({ name: "batch", text: batch });
      count += together;
    }
    return { rows: count, ms: performance.now() - begun, processorSeconds: spent() - before };
  } finally {
    await client.query("drop schema if exists bare cascade");
    await client.end();
  }
}

/**
 * Durable transactions a second, one after the other, each of which changes one and the same row: what there can be of a
 * service in which every request does so, since a row stays locked until the commit is on the disk.
 */
export async function commitsInSequence(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("create table public.one_row (count bigint not null)");
    await client.query("insert into one_row values (0)");
    let count = 0;
    const begun = performance.now();
    for (; performance.now() - begun < measureMs; count++) {
      await client.query("begin");
      await client.query({ name: "count", text: "update one_row set count = count + 1" });
      await client.query("commit");
    }
    return Math.round((count * 1_000) / (performance.now() - begun));
  } finally {
    await client.query("drop table if exists one_row");
    await client.end();
  }
}
