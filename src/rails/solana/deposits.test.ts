import { generateKeyPairSigner } from "@solana/kit";
import { getMintToCheckedInstruction, getTransferCheckedInstruction } from "@solana-program/token";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MarketId, marketId } from "../../core/market-id.ts";
import { startTestRail, type TestRail, units } from "../rail-fixture.ts";
import { associatedTokenAddress } from "./addresses.ts";
import { deposit } from "./deposits.ts";
import { depositMemo, marketOfMemo, memoInstruction } from "./messages.ts";
import { sendAndFinalize } from "./submission.ts";
import { createMint, mintTo, transferTokens } from "./tokens.ts";

const market = marketId("0123456789abcdef0123456789abcdef");
const other = marketId("ffffffffffffffffffffffffffffffff");

let test: TestRail;
beforeAll(async () => {
  test = await startTestRail(1_000n);
});
afterAll(() => test.close());

const transfer = async (memo: string | undefined, amount = 50n) => {
  const from = await test.requester(100n);
  const signature = await transferTokens(test.client, {
    mint: test.mint,
    from,
    to: test.operator.address,
    amount: units(amount),
    ...(memo === undefined ? {} : { memo }),
  });
  return { from, signature };
};

describe("findDeposit", () => {
  it("finds a deposit: who, how much, for which market", async () => {
    const from = await test.requester(100n);
    const vaultOwner = test.operator.address;
    const signature = await deposit(test.client, { mint: test.mint, vaultOwner, from, market, amount: units(60n) });
    expect(await test.rail.findDeposit(signature)).toEqual({
      signature,
      market,
      from: from.address,
      amount: 60n,
      slot: expect.any(BigInt),
    });
  });

  it("tells two equal deposits at the same time apart", async () => {
    const from = await test.requester(100n);
    const vaultOwner = test.operator.address;
    const request = { mint: test.mint, vaultOwner, from, market, amount: units(5n) };
    const signatures = await Promise.all([deposit(test.client, request), deposit(test.client, request)]);
    expect(new Set(signatures).size).toBe(2);
    for (const each of signatures) expect((await test.rail.findDeposit(each))?.amount).toBe(5n);
    expect((await test.rail.heldBy([from.address])).get(from.address)).toBe(90n);
  });

  it.each([
    ["no memo", undefined],
    ["another memo", "thank you"],
    ["a prefix of the memo", "earnest:deposit:"],
    ["a market of the wrong length", "earnest:deposit:0123"],
    ["a market in capitals", depositMemo("0123456789ABCDEF0123456789ABCDEF" as MarketId)],
    ["something behind the market", `${depositMemo(market)} `],
    ["something before the memo", ` ${depositMemo(market)}`],
  ])("finds none under %s", async (_, memo) => {
    const { signature } = await transfer(memo);
    expect(await test.rail.findDeposit(signature)).toBeNull();
  });

  it("finds none where the memo names a market but the vault gains nothing", async () => {
    const from = await test.requester(100n);
    const elsewhere = (await generateKeyPairSigner()).address;
    const memo = depositMemo(market);
    const signature = await transferTokens(test.client, {
      mint: test.mint,
      from,
      to: elsewhere,
      amount: units(50n),
      memo,
    });
    expect(await test.rail.findDeposit(signature)).toBeNull();
    const only = await sendAndFinalize(test.client, from, [memoInstruction(memo)]);
    expect(await test.rail.findDeposit(only)).toBeNull();
  });

  it("finds none where money leaves the vault", async () => {
    const out = getTransferCheckedInstruction({
      source: test.rail.vault as never,
      mint: test.mint.address as never,
      destination: associatedTokenAddress((await test.requester(1n)).address, test.mint.address),
      authority: test.operator,
      amount: 1n,
      decimals: 6,
    });
    const signature = await sendAndFinalize(test.client, test.operator, [out, memoInstruction(depositMemo(market))]);
    expect(await test.rail.findDeposit(signature)).toBeNull();
  });

  it("finds none for two markets, and none of another token", async () => {
    const from = await test.requester(100n);
    const move = getTransferCheckedInstruction({
      source: associatedTokenAddress(from.address, test.mint.address),
      mint: test.mint.address as never,
      destination: test.rail.vault as never,
      authority: from,
      amount: 9n,
      decimals: 6,
    });
    const memos = [market, other].map((each) => memoInstruction(depositMemo(each)));
    expect(await test.rail.findDeposit(await sendAndFinalize(test.client, from, [move, ...memos]))).toBeNull();

    const worthless = await createMint(test.client, from, 6);
    await mintTo(test.client, from, worthless, from.address, units(1_000n));
    const signature = await transferTokens(test.client, {
      mint: worthless,
      from,
      to: test.operator.address,
      amount: units(1_000n),
      memo: depositMemo(market),
    });
    expect(await test.rail.findDeposit(signature)).toBeNull();
  });

  it("measures what the vault gained, not what an instruction says", async () => {
    const from = await test.requester(100n);
    const vault = test.rail.vault as never;
    const mine = associatedTokenAddress(from.address, test.mint.address);
    const mint = test.mint.address as never;
    const there = { source: mine, mint, destination: vault, authority: from, amount: 90n, decimals: 6 };
    const back = { source: vault, mint, destination: mine, authority: test.operator, amount: 70n, decimals: 6 };
    const signature = await sendAndFinalize(test.client, from, [
      getTransferCheckedInstruction(there),
      getTransferCheckedInstruction(back),
      memoInstruction(depositMemo(market)),
    ]);
    expect(await test.rail.findDeposit(signature)).toMatchObject({ amount: 20n, from: from.address });
  });

  it("names the fee payer where tokens are minted into the vault", async () => {
    const minted = getMintToCheckedInstruction({
      mint: test.mint.address as never,
      token: test.rail.vault as never,
      mintAuthority: test.operator,
      amount: 12n,
      decimals: 6,
    });
    const memo = memoInstruction(depositMemo(market));
    const signature = await sendAndFinalize(test.client, test.operator, [minted, memo]);
    expect(await test.rail.findDeposit(signature)).toMatchObject({ amount: 12n, from: test.operator.address });
  });

  it.each(["", "abc", "0OIl", "1".repeat(64), "1".repeat(5_000)])("finds none under %.20s", async (signature) => {
    expect(await test.rail.findDeposit(signature)).toBeNull();
  });

  it("finds none that failed", async () => {
    const from = await test.requester(1n);
    const rejected = deposit(test.client, {
      mint: test.mint,
      vaultOwner: test.operator.address,
      from,
      market,
      amount: units(2n),
    });
    await expect(rejected).rejects.toMatchObject({ code: "TRANSACTION_FAILED" });
  });
});

describe("the deposit's memo", () => {
  it("is read as it was written, and nothing else is", () => {
    expect(marketOfMemo(depositMemo(market))).toBe(market);
    expect(marketOfMemo(`earnest:deposit:${market}0`)).toBeNull();
    expect(marketOfMemo(`Earnest:deposit:${market}`)).toBeNull();
  });
});
