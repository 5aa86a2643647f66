import { expect, it } from "vitest";
import { growingTables, scansOf } from "../store/plans.ts";
import { allStatements } from "../store/pool-statement.ts";
import { useTestDatabase } from "../store/testing.ts";
// Brings in every module that asks the database anything.
import "./create-engine.ts";

const database = useTestDatabase();

/** Statements that a table grows under: what turns, streams, imports, receipts and a restart ask. */
const hot = /^(entries|heads|verdicts|results|tasks|landmarks|balances|lanes|checkpoints|sessions|idempotency)\./;

/** Read on purpose from end to end, seldom, and told so by their own comments. */
const whole: ReadonlySet<string> = new Set(["balances.totals"]);

it("no statement reads a table from end to end that grows with the work, and the hot ones find their rows as checked in", async () => {
  const connection = await database().pool.connect();
  try {
    // Small tables are read whole for good reasons; so PostgreSQL does it only where no index serves.
    await connection.query("set enable_seqscan = off");
    const lines: string[] = [];
    for (const [name, text] of [...allStatements()].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const scans = await scansOf(connection, text);
      const scanned = growingTables.filter((table) => scans.includes(`all of ${table}`));
      if (!whole.has(name)) expect(scanned, name).toEqual([]);
      if (hot.test(name)) lines.push(`${name}: ${scans.join(", ")}\n`);
    }
    // `vitest -u` writes it anew: look at what changed. `npm run bench -- scale` looks at the same in tables of full size.
    await expect(lines.join("")).toMatchFileSnapshot("plans.txt");
  } finally {
    connection.release(true);
  }
});
