import { type Address, generateKeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../core/amount.ts";
import { sendCommit } from "./escrow/commits.ts";
import { TestEscrow } from "./escrow/fixture.ts";
import { closeMarket, refundMarket } from "./escrow/markets.ts";
import { payClaims } from "./escrow/paying.ts";
import { ensurePool, token2022Program } from "./escrow/pools.ts";
import { issueToken, type TokenIssue } from "./issue-token.ts";
import { tokenAddress } from "./program/derived-addresses.ts";
import { readToken } from "./read-token.ts";
import { readTokenAccounts } from "./token-accounts.ts";
import { senderOf, transferTokens } from "./tokens.ts";

let test: TestEscrow;
beforeAll(async () => {
  test = await TestEscrow.start();
});
afterAll(() => test.close());

const names = { name: "Shelf Photos", symbol: "SHELF", uri: "https://example.com/shelf.json" };
const issue = (change: Partial<TokenIssue> = {}) => {
  const { client, operator } = test;
  const plain = { decimals: 6, supply: amount(1_000_000n), names: null, authority: operator.address };
  return issueToken(senderOf(client, operator), { ...plain, ...change });
};

const heldBy = async (accounts: readonly Address[]) =>
  (await readTokenAccounts(test.client, accounts, "finalized")).map((each) => each?.amount ?? null);

describe("issuing a token", () => {
  it("makes a classic mint with its supply", async () => {
    const { mint, account } = await issue();
    expect(await readToken(test.client, mint)).toEqual({
      mint,
      tokenProgram: "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
      decimals: 6,
      supply: 1_000_000n,
      mintAuthority: test.operator.address,
      freezeAuthority: null,
      extensions: [],
      metadata: null,
      refusal: null,
    });
    expect(await heldBy([account])).toEqual([1_000_000n]);
  });

  it("keeps names in a Token-2022 mint, which every wallet reads", async () => {
    const { mint } = await issue({ names });
    expect(await readToken(test.client, mint)).toMatchObject({
      tokenProgram: token2022Program,
      extensions: ["metadataPointer", "tokenMetadata"],
      metadata: { ...names, mint, updateAuthority: test.operator.address, additional: [] },
      refusal: null,
    });
    const { value } = await test.net.rpc.getAccountInfo(mint, { encoding: "jsonParsed" }).send();
    expect(value?.data).toMatchObject({ program: "spl-token-2022", parsed: { type: "mint" } });
  });

  it.each([
    ["a classic mint", null],
    ["a Token-2022 mint", names],
  ])("gives the minting of %s away, or up for ever", async (_, given) => {
    const other = (await generateKeyPairSigner()).address;
    for (const authority of [other, null]) {
      const { mint } = await issue({ names: given, authority, supply: amount(0n) });
      const token = await readToken(test.client, mint);
      expect(token).toMatchObject({ mintAuthority: authority, freezeAuthority: null, supply: 0n });
      if (given !== null) expect(token.metadata?.updateAuthority).toBe(authority);
    }
  });

  it("takes the longest names that are allowed", async () => {
    const longest = { name: "n".repeat(32), symbol: "s".repeat(10), uri: `https://${"u".repeat(192)}` };
    const { mint } = await issue({ names: longest, authority: null });
    expect((await readToken(test.client, mint)).metadata).toMatchObject(longest);
  });

  it("is refused in a sentence where there is no SOL", async () => {
    const payer = await generateKeyPairSigner();
    const poor = issueToken(senderOf(test.client, payer), {
      decimals: 0,
      supply: amount(1n),
      names,
      authority: payer.address,
    });
    await expect(poor).rejects.toMatchObject({ code: "LAMPORTS_INSUFFICIENT", context: { payer: payer.address } });
  });
});

describe("a pool of an issued token", () => {
  it.each([
    ["classic", null],
    ["Token-2022 with names", names],
  ])("of %s: deposit, commit, claim, spend and refund", async (_, given) => {
    const { escrow, client, operator } = test;
    const { mint, tokenProgram } = await issue({ names: given });
    const { network } = test.pool.at;
    const inPool = test.inPool(await ensurePool(escrow, { network, mint, number: 0 }));
    const { at } = inPool.pool;
    expect(at.tokenProgram).toBe(tokenProgram);
    const market = await inPool.marketOf("market", operator, 500n);
    const [ann, bob] = await Promise.all([generateKeyPairSigner(), generateKeyPairSigner()]);
    for (const { address } of [ann, bob]) inPool.pay(address, 40n);
    await inPool.allocate(market, 80n);
    await sendCommit(escrow, at, await inPool.message());
    const wishes = [ann, bob].map(({ address }, index) => ({ index, wallet: address }));
    const paid = await payClaims(escrow, at, { source: inPool.source, wishes, creation: "always", version: 1 });
    expect(paid).toMatchObject({ waiting: [], failures: [] });
    const asMint = { address: mint, decimals: 6, tokenProgram };
    await transferTokens(client, { mint: asMint, from: ann, to: bob.address, amount: amount(15n), payer: operator });
    const accountOf = (wallet: Address): Address => tokenAddress(wallet, mint, tokenProgram);
    expect(await heldBy([ann.address, bob.address].map(accountOf))).toEqual([25n, 55n]);
    await closeMarket(escrow, at, operator, market);
    await test.clock.pass(61_000);
    await sendCommit(escrow, at, await inPool.message());
    await refundMarket(escrow, at, market, inPool.marketProof(market));
    expect(await heldBy([accountOf(operator.address), at.vault])).toEqual([1_000_000n - 80n, 0n]);
  });
});
