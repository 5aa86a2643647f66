import { type Address, generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { getCreateAccountInstruction } from "@solana-program/system";
import {
  getCloseAccountInstruction,
  getFreezeAccountInstruction,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import { transferTokens } from "../tokens.ts";
import { readAccounts, readPool } from "./accounts.ts";
import { sendCommit } from "./commits.ts";
import { TestEscrow } from "./fixture.ts";
import { type AccountCreation, payClaims } from "./paying.ts";
import { createTokenAccount, ensurePool, token2022Program } from "./pools.ts";
import { sendPlan } from "./sending.ts";
import type { Sponsorship } from "./sponsorship.ts";

let test: TestEscrow;
beforeEach(async () => {
  test = await TestEscrow.start();
});
afterEach(() => test.close());

/** A mint of either token program whose operator may freeze or not. */
async function mintOf(programAddress: Address, freezeAuthority?: Address): Promise<KeyPairSigner> {
  const { escrow, operator: payer, client } = test;
  const mint = await generateKeyPairSigner();
  const space = BigInt(getMintSize());
  const lamports = await client.call((rpc) => rpc.getMinimumBalanceForRentExemption(space));
  const terms = { mint: mint.address, decimals: 6, mintAuthority: payer.address };
  await sendPlan(escrow, {
    instructions: [
      getCreateAccountInstruction({ payer, newAccount: mint, lamports, space, programAddress }),
      getInitializeMint2Instruction(freezeAuthority === undefined ? terms : { ...terms, freezeAuthority }, {
        programAddress,
      }),
    ],
  });
  return mint;
}

/** The test's network with a pool of this mint, and its requester's tokens at the operator's. */
async function poolOf(mint: Address, tokenProgram: Address): Promise<TestEscrow> {
  const { escrow, operator, pool } = test;
  const { network } = pool.at;
  const opened = await ensurePool(escrow, { network, mint, number: 0, allowsFreezing: true });
  expect(opened.at.tokenProgram).toBe(tokenProgram);
  const own = tokenAddress(operator.address, mint, tokenProgram);
  await sendPlan(escrow, {
    instructions: [
      createTokenAccount(operator.address, own, operator.address, opened.at),
      getMintToInstruction(
        { mint, token: own, mintAuthority: operator, amount: 1_000n },
        { programAddress: tokenProgram },
      ),
    ],
  });
  return test.inPool(opened);
}

describe.each([
  ["the classic token program", TOKEN_PROGRAM_ADDRESS],
  ["Token-2022", token2022Program],
])("a pool of %s", (_, tokenProgram) => {
  it("takes deposits and pays into accounts of its program", async () => {
    const mint = await mintOf(tokenProgram);
    const inPool = await poolOf(mint.address, tokenProgram);
    const { escrow, pool, operator } = inPool;
    const market = await inPool.marketOf("market", operator, 500n);
    const wallets = await Promise.all(Array.from({ length: 9 }, () => generateKeyPairSigner()));
    for (const { address } of wallets) inPool.pay(address, 20n);
    await inPool.allocate(market, 180n);
    await sendCommit(escrow, pool.at, await inPool.message());
    const wishes = wallets.map(({ address }, index) => ({ index, wallet: address }));
    const outcome = await payClaims(escrow, pool.at, { source: inPool.source, wishes, creation: "always" });
    expect(outcome).toMatchObject({ waiting: [], failures: [] });
    expect(outcome.paid).toHaveLength(9);
    expect(await readPool(escrow, pool.at.pool, "finalized")).toMatchObject({ deposited: 500n, claimed: 180n });
  });
});

describe("a mint whose issuer can freeze", () => {
  it("is refused unless the operator allows it, and a frozen contributor holds up nobody", async () => {
    const { escrow, operator } = test;
    const mint = await mintOf(TOKEN_PROGRAM_ADDRESS, operator.address);
    const { network } = test.pool.at;
    await expect(ensurePool(escrow, { network, mint: mint.address, number: 0 })).rejects.toMatchObject({
      code: "MINT_REFUSED",
      context: { mint: mint.address },
    });
    const inPool = await poolOf(mint.address, TOKEN_PROGRAM_ADDRESS);
    const { at, canFreeze } = inPool.pool;
    expect([canFreeze, test.pool.canFreeze]).toEqual([true, false]);
    const market = await inPool.marketOf("market", operator, 500n);
    const [ann, bob] = await Promise.all([generateKeyPairSigner(), generateKeyPairSigner()]);
    for (const { address } of [ann, bob]) inPool.pay(address, 20n);
    await inPool.allocate(market, 40n);
    await sendCommit(escrow, at, await inPool.message());
    const account = tokenAddress(ann.address, at.mint, at.tokenProgram);
    const freeze = getFreezeAccountInstruction({ account, mint: at.mint, owner: operator });
    const make = createTokenAccount(operator.address, account, ann.address, at);
    await sendPlan(escrow, { instructions: [make, freeze] });
    const wishes = [ann, bob].map(({ address }, index) => ({ index, wallet: address }));
    const outcome = await payClaims(escrow, at, { source: inPool.source, wishes, creation: "always" });
    expect(outcome).toMatchObject({ paid: [1], waiting: [{ index: 0, reason: "unusableAccount" }], failures: [] });
  });
});

describe("sponsored token accounts", () => {
  it("are made after a crash that came between grant and account, and never again once closed", async () => {
    const { escrow, pool, client, operator, mint } = test;
    const { address: market } = await test.market("market", 1_000n);
    const farmer = await generateKeyPairSigner();
    const { index } = test.pay(farmer.address, 30n);
    await test.allocate(market, 30n);
    await sendCommit(escrow, pool.at, await test.message());
    const states = new Map<number, Sponsorship>();
    const granted: number[] = [];
    const creation: AccountCreation = {
      policy: { dueMin: amount(1n), perDayMax: 1, lamportsMax: 10_000_000n },
      ledger: { stateOf: (each) => states.get(each) ?? "none", today: 0, lamports: 0n },
      storeGranted: (indexes) => {
        granted.push(...indexes);
        for (const each of indexes) states.set(each, "granted");
        return granted.length === 1 ? Promise.reject(new Error("the process died")) : Promise.resolve();
      },
      storeMade: (indexes) => {
        for (const each of indexes) states.set(each, "made");
        return Promise.resolve();
      },
    };
    const wishes = [{ index, wallet: farmer.address }];
    const pay = () => payClaims(escrow, pool.at, { source: test.source, wishes, creation });
    await expect(pay()).rejects.toThrow("the process died");
    expect(await pay()).toMatchObject({ paid: [index], waiting: [] });
    expect({ granted, states: [...states] }).toEqual({ granted: [index], states: [[index, "made"]] });

    const account = tokenAddress(farmer.address, pool.at.mint, pool.at.tokenProgram);
    await transferTokens(client, { mint, from: farmer, to: operator.address, amount: amount(30n), payer: operator });
    const close = getCloseAccountInstruction({ account, destination: farmer.address, owner: farmer });
    await sendPlan(escrow, { instructions: [close] });
    expect((await readAccounts(client, [account], "finalized")).accounts).toEqual([null]);
    test.payouts[index] = { ...(test.payouts[index] as (typeof test.payouts)[0]), cumulative: amount(50n) };
    await test.allocate(market, 50n);
    await sendCommit(escrow, pool.at, await test.message());
    expect(await pay()).toMatchObject({ paid: [], waiting: [{ index, reason: "sponsoredBefore" }] });
    expect(granted).toEqual([index]);
  });
});
