import type { Address } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../src/core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58, toHex } from "../../src/core/bytes.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import type { NewToken, TokenView } from "../../src/engine/types.ts";
import { signerFromSeed } from "../../src/main/crypto.ts";
import { closeMarket, ensureMarket, marketAt, payIn } from "../../src/rails/solana/escrow/markets.ts";
import { ensurePool, type OpenPool } from "../../src/rails/solana/escrow/pools.ts";
import { readToken } from "../../src/rails/solana/read-token.ts";
import { createMint } from "../../src/rails/solana/tokens.ts";
import { useTestDatabase } from "../../src/store/testing.ts";
import { type AttestedServer, type RunningAttestor, startAttestedServer } from "../support/attested-server.ts";
import { runCli } from "../support/cli.ts";
import { Dying } from "../support/dying-steps.ts";
import { TestContributor } from "../support/engine.ts";
import { manyTasks, single, specOf, workThrough } from "../support/engine-world.ts";
import { named } from "../support/market-hash.ts";

/** One network that pays in two tokens of different decimals, with real attestors: the same people work in both. */

const database = useTestDatabase();
/** One clock for chain, engine and attestors, which the test moves on. */
const time = { aheadMs: 0 };
const clock = (): number => Date.now() + time.aheadMs;
const steps = new Dying();
const wait = { timeout: 90_000, interval: 100 } as const;
const daySeconds = 86_400;
const pass = (days: number): void => {
  time.aheadMs += days * daySeconds * 1_000;
};

let network: AttestedServer;
let requester: Awaited<ReturnType<AttestedServer["chain"]["requester"]>>;
let owner: Bytes32;
const seeds = [named("first person"), named("second person")];
const wallets = seeds.map((seed) => toBase58(signerFromSeed(seed).publicKey));

beforeAll(async () => {
  network = await startAttestedServer({
    pool: database().pool,
    clock,
    changeDesk: (desk) => steps.watch(desk),
    // Seven days without a commit are enough for everybody to leave.
    delays: { refundDelaySeconds: 5 * daySeconds, deadAfterSeconds: 7 * daySeconds },
  });
  for (const place of [0, 1]) await network.attestor(place);
  requester = await network.chain.requester(2_000_000n);
  owner = bytes32(fromBase58(requester.address));
}, 60_000);
afterAll(() => network.close());

const wanted = (): NewToken => ({
  issue: {
    name: "Shelf Photos",
    symbol: "SHELF",
    decimals: 2,
    supply: amount(10_000_000n),
    uri: "",
    to: requester.address,
    authority: null,
  },
});

async function poolOf({ mint }: { readonly mint: string }): Promise<OpenPool> {
  const { escrow, network: account } = network.chain;
  return await ensurePool(escrow, { network: account.address, mint: mint as Address, number: 0 });
}

async function openMarket({ mint }: TokenView, isNamed: boolean): Promise<MarketId> {
  const { engine, chain } = network;
  const spec = { ...specOf(single), ...(isNamed && { mint }) };
  const made = await engine.createMarket(owner, { spec, refundTo: requester.address, standing: false });
  const { at } = await poolOf({ mint });
  const account = marketAt(at, requester.address, made.market);
  await ensureMarket(chain.escrow, at, { requester, id: made.market, specHash: made.specHash });
  const paid = await payIn(chain.escrow, at, { market: account, owner: requester, amount: amount(1_000_000n) });
  await engine.fundMarket(owner, made.market, paid);
  await engine.changeStatus(owner, made.market, "open");
  await engine.addTasks(owner, made.market, manyTasks(4));
  return made.market;
}

describe("a network that pays in several tokens", { timeout: 300_000 }, () => {
  let home: TokenView;
  let own: TokenView;
  const markets: MarketId[] = [];

  it("issues a token once, whatever dies between two steps", async () => {
    const { engine, chain } = network;
    home = await engine.token();
    for (const step of ["issue", "open"] as const) {
      for (const when of ["before", "after"] as const) {
        steps.dieNext(step, when);
        await expect(engine.addToken(owner, wanted()), `${when} ${step}`).rejects.toThrow("died");
      }
    }
    own = await engine.addToken(owner, wanted());
    expect(own).toMatchObject({ name: "Shelf Photos", symbol: "SHELF", decimals: 2 });
    expect(await engine.addToken(owner, wanted())).toEqual(own);
    expect((await engine.network()).tokens.map(({ mint }) => mint)).toEqual([home.mint, own.mint]);
    expect(await readToken(chain.client, own.mint)).toMatchObject({ supply: 10_000_000n, mintAuthority: null });
    expect(await engine.holdings(requester.address, own.mint)).toBe(10_000_000n);
  });

  it("refuses another one of the name, more than it pays for, and what is no mint", async () => {
    const { engine, chain } = network;
    const other = { issue: { ...(wanted() as { issue: object }).issue, decimals: 3 } } as NewToken;
    await expect(engine.addToken(owner, other)).rejects.toMatchObject({ context: { reason: "differs" } });
    await expect(engine.addToken(owner, { mint: requester.address })).rejects.toMatchObject({ code: "MINT_NOT_FOUND" });
    const { address } = await createMint(chain.client, chain.operator, 9);
    expect(await engine.addToken(owner, { mint: address })).toMatchObject({ mint: address, decimals: 9, name: null });
    const third = { issue: { ...(wanted() as { issue: object }).issue, symbol: "MORE" } } as NewToken;
    await expect(engine.addToken(owner, third)).rejects.toMatchObject({ context: { reason: "perDay" } });
    const spec = { ...specOf(single), mint: requester.address };
    const market = { spec, refundTo: requester.address, standing: false };
    await expect(engine.createMarket(owner, market)).rejects.toMatchObject({ code: "TOKEN_NOT_FOUND" });
  });

  it("settles each by itself, for the same people, and adds up nothing", async () => {
    const { engine, chain } = network;
    markets.push(await openMarket(home, false), await openMarket(own, true));
    for (const [i, seed] of seeds.entries()) {
      const person = await TestContributor.signIn(engine, seed, clock);
      // Two tasks each at home, and in the other token all that is left.
      for (const market of markets) {
        const [first] = await person.assign(market);
        await person.submit(market, (first as NonNullable<typeof first>).slot, "a");
        if (i === 1) await workThrough(person, market, () => "a");
      }
    }
    for (const { mint } of [home, own]) {
      await expect
        .poll(async () => (await Promise.all(wallets.map((each) => engine.holdings(each, mint)))).join(), wait)
        .toBe("20000,60000");
    }
    const person = await TestContributor.signIn(engine, seeds[1], clock);
    // What reached the wallets is noted in the database a moment later.
    const balances = async () =>
      (await engine.contributor(person.session)).balances.map(({ mint, released, settled }) => [
        mint,
        released,
        settled,
      ]);
    await expect.poll(balances, wait).toEqual([
      [home.mint, 60_000n, 60_000n],
      [own.mint, 60_000n, 60_000n],
    ]);
    const year = new Date(clock()).getUTCFullYear();
    expect((await engine.earnings(person.session, year)).map(({ mint, rewards }) => [mint, rewards])).toEqual([
      [home.mint, 60_000n],
      [own.mint, 60_000n],
    ]);
    for (const { mint } of [home, own]) {
      expect(await engine.totals(mint)).toMatchObject({ mint, earned: 80_000n, fee: 1_600n, settled: 80_000n });
      const { account } = await poolOf({ mint });
      expect([account.deposited, account.allocated]).toEqual([1_000_000n, 81_600n]);
    }
    const { items } = await engine.listCommits({ mint: own.mint, limit: 5 });
    expect(items.every(({ state }) => state !== "expired")).toBe(true);
    expect(toHex(bytes32(fromBase58((await poolOf(own)).at.pool)))).not.toBe(
      toHex(bytes32(fromBase58(chain.rail.pool))),
    );
  });

  it("refunds a market of one token, and leaves the other alone", async () => {
    const { engine, chain } = network;
    const [inHome, inOwn] = markets as [MarketId, MarketId];
    await engine.changeStatus(owner, inOwn, "close");
    const { at } = await poolOf(own);
    await closeMarket(chain.escrow, at, requester, marketAt(at, requester.address, inOwn));
    pass(6);
    await expect.poll(() => engine.holdings(requester.address, own.mint), wait).toBe(10_000_000n - 81_600n);
    expect([(await poolOf(own)).account.refunded, (await poolOf(home)).account.refunded]).toEqual([918_400n, 0n]);
    expect((await engine.market(inHome)).status).toBe("open");
  });

  /** As somebody who has an attestor's address and the token's, and nothing of the operator's. */
  const byAttestor = async (command: readonly string[], mint: string | null) => {
    const asked = ["--attestor", attestor.url ?? "", ...(mint === null ? [] : ["--mint", mint])];
    const keypair = network.keypairFile(seeds[1] as Uint8Array);
    const args = ["--json", "--yes", ...command, ...asked, "--keypair", keypair, "--rpc", network.chain.net.rpcUrl];
    return (await runCli(args, { nowMs: clock() })).json;
  };
  let attestor: RunningAttestor;

  it("proves and pays what is owed in either, by an attestor alone", async () => {
    attestor = await network.attestor(2);
    await expect.poll(() => byAttestor(["claim"], own.mint), wait).toMatchObject({ reason: "nothingDue", owed: "600" });
    expect(await byAttestor(["claim"], null)).toMatchObject({ reason: "nothingDue", owed: "0.06" });
    const none = await byAttestor(["claim"], requester.address);
    expect(none).toMatchObject({ ok: false, error: { code: "TOKEN_NOT_FOUND" } });
  });

  it("winds one down without the operator, pays what was held there, and leaves the other alone", async () => {
    const { engine, chain } = network;
    const { at } = await poolOf(own);
    const market = await openMarket(own, true);
    const person = await TestContributor.signIn(engine, seeds[1], clock);
    const [first] = await person.assign(market);
    await engine.setReserve(person.session, market, amount(50_000n));
    await person.submit(market, (first as NonNullable<typeof first>).slot, "a");
    await workThrough(person, market, () => "a");
    await expect.poll(async () => (await poolOf(own)).account.allocated, wait).toBe(81_600n + 81_600n);
    // Of 80,000 more, all but what is held was paid.
    const [, wallet = ""] = wallets;
    await expect.poll(() => engine.holdings(wallet, own.mint), wait).toBe(90_000n);
    await closeMarket(chain.escrow, at, requester, marketAt(at, requester.address, market));
    await network.deleteOperator();
    await chain.supply(wallet, 0n);

    expect(await byAttestor(["wind-down"], own.mint)).toMatchObject({ error: { context: { error: "NOT_DEAD_YET" } } });
    const early = await byAttestor(["refund", market], own.mint);
    expect(early).toMatchObject({ error: { context: { error: "REFUND_TOO_EARLY" } } });
    pass(8);
    await expect.poll(() => byAttestor(["wind-down"], own.mint), wait).toMatchObject({ ok: true, pool: at.pool });
    expect(await byAttestor(["claim"], own.mint)).toMatchObject({ ok: true, paid: true, owed: "1400" });
    expect(await byAttestor(["claim"], own.mint)).toMatchObject({ ok: true, paid: false, reason: "nothingDue" });
    const back = await byAttestor(["refund", market], own.mint);
    expect(back).toMatchObject({ ok: true, refunded: "9184" });
    const elsewhere = await byAttestor(["refund", market], null);
    expect(elsewhere).toMatchObject({ ok: false, error: { code: "ESCROW_ACCOUNT_NOT_FOUND" } });
    const [left, atHome] = [(await poolOf(own)).account, (await poolOf(home)).account];
    expect([left.state, atHome.state]).toEqual([1, 0]);
    // Nothing but what the operator did not claim of its fee, which stays its own.
    expect([0n, 1_600n, 3_200n]).toContain(left.deposited - left.refunded - left.claimed);
  });
});
