import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { layoutOf } from "#src/store/embedded/layout";
import { newKey } from "../load/keys.ts";
import { LoadProcess } from "../load/process.ts";
import type { Questions, Side } from "./side.ts";

const questions: Questions = {
  completions: `select count(*) as found from transfers
    where posted_at >= to_timestamp($1::bigint / 1000.0) and posted_at < to_timestamp($2::bigint / 1000.0)`,
  submissions: "select count(*) as found from slots where state in ('held', 'accepted', 'rejected')",
  held: "select count(*) as found from slots where state = 'held'",
  // One a request, and one submission a request.
  commits: "select count(*) as found from slots where state in ('held', 'accepted', 'rejected')",
  agrees: `select (select coalesce(sum(reward), 0) from slots) = (select coalesce(sum(earned), 0) from balances)
    and (select coalesce(sum(amount), 0) from transfers) = (select sum(earned) from markets)
    and (select coalesce(sum(reward), 0) from slots) = (select sum(earned) from markets) as found`,
};

const reward = 10_000;
const fee = 200;
const overlap = 3;

export async function openNaive(contributors: number, tasks: number): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-naive-"));
  // PostgreSQL may run as another account, which has to pass through.
  await chmod(folder, 0o755);
  const program = new URL("../naive/serve.js", import.meta.url);
  const server = await LoadProcess.start<{ url: string; databaseUrl: string }>(program, [folder]);
  const { url, databaseUrl } = server.said;
  const market = randomBytes(16);
  const order = {
    url,
    market: market.toString("hex"),
    contributors: await fill(databaseUrl, market, contributors, tasks),
  };
  return {
    name: "naive",
    order,
    serverPid: server.pid,
    databaseUrl,
    databaseFolder: layoutOf(join(folder, "postgres")).data,
    questions,
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function fill(databaseUrl: string, market: Buffer, contributors: number, tasks: number) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const free = tasks * overlap * (reward + fee);
  await client.query("insert into markets values ($1, $2, $3, $4, '1 hour', $5, 0, 0, 0)", [
    market,
    reward,
    fee,
    overlap,
    free,
  ]);
  await client.query(
    `insert into tasks (market, task, content) select $1, n, json_build_object('n', n) from generate_series(0, $2 - 1) as n`,
    [market, tasks],
  );
  const signedIn: { token: string; seed: string }[] = [];
  for (let i = 0; i < contributors; i++) {
    const key = newKey();
    const token = randomBytes(32).toString("hex");
    await client.query(
      `with made as (insert into contributors (key) values ($1) returning contributor)
       insert into sessions select $2, contributor, $3, now() + interval '1 day' from made`,
      [randomBytes(32), createHash("sha256").update(token).digest(), key.publicKey],
    );
    signedIn.push({ token, seed: Buffer.from(key.seed).toString("hex") });
  }
  await client.query("vacuum analyze");
  await client.end();
  return signedIn;
}
