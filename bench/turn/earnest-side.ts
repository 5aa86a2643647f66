import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "#src/store/embedded";
import { layoutOf } from "#src/store/embedded/layout";
import { LoadConnection } from "../load/connection.ts";
import { newKey, signIn } from "../load/keys.ts";
import { LoadProcess } from "../load/process.ts";
import type { Parts } from "../load/profile.ts";
import { importTasks, openOwnMarket } from "../settle/market.ts";
import type { Questions, Side } from "./side.ts";

/** Number 12 is that of a submission in the log. */
const submissions = "(select count(*) from entries, unnest(encoded) entry where get_byte(entry, 0) = 12)";

const questions: Questions = {
  completions: `select count(*) as found from verdicts
    where state = 'accepted' and decided_at_ms >= $1 and decided_at_ms < $2`,
  submissions: `select ${submissions} as found`,
  held: `select ${submissions} - (select count(*) from verdicts) as found`,
  commits: "select count(*) as found from heads",
  agrees: `select (select coalesce(sum(reward), 0) from verdicts) = (select coalesce(sum(released + held), 0) from balances)
    and (select coalesce(sum(reward), 0) from verdicts) = (select coalesce(sum(earned), 0) from lanes) as found`,
};

export interface EarnestSide extends Side {
  readonly dataFolder: string;
  readonly rpcUrl: string;
  /** Of the market's requester. */
  readonly apiKey: string;
  addTasks(count: number): Promise<void>;
  /** Profiles the server until the function that it gives is called. */
  profile(): Promise<() => Promise<Parts>>;
  /** Another process of the same network: where it is found. */
  startAnother(): Promise<string>;
  /** Ends the server, does something to its data while nobody else does, and starts it again: when that began. */
  restart(between: () => Promise<void>, signal?: "SIGTERM" | "SIGKILL"): Promise<number>;
}

/** What a folder that stays says of its market. */
interface Kept {
  readonly market: string;
  readonly apiKey: string;
  /** Tasks imported so far. */
  readonly given: number;
}

/** @param keep a folder that stays, and is taken where a run before left it; without one the side's is removed at its end */
export async function openEarnest(
  contributors: number,
  tasks: number,
  laterTasks = 0,
  keep: string | null = null,
): Promise<EarnestSide> {
  const folder = keep ?? (await mkdtemp(join(tmpdir(), "earnest-turn-")));
  await mkdir(folder, { recursive: true });
  // PostgreSQL may run as another account, which has to pass through.
  await chmod(folder, 0o755);
  const dataFolder = join(folder, "data");
  const note = join(folder, "market.json");
  const isOld = existsSync(note);
  const program = new URL("./serve.js", import.meta.url);
  const start = () => LoadProcess.start<{ url: string; rpcUrl: string }>(program, [dataFolder]);
  let server = await start();
  const { url, rpcUrl } = server.said;
  const keeps = async (kept: Kept): Promise<Kept> => {
    if (keep !== null) await writeFile(note, JSON.stringify(kept));
    return kept;
  };
  const opensMarket = async (): Promise<Kept> => {
    const { id, apiKey } = await openOwnMarket({ url, rpcUrl, dataFolder }, { tasks, overlap: 3, laterTasks });
    return keeps({ market: id, apiKey, given: tasks });
  };
  let kept = isOld ? (JSON.parse(await readFile(note, "utf8")) as Kept) : await opensMarket();
  const { market, apiKey } = kept;
  const addTasks = async (count: number): Promise<void> => {
    await importTasks({ url: server.said.url, apiKey, market }, kept.given, count);
    kept = await keeps({ ...kept, given: kept.given + count });
  };
  if (isOld) await addTasks(tasks);
  const others: LoadProcess<{ url: string }>[] = [];
  const postgres = join(dataFolder, "postgres");
  const database = await startEmbedded({ folder: postgres, log: () => undefined });
  const on = await LoadConnection.open(url);
  const { domain } = await on.json<{ domain: string }>("GET", "/v1/network");
  const signedIn: { token: string; seed: string }[] = [];
  for (let i = 0; i < contributors; i++) {
    const key = newKey();
    signedIn.push({
      token: (await signIn((...asked) => on.json(...asked), domain, { session: key })).token,
      seed: Buffer.from(key.seed).toString("hex"),
    });
  }
  on.close();
  return {
    name: "earnest",
    dataFolder,
    get order() {
      return { url: server.said.url, market, contributors: signedIn };
    },
    get serverPid() {
      return server.pid;
    },
    databaseUrl: database.url,
    databaseFolder: layoutOf(postgres).data,
    questions,
    rpcUrl,
    apiKey,
    addTasks,
    async profile() {
      await server.ask("profile");
      return () => server.ask<Parts>("profile");
    },
    async startAnother() {
      const another = await start();
      others.push(another);
      return another.said.url;
    },
    async restart(between, signal) {
      await server.stop(signal);
      await between();
      const beganAtMs = Date.now();
      server = await start();
      return beganAtMs;
    },
    async close() {
      await database.stop();
      for (const each of [...others, server]) await each.stop();
      if (keep === null) await rm(folder, { recursive: true, force: true });
    },
  };
}
