import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { growingTables, scansOf } from "../store/plans.ts";
import { allStatements } from "../store/pool-statement.ts";
import { useTestDatabase } from "../store/testing.ts";
// Brings in every module that asks the database anything.
import "./create-engine.ts";

const database = useTestDatabase();

/** The statements of turns, streams, receipts and a restart, each with the indexes that serve it. */
const hot = readFileSync(new URL("plans.txt", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");

/** Read from end to end on purpose, and seldom. */
const whole: ReadonlySet<string> = new Set(["balances.totals"]);

it("no statement reads a table from end to end that grows with the work, and the hot ones use the indexes they should", async () => {
  const connection = await database().pool.connect();
  try {
    // Small tables are read whole for good reasons; so PostgreSQL does it only where no index serves. What it does with
    // tables of full size, `npm run bench -- scale` looks at.
    await connection.query("set enable_seqscan = off");
    const found = new Map<string, string>();
    for (const [name, text] of allStatements()) {
      // Of a test that ran before in this process.
      if (name.startsWith("test.")) continue;
      const scans = await scansOf(connection, text);
      const scanned = growingTables.filter((table) => scans.includes(`all of ${table}`));
      if (!whole.has(name)) expect(scanned, name).toEqual([]);
      found.set(name, `${name}: ${scans.join(", ")}`);
    }
    for (const line of hot) expect(found.get(line.split(":")[0] as string)).toBe(line);
  } finally {
    connection.release(true);
  }
});

it("the plans at full size are of all hot statements, and find rows of large tables by the same indexes", () => {
  const plans = readFileSync(new URL("../../bench/scale/plans.txt", import.meta.url), "utf8")
    .split("\n\n")
    .slice(1);
  const found = plans.map((plan) => {
    const [name = ""] = plan.split("\n");
    // Small tables may be read whole at any size; those that are large are in these of their indexes.
    const used = plan.matchAll(
      /Scan (?:Backward )?(?:using|on) ((?:entries|heads|results|sessions|tasks|verdicts)_\w+)/g,
    );
    const indexes = [...used].map(([, index]) => index);
    expect(plan, name).not.toMatch(/Seq Scan on (entries|heads|landmarks|results|sessions|tasks|verdicts)\b/);
    const ours = hot.find((line) => line.startsWith(`${name}:`))?.split(/[:,] /);
    expect(ours, `made anew by npm run bench -- scale --write-plans: ${name}`).toEqual(expect.arrayContaining(indexes));
    return name;
  });
  expect(found).toEqual(hot.map((line) => line.split(":")[0]));
});

it("a cut joins no shares: joined by what statistics said when there were few, it read all of a lane's for each balance", async () => {
  const connection = await database().pool.connect();
  try {
    const scans = await scansOf(connection, allStatements().get("shares.put") as string);
    expect(scans.filter((each) => each.includes("shares"))).toEqual([]);
  } finally {
    connection.release(true);
  }
});
