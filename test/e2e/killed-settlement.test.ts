import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Address } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../src/core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../../src/core/bytes.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import type { EngineContext } from "../../src/engine/context.ts";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Lanes } from "../../src/engine/lanes.ts";
import { type PoolContext, Pools } from "../../src/engine/pools.ts";
import { Settler } from "../../src/engine/settlement/settle.ts";
import { sweepOnce } from "../../src/engine/sweep.ts";
import { randomFill } from "../../src/main/crypto.ts";
import { startTestRail, type TestRail } from "../../src/rails/rail-fixture.ts";
import { readPool } from "../../src/rails/solana/escrow/accounts.ts";
import { closeMarket, ensureMarket, marketAt, payIn } from "../../src/rails/solana/escrow/markets.ts";
import { ensurePool } from "../../src/rails/solana/escrow/pools.ts";
import type { PoolAddresses } from "../../src/rails/solana/program/instructions.ts";
import { createMint, type Mint, mintTo, signerFromSecret } from "../../src/rails/solana/tokens.ts";
import { readSponsored } from "../../src/store/settlement/sponsored.ts";
import { useTestDatabase } from "../../src/store/testing.ts";
import type { SettlerOrders } from "../crash/settler-process.ts";
import { type Attesting, attestBlindly } from "../support/attest.ts";
import { TestContributor, testContext } from "../support/engine.ts";
import { manyTasks, single, specOf } from "../support/engine-world.ts";

/**
 * A settler in a process of its own, killed between each two of its writes: everything from the cut to the refund. Another
 * one goes on. Whoever earned something has it once, and whoever ended a market has back what nobody earned: in the home
 * pool, and in that of a further token.
 */

const program = fileURLToPath(new URL("../../dist/test/crash/settler-process.js", import.meta.url));
const hourMs = 3_600_000;
const deposit = 1_000_000n;

const database = useTestDatabase();
const time = { aheadMs: 0 };
const clock = (): number => Date.now() + time.aheadMs;
const payer = Buffer.from(randomFill(32)).toString("hex");

let chain: TestRail;
let engine: Engine;
let attesting: Attesting;

const context = (): EngineContext =>
  testContext(database().pool, chain.rail, {
    clock,
    tokens: chain.tokens,
    settings: { operator: chain.operator.address },
  });
const poolOf = (mint: Mint): Promise<PoolContext> => new Pools(context()).byMint(mint.address);
const settle = async (mint: Mint): Promise<void> => await new Settler(await poolOf(mint), new Lanes(context())).once();

/** What one pool's run settles. */
interface Settled {
  readonly mint: Mint;
  readonly at: PoolAddresses;
  readonly standing: OpenMarket;
  readonly endings: readonly OpenMarket[];
}

interface OpenMarket {
  readonly owner: Bytes32;
  readonly market: MarketId;
  readonly requester: Awaited<ReturnType<TestRail["requester"]>>;
}

async function openMarket(mint: Mint, at: PoolAddresses): Promise<OpenMarket> {
  const requester = await chain.requester(0n);
  await mintTo(chain.client, chain.operator, mint, requester.address, amount(deposit));
  const owner = bytes32(fromBase58(requester.address));
  const appeal = { windowMs: hourMs, budget: amount(0n), panel: 3, cost: amount(0n) };
  const spec = { ...specOf({ ...single, appeal }), ...(mint !== chain.mint && { mint: mint.address }) };
  const made = await engine.createMarket(owner, { spec, refundTo: requester.address, standing: false });
  await ensureMarket(chain.escrow, at, { requester, id: made.market, specHash: made.specHash });
  const account = marketAt(at, requester.address, made.market);
  const paid = await payIn(chain.escrow, at, { market: account, owner: requester, amount: amount(deposit) });
  await engine.fundMarket(owner, made.market, paid);
  await engine.changeStatus(owner, made.market, "open");
  return { owner, market: made.market, requester };
}

async function openMarkets(mint: Mint): Promise<Settled> {
  const { escrow, network } = chain;
  const { at } = await ensurePool(escrow, { network: network.address, mint: mint.address as Address, number: 0 });
  const standing = await openMarket(mint, at);
  const endings = await Promise.all(Array.from({ length: steps.length + 1 }, () => openMarket(mint, at)));
  await engine.addTasks(standing.owner, standing.market, manyTasks(100));
  return { mint, at, standing, endings };
}

beforeAll(async () => {
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build`);
  const refundDelaySeconds = 6 * 3_600;
  const deadAfterSeconds = 10_000 * 3_600;
  chain = await startTestRail({ clock, delays: { refundDelaySeconds, deadAfterSeconds } });
  engine = await createEngine(context());
  attesting = attestBlindly(engine);
  await chain.supply((await signerFromSecret(Buffer.from(payer, "hex"))).address, 0n);
});
afterAll(async () => {
  await attesting.stop();
  await engine.close();
  await chain.close();
});

/** A further token, in which the network is to pay as well. */
async function addToken(): Promise<Mint> {
  const mint = await createMint(chain.client, chain.operator, 9);
  await engine.addToken(bytes32(randomFill(32)), { mint: mint.address });
  return mint;
}

/** Settles until it is killed, or to its end: what it wrote, in order. */
async function settleInProcess(
  mint: Mint,
  killAfter: number,
): Promise<{ readonly writes: string[]; readonly isKilled: boolean }> {
  const orders: SettlerOrders = {
    databaseUrl: database().url,
    rpcUrl: chain.net.rpcUrl,
    network: chain.rail.network,
    mint: chain.rail.mint,
    settles: mint.address,
    operator: chain.operator.address,
    seed: payer,
    aheadMs: time.aheadMs,
    killAfter,
  };
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], { stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`the settler ended with ${code ?? signal}`);
  return { writes: told.split("\n").filter((line) => line !== ""), isKilled: signal === "SIGKILL" };
}

/** A newcomer who earned something, and a market that ends: an epoch that has everything to do. */
async function prepare({ at, standing }: Settled, ending: OpenMarket, value: bigint): Promise<string> {
  const { owner, market, requester } = ending;
  await closeMarket(chain.escrow, at, requester, marketAt(at, requester.address, market));
  await engine.changeStatus(owner, market, "close");
  time.aheadMs += 7 * hourMs;
  await sweepOnce(context(), new Lanes(context()));
  const person = await TestContributor.signIn(engine, randomFill(32), clock);
  await person.assign(standing.market);
  await engine.payBonus(standing.owner, standing.market, person.session.key, amount(value), "");
  return toBase58(person.session.key);
}

/** What a settler writes that has everything to do, in this order. */
const steps = [
  // The market that ended on chain has ended here.
  "commit",
  // The cut, of two lanes; the cut and the shares of each are read in one snapshot, which ends like a write.
  "insert epochs",
  "commit",
  "commit",
  "commit",
  "commit",
  // The message, which attestors sign; on chain; noted, and older leaf files dropped.
  "insert commits",
  "sendTransaction",
  "update commits",
  "update commits",
  // Shares again, in a snapshot. The newcomer's token account: granted, made, noted.
  "commit",
  "commit",
  "sendTransaction",
  "update claims",
  // The claim, and the refund.
  "sendTransaction",
  "insert claims",
  "sendTransaction",
];

describe.each([
  ["the home pool", () => Promise.resolve(chain.mint)],
  ["a further token's pool", addToken],
])("settlement of %s", (_, tokenOf) => {
  it("killed between any two of its writes leaves what another one finishes, once", { timeout: 240_000 }, async () => {
    const settled = await openMarkets(await tokenOf());
    const { mint, at } = settled;
    const { rail } = await poolOf(mint);
    const before = (await readSponsored(database().pool, 0)).today;
    await settle(mint);
    const owed = new Map<string, bigint>();
    for (const [i, ending] of settled.endings.entries()) {
      const value = BigInt(100 + i);
      owed.set(await prepare(settled, ending, value), value).set(ending.requester.address, deposit);
      const { writes, isKilled } = await settleInProcess(mint, i + 1);
      expect(isKilled).toBe(i < steps.length);
      if (!isKilled) expect(writes).toEqual(steps);
      // The database may take a moment to see that it is gone, and to let go of its locks.
      const finished = async (): Promise<Map<string, bigint>> => {
        await settle(mint);
        return await rail.heldBy([...owed.keys()]);
      };
      await expect.poll(finished, { timeout: 20_000, interval: 50 }).toEqual(owed);
      expect((await readSponsored(database().pool, 0)).today).toBe(before + i + 1);
    }
    const { deposited, claimed, refunded } = await readPool(chain.escrow, at.pool, "finalized");
    expect(claimed + refunded).toBe([...owed.values()].reduce((sum, each) => sum + each, 0n));
    const left = await rail.heldBy([at.pool]);
    expect(left.get(at.pool)).toBe(deposited - claimed - refunded);
  });
});
