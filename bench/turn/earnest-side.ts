import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "#src/store/embedded";
import { layoutOf } from "#src/store/embedded/layout";
import { LoadConnection } from "../load/connection.ts";
import { newKey, signIn } from "../load/keys.ts";
import { LoadProcess } from "../load/process.ts";
import { openMarket } from "../settle/market.ts";
import type { Questions, Side } from "./side.ts";

const questions: Questions = {
  completions: `select count(*) as found from verdicts
    where state = 'accepted' and decided_at_ms >= $1 and decided_at_ms < $2`,
  // Number 12 is that of a submission in the log.
  submissions: "select count(*) as found from entries where get_byte(encoded, 0) = 12",
  held: `select (select count(*) from entries where get_byte(encoded, 0) = 12) - (select count(*) from verdicts) as found`,
  commits: "select count(*) as found from heads",
  agrees: `select (select coalesce(sum(reward), 0) from verdicts) = (select coalesce(sum(released + held), 0) from balances)
    and (select coalesce(sum(reward), 0) from verdicts) = (select coalesce(sum(earned), 0) from lanes) as found`,
};

export async function openEarnest(contributors: number, tasks: number): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-turn-"));
  // PostgreSQL may run as another account, which has to pass through.
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  const program = new URL("./serve.js", import.meta.url);
  const server = await LoadProcess.start<{ url: string; rpcUrl: string }>(program, [dataFolder]);
  const { url, rpcUrl } = server.said;
  const market = await openMarket({ url, rpcUrl, dataFolder }, { tasks, overlap: 3 });
  const postgres = join(dataFolder, "postgres");
  const database = await startEmbedded({ folder: postgres, log: () => undefined });
  const on = await LoadConnection.open(url);
  const { domain } = await on.json<{ domain: string }>("GET", "/v1/network");
  const signedIn: { token: string; seed: string }[] = [];
  for (let i = 0; i < contributors; i++) {
    const key = newKey();
    signedIn.push({
      token: await signIn((...asked) => on.json(...asked), domain, key),
      seed: Buffer.from(key.seed).toString("hex"),
    });
  }
  on.close();
  return {
    name: "earnest",
    order: { url, market, contributors: signedIn },
    serverPid: server.pid,
    databaseUrl: database.url,
    databaseFolder: layoutOf(postgres).data,
    questions,
    async close() {
      await database.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
