import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyBooks } from "../../ledger/books.ts";
import { insertLane } from "../lanes/insert-lane.ts";
import { type BatchWrite, type EntryRow, runEntriesMax, writeBatch } from "../lanes/write-batch.ts";
import { withConnection } from "../pool.ts";
import { allStatements } from "../pool-statement.ts";
import { sqlFolder, useTestDatabase } from "../testing.ts";
import { readEncodedEntries, readEntries, readEntriesAt, type StoredEntry } from "./read-entries.ts";

const database = useTestDatabase();
const pool = () => database().pool;
let markets = 0;

/** A lane whose log came in these batches. */
async function laneWith(
  batches: readonly (readonly EntryRow[])[],
): Promise<{ market: Uint8Array; all: StoredEntry[] }> {
  const market = new Uint8Array(16).fill(++markets);
  await pool().query(
    `insert into markets (market, owner, title, kind, spec, spec_hash, refund_to, standing, created_at_ms)
     values ($1, $2, 't', 'k', '{}', $2, 'r', false, 0)`,
    [market, new Uint8Array(32)],
  );
  let head = new Uint8Array(32);
  let sequence = 0;
  await withConnection(pool(), async (connection) => {
    await insertLane(connection, market, 0, head);
    for (const entries of batches) {
      const next = new Uint8Array(32).fill(sequence + 1);
      const after = { sequence: sequence + entries.length, head: next, signature: new Uint8Array(64), timeMs: 1 };
      const batch: BatchWrite = {
        market,
        lane: 0,
        before: { sequence, head },
        after: { ...after, dueAtMs: null, status: "open", epoch: 0, books: emptyBooks() },
        entries,
        balances: [],
        landmarks: [],
        verdicts: [],
        results: [],
      };
      expect(await writeBatch(connection, batch)).toBe(true);
      [head, sequence] = [next, after.sequence];
    }
  });
  return { market, all: batches.flat().map((entry, i) => ({ ...entry, sequence: i + 1 })) };
}

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
const plain = (entries: readonly StoredEntry[]) =>
  entries.map(({ sequence, encoded, attachment }) => [
    sequence,
    Buffer.from(encoded).toString("hex"),
    attachment === null ? null : Buffer.from(attachment).toString("hex"),
  ]);
const runsOf = async (market: Uint8Array): Promise<number[]> =>
  (
    await pool().query<{ n: number }>("select cardinality(encoded) as n from entries where market = $1 order by last", [
      market,
    ])
  ).rows.map(({ n }) => n);

const entryArbitrary: fc.Arbitrary<EntryRow> = fc.record({
  encoded: fc.tuple(fc.constantFrom(1, 60, 700, 5_000), fc.nat(255)).map(([length, fill]) => bytes(length, fill)),
  attachment: fc.option(
    fc.tuple(fc.constantFrom(0, 17, 9_000, 70_000), fc.nat(255)).map(([length, fill]) => bytes(length, fill)),
  ),
});

describe("entries that lie in runs", () => {
  it("lie compressed, and in their row: bodies are much alike", async () => {
    const body = new TextEncoder().encode('{"answer":"yes"}');
    const { market } = await laneWith([
      Array.from({ length: 60 }, () => ({ encoded: bytes(24, 7), attachment: body })),
    ]);
    const { rows } = await pool().query<{ stored: number }>(
      "select sum(pg_column_size(entries))::integer as stored from entries where market = $1",
      [market],
    );
    expect(rows[0]?.stored).toBeGreaterThan(60);
    expect(rows[0]?.stored).toBeLessThan((60 * (24 + body.length)) / 4);
  });

  it("are read back as they were written: ranges, single ones, and nothing that is not there", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(entryArbitrary, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        async (batches, from, limit) => {
          const { market, all } = await laneWith(batches);
          const range = all.filter(({ sequence }) => sequence >= from && sequence < from + limit);
          expect(plain(await readEntries(pool(), market, 0, from, limit))).toEqual(plain(range));
          const encoded = await readEncodedEntries(pool(), market, 0, from - 1, limit);
          expect(encoded.map((each) => Buffer.from(each))).toEqual(range.map((each) => Buffer.from(each.encoded)));
          const wanted = [limit, from, 0, -1, 9_999, from];
          const single = all.filter(({ sequence }) => wanted.includes(sequence));
          expect(plain(await readEntriesAt(pool(), market, 0, wanted))).toEqual(plain(single));
          expect((await runsOf(market)).reduce((sum, n) => sum + n, 0)).toBe(all.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("are many to a row, and no row is longer than a range may rely on", async () => {
    const { market, all } = await laneWith([
      Array.from({ length: 1_000 }, (_, i) => ({ encoded: bytes(1, i % 256), attachment: null })),
    ]);
    const runs = await runsOf(market);
    expect(Math.max(...runs)).toBeLessThanOrEqual(runEntriesMax);
    expect(runs.length).toBeLessThan(10);
    expect(plain(await readEntries(pool(), market, 0, 300, 500))).toEqual(plain(all.slice(299, 799)));
  });

  it("are found by their index, however many there are", async () => {
    const { market } = await laneWith([[{ encoded: bytes(60, 1), attachment: null }]]);
    await pool().query(
      `insert into entries (market, lane, last, encoded)
       select $1, 0, 1 + 8 * n, array_fill('\\x01'::bytea, array[8]) from generate_series(1, 20000) n`,
      [market],
    );
    await pool().query("analyze entries");
    const text = allStatements().get("entries.read");
    const explained = await pool().query<{ "QUERY PLAN": string }>(`explain ${text}`, [market, 0, 5_000, 5_500]);
    const plan = explained.rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toMatch(/(Index|Bitmap).* on entries/);
    expect(plan).not.toContain("Seq Scan on entries");
    expect((await readEntries(pool(), market, 0, 80_000, 3)).map(({ sequence }) => sequence)).toEqual([
      80_000, 80_001, 80_002,
    ]);
  });
});

describe("a database with an entry a row", () => {
  it("is brought to runs, with verdicts that say the same", async () => {
    const text = await readFile(join(sqlFolder, "000007_fewer_bytes.sql"), "utf8");
    const client = await pool().connect();
    try {
      await client.query("begin");
      // The tables as they were.
      await client.query(`create schema before; set local search_path = before;
        create table entries (market bytea, lane smallint, sequence bigint, encoded bytea, attachment bytea,
          primary key (market, lane, sequence));
        create table verdicts (market bytea, lane smallint, task bigint, ordinal smallint, contributor integer, state text,
          reason text, reward numeric(20), body_hash bytea, submitted_sequence bigint, decided_sequence bigint,
          sequences bigint[], decided_at_ms bigint, primary key (market, lane, task, ordinal));
        create index verdicts_contributor on verdicts (contributor, decided_at_ms);
        create table balances (n integer);
        create table lanes (n integer);
        insert into entries select '\\x01', 0, n, decode(lpad(to_hex(n), 4, '0'), 'hex'),
          case when n % 3 = 0 then decode(lpad(to_hex(n), 6, '0'), 'hex') end from generate_series(1, 100) n;
        insert into verdicts select '\\x01', 0, n, 1, 7, 'accepted', null, 5, '\\x00', n, n + 2,
          case when n = 3 then array[4, n + 2] else array[n + 2] end, 9 from generate_series(1, 5) n;`);
      await client.query(text);
      const { rows } =
        await client.query(`select last - cardinality(e.encoded) + place as n, run.encoded, run.attachment
        from entries e, unnest(e.encoded, e.attachments) with ordinality as run (encoded, attachment, place) order by 1`);
      expect(rows).toHaveLength(100);
      for (const [i, { n, encoded, attachment }] of rows.entries()) {
        const sequence = i + 1;
        expect([Number(n), Buffer.from(encoded).readUInt16BE()]).toEqual([sequence, sequence]);
        expect(attachment === null ? null : Buffer.from(attachment).readUInt16BE(1)).toBe(
          sequence % 3 === 0 ? sequence : null,
        );
      }
      const verdicts = await client.query(
        "select task, earlier_sequences || decided_sequence as sequences from verdicts order by task",
      );
      expect(verdicts.rows.map((row) => [Number(row.task), row.sequences.map(Number)])).toEqual(
        [1, 2, 3, 4, 5].map((task) => [task, task === 3 ? [4, 5] : [task + 2]]),
      );
    } finally {
      await client.query("rollback");
      client.release();
    }
  });
});
