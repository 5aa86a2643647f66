import { Contributor } from "../../client/contributor.ts";
import { Earnest } from "../../client/earnest.ts";
import { signerFromSeed } from "../../client/keys.ts";
import { amount } from "../../core/amount.ts";
import { toUtf8 } from "../../core/bytes.ts";
import { type MarketId, marketId } from "../../core/market-id.ts";
import { signerFromSeed as keyFromSeed, randomFill, sha256 } from "../crypto.ts";
import { sendDeposit } from "../demonstration/market.ts";
import type { Network } from "../network.ts";

const taskCount = 30;
const deposit = amount(20_000_000n);

/** A market in which three people answered everything, one of them badly, and one rejection was appealed. */
export async function runSmallMarket(network: Network, server: string): Promise<MarketId> {
  const seed = randomFill(32);
  const { secret } = await network.engine.createApiKey(keyFromSeed(seed).publicKey, "test", "demonstration");
  const client = new Earnest({ server, apiKey: secret });
  const market = await client.markets.create({
    title: "Which animal is it?",
    answer: { choices: ["cat", "dog"] },
    reward: "0.02",
    overlap: { min: 3, max: 3, target: 0.6 },
    appeal: { windowSeconds: 3_600, budget: "1" },
  });
  await client.markets.fund(market.id, await sendDeposit({ network, seed }, market, deposit));
  await client.markets.open(market.id);
  const tasks = Array.from({ length: taskCount }, (_, i) => ({ id: `photo-${i}`, content: { photo: `${i}.jpg` } }));
  await client.markets.addTasks(market.id, tasks);
  for (const name of ["ann", "bob", "eve"]) await answerAll(server, market.id, name);
  return marketId(market.id);
}

async function answerAll(server: string, market: string, name: string): Promise<void> {
  const signer = await signerFromSeed(sha256(toUtf8(`demonstration/${name}`)));
  const person = new Contributor({ server, signer, automated: true });
  const rejected: string[] = [];
  let [offer] = await person.assign(market);
  while (offer !== undefined) {
    const isCat = Number(offer.task.id.split("-")[1]) % 3 === 0;
    const answer = isCat === (name !== "eve") ? "cat" : "dog";
    const { submissions, offers } = await person.turn(market, { slot: offer.slot, body: { answer } });
    rejected.push(...submissions.filter(({ state }) => state === "appealable").map(({ slot }) => slot));
    [offer] = offers;
  }
  const [first] = rejected;
  if (first !== undefined) await person.appeal(market, first);
}
