import { Earnest } from "#src/client/earnest";
import { signerFromSeed } from "#src/client/keys";
import { amount, parseAmount } from "#src/core/amount";
import { bytes32, fromHex } from "#src/core/bytes";
import { marketId } from "#src/core/market-id";
import { keptSeed, openDataFolder } from "#src/main/folder";
import { createSolanaClient } from "#src/rails/solana/client";
import { openEscrow } from "#src/rails/solana/escrow/escrow";
import { ensureMarket, payIn } from "#src/rails/solana/escrow/markets";
import { ensurePool } from "#src/rails/solana/escrow/pools";
import { localnetProgram } from "#src/rails/solana/program/program-file";
import { ensureSol, findMint, mintTo, signerFromSecret } from "#src/rails/solana/tokens";
import type { Server } from "./server.ts";

const reward = "0.01";
const walletLamports = 1_000_000_000n;

export interface MarketSize {
  readonly tasks: number;
  /** Answers that each task gets; all that agree are paid as soon as the last one is there. */
  readonly overlap: number;
  /** Money for so many more, which come later. */
  readonly laterTasks?: number;
}

type Where = Pick<Server, "url" | "rpcUrl" | "dataFolder">;

/** A market with money for all its tasks, whose verdicts wait for nothing but its answers. Returns its id. */
export const openMarket = async (where: Where, size: MarketSize): Promise<string> =>
  (await openOwnMarket(where, size)).id;

/** The same, with the key of its requester. */
export async function openOwnMarket(
  where: Where,
  { tasks, overlap, laterTasks = 0 }: MarketSize,
): Promise<{ readonly id: string; readonly apiKey: string }> {
  const description = {
    title: "A first task each",
    answer: { choices: ["yes", "no"] },
    reward,
    overlap: { min: overlap, max: overlap, target: 0 },
    policy: null,
  };
  const opened = await openFundedMarket(where, description, 2 * (tasks + laterTasks) * overlap);
  await importTasks({ url: where.url, apiKey: opened.apiKey, market: opened.id }, 0, tasks);
  return opened;
}

/** A market as described, open, with money for so many answers at its reward. */
export async function openFundedMarket(
  { url, rpcUrl, dataFolder }: Where,
  description: Parameters<Earnest["markets"]["create"]>[0],
  answers: number,
): Promise<{ readonly id: string; readonly apiKey: string }> {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const session = await Earnest.signIn({ server: url, signer: await signerFromSeed(seed) });
  const { secret } = await session.apiKeys.create({ name: "bench" });
  const client = new Earnest({ server: url, apiKey: secret });
  const market = await client.markets.create(description);
  const network = await client.network();
  const solana = createSolanaClient({ rpcUrl });
  const operator = await signerFromSecret(await keptSeed(await openDataFolder(dataFolder), "operator"));
  const requester = await signerFromSecret(seed);
  const mint = await findMint(solana, network.mint);
  if (mint === null) throw new Error("the network's token is not on its chain");
  const value = amount(parseAmount(description.reward, network.decimals) * BigInt(answers));
  await ensureSol(solana, requester.address, walletLamports);
  await mintTo(solana, operator, mint, requester.address, value);
  const escrow = await openEscrow({
    client: solana,
    program: localnetProgram,
    cluster: network.cluster,
    sha256: null,
    payer: requester,
  });
  const pool = await ensurePool(escrow, { network: network.network as never, mint: mint.address as never, number: 0 });
  const specHash = bytes32(fromHex(market.specHash));
  const account = await ensureMarket(escrow, pool.at, { requester, id: marketId(market.id), specHash });
  const deposit = await payIn(escrow, pool.at, { market: account, owner: requester, amount: value });
  await client.markets.fund(market.id, deposit);
  await client.markets.open(market.id);
  return { id: market.id, apiKey: secret };
}

interface OwnMarket {
  readonly url: string;
  readonly apiKey: string;
  readonly market: string;
}

/** Adds so many tasks, called by numbers from the first on. */
export async function importTasks({ url, apiKey, market }: OwnMarket, first: number, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ id: `t${first + i}`, content: { n: first + i } }),
  );
  const client = new Earnest({ server: url, apiKey });
  await client.markets.importTasks(market, `${rows.join("\n")}\n`, { format: "jsonl" });
}
