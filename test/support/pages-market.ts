import { Earnest } from "../../src/client/earnest.ts";
import { signerFromSeed } from "../../src/client/keys.ts";
import type { NewMarket } from "../../src/contract/markets.ts";
import type { NewTask } from "../../src/contract/tasks.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import { randomFill } from "../../src/main/crypto.ts";
import { runCli } from "./cli.ts";
import type { WholeServer } from "./whole-server.ts";

export interface Requested {
  readonly market: MarketId;
  /** Its requester's. */
  readonly client: Earnest;
}

/** A funded market of a new requester, open, with these tasks. */
export async function openRequested(
  { engine, url }: WholeServer,
  description: NewMarket,
  tasks: readonly NewTask[],
  programs: readonly Uint8Array[] = [],
): Promise<Requested> {
  const owner = await signerFromSeed(randomFill(32));
  const session = await Earnest.signIn({ server: url, signer: owner });
  const { secret } = await session.apiKeys.create({ name: "test" });
  const client = new Earnest({ server: url, apiKey: secret });
  const { id } = await client.markets.create(description);
  await engine.fundMarket(owner.publicKey, id as MarketId, `${id}:1000000000:1`);
  await client.markets.open(id);
  for (const program of programs) await client.markets.addProgram(id, "javascript", program);
  await client.markets.addTasks(id, tasks);
  return { market: id as MarketId, client };
}

/** One of the kind `bandwidth` that comes along. */
export async function openPages(server: WholeServer, tasks: readonly NewTask[]): Promise<Requested> {
  const { json } = await runCli(["kinds", "market", "bandwidth", "--json"]);
  return await openRequested(server, { ...json, reward: "1", verification: json.verification } as never, tasks);
}
