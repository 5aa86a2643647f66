import { type Address, generateKeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { signedBytes } from "../../../core/commit/commit-message.ts";
import { earnestError } from "../../../core/errors.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import { localnetProgram, readProgramFile } from "../program/program-file.ts";
import { readTokenAccounts } from "../token-accounts.ts";
import { listMarkets, readMarket, readNetwork, readPool } from "./accounts.ts";
import { claimedByContributors } from "./claimed.ts";
import { sendCommit } from "./commits.ts";
import { listDeposits } from "./deposits.ts";
import { openEscrow } from "./escrow.ts";
import { TestEscrow, testAttestor, testMarketId, testTerms } from "./fixture.ts";
import { closeMarket, ensureMarket, isRefundable, payIn, refundMarket } from "./markets.ts";
import { ensureNetwork } from "./networks.ts";
import { payClaims } from "./paying.ts";
import { ensurePool, windDownPool } from "./pools.ts";
import { composeCancellation, composeRotation, sendActivation, sendCancellation, sendProposal } from "./rotations.ts";
import { newestVersion } from "./transactions.ts";

let test: TestEscrow;
beforeAll(async () => {
  test = await TestEscrow.start();
});
afterAll(() => test.close());

const held = async (...accounts: Address[]): Promise<(bigint | undefined)[]> =>
  (await readTokenAccounts(test.client, accounts, "finalized")).map((each) => each?.amount);

const tokensOf = (wallet: Address): Address => tokenAddress(wallet, test.pool.at.mint, test.pool.at.tokenProgram);

describe("the escrow over JSON-RPC", () => {
  it("pays from deposit to refund, and asks for everything twice", async () => {
    const { escrow, pool } = test;
    const market = await test.market("first", 1_000n);
    const wallets = await Promise.all([test.wallet(), test.wallet(), test.wallet()]);
    for (const [i, { address }] of wallets.entries()) test.pay(address, 300n - 100n * BigInt(i), 5n);
    await test.allocate(market.address, 615n);
    const message = await test.message();
    expect(await sendCommit(escrow, pool.at, message)).toBe("committed");
    expect(await sendCommit(escrow, pool.at, message)).toBe("committed");

    const wishes = wallets.map(({ address }, index) => ({ index, wallet: address }));
    const paying = { source: test.source, wishes, creation: "always" } as const;
    expect(await payClaims(escrow, pool.at, paying)).toMatchObject({ paid: [0, 1, 2], waiting: [], failures: [] });
    expect(await payClaims(escrow, pool.at, paying)).toMatchObject({
      paid: [],
      transactions: 0,
      waiting: [{ reason: "nothingDue" }, { reason: "nothingDue" }, { reason: "nothingDue" }],
    });
    expect(await held(...wallets.map(({ address }) => tokensOf(address)))).toEqual([300n, 200n, 100n]);
    // Index 0 is the operator's.
    expect(await claimedByContributors(escrow, pool.at)).toBe(300n);

    await closeMarket(escrow, pool.at, market.requester, market.address);
    await closeMarket(escrow, pool.at, market.requester, market.address);
    await expect(refundMarket(escrow, pool.at, market.address, test.marketProof(market.address))).rejects.toMatchObject(
      {
        code: "PROGRAM_REFUSED",
        context: { error: "REFUND_TOO_EARLY" },
      },
    );
    await test.clock.pass(65_000);
    expect(await sendCommit(escrow, pool.at, await test.message())).toBe("committed");
    expect(await sendCommit(escrow, pool.at, message)).toBe("passed");
    expect(await isRefundable(escrow, pool.at, market.address)).toBe(true);
    const proof = test.marketProof(market.address);
    expect(await refundMarket(escrow, pool.at, market.address, proof)).not.toBeNull();
    expect(await refundMarket(escrow, pool.at, market.address, proof)).toBeNull();
    expect(await held(tokensOf(market.requester.address), pool.at.vault)).toEqual([385n, 15n]);
    expect(await readPool(escrow, pool.at.pool, "finalized")).toMatchObject({ deposited: 1_000n, refunded: 385n });
  });

  it("finds deposits by market and by pool, whose sum is what the program measured", async () => {
    const { escrow, pool } = test;
    const { address, requester } = await test.market("deposits", 70n);
    const [first] = await listDeposits(escrow, pool.at, address);
    expect(first).toMatchObject({ market: address, owner: requester.address, amount: 70n });
    const owner = await test.wallet(50n);
    for (const each of [20n, 30n]) await payIn(escrow, pool.at, { market: address, owner, amount: amount(each) });
    const later = await listDeposits(escrow, pool.at, address, first?.signature ?? null);
    expect(later.map((each) => each.amount)).toEqual([20n, 30n]);
    const all = await listDeposits(escrow, pool.at, pool.at.pool);
    const sum = all.filter((each) => each.market === address).reduce((total, each) => total + each.amount, 0n);
    expect(sum).toBe((await readMarket(escrow, address, "finalized")).deposited);
    expect(all.reduce((total, each) => total + each.amount, 0n)).toBe(
      (await readPool(escrow, pool.at.pool, "finalized")).deposited,
    );
    expect((await listMarkets(escrow, pool.at.pool, "finalized")).get(address)).toMatchObject({ deposited: 120n });
  });

  it("makes network, pool and market once, and refuses other terms", async () => {
    const { escrow, operator, mint, pool } = test;
    const terms = testTerms(escrow.cluster, operator.address);
    const { address } = await ensureNetwork(escrow, operator, terms);
    expect(address).toBe(pool.at.network);
    const others = ensureNetwork(escrow, operator, { ...terms, refundDelaySeconds: 61 });
    await expect(others).rejects.toMatchObject({
      code: "ESCROW_TERMS_MISMATCH",
      context: { field: "the refund delay", found: "60", expected: "61" },
    });
    const again = await ensurePool(escrow, { network: address, mint: mint.address as Address, number: 0 });
    expect(again.at).toEqual(pool.at);
    const noMint = (await generateKeyPairSigner()).address;
    await expect(ensurePool(escrow, { network: address, mint: noMint, number: 0 })).rejects.toMatchObject({
      code: "MINT_NOT_FOUND",
    });
    const requester = await test.wallet(1n);
    const opening = { requester, id: testMarketId("same"), specHash: test.source.root };
    const market = await ensureMarket(escrow, pool.at, opening);
    expect(await ensureMarket(escrow, pool.at, opening)).toBe(market);
    const other = ensureMarket(escrow, pool.at, { ...opening, specHash: testAttestor("x").key });
    await expect(other).rejects.toMatchObject({ code: "ESCROW_TERMS_MISMATCH", context: { field: "a spec" } });
  });

  it("rotates attestors, and calls a rotation off", async () => {
    const { escrow, pool, client } = test;
    const { network } = pool.at;
    const fresh = ["dan", "eve", "fay"].map(testAttestor);
    const signed = (signers: typeof fresh, message: Uint8Array) =>
      signers.map((each) => ({ key: each.address, signature: each.sign(message).signature }));
    const set = { threshold: 2, keys: fresh.map((each) => each.address) };
    const until = BigInt(Math.floor(test.clock.now() / 1000)) + 100n;
    const dropped = await composeRotation(escrow, network, set, until);
    await sendProposal(escrow, dropped, signed(test.attestors.slice(0, 2), dropped.message));
    const cancellation = await composeCancellation(escrow, network);
    await sendCancellation(escrow, network, cancellation, signed(test.attestors.slice(0, 2), cancellation));
    const rotation = await composeRotation(escrow, network, set, until);
    await sendProposal(escrow, rotation, signed(test.attestors.slice(1), rotation.message));
    const early = sendActivation(escrow, rotation, signed(fresh, rotation.message));
    await expect(early).rejects.toMatchObject({ context: { error: "ROTATION_TOO_EARLY" } });
    await client.sleep(605_000);
    await sendActivation(escrow, rotation, signed(fresh, rotation.message));
    expect(await readNetwork(escrow, network, "finalized")).toMatchObject({ setVersion: 1, current: set });

    const byOld = await test.message();
    await expect(sendCommit(escrow, pool.at, byOld)).rejects.toMatchObject({
      context: { error: "SIGNATURES_TOO_FEW" },
    });
    test.attestors = fresh;
    expect(await sendCommit(escrow, pool.at, await test.message())).toBe("committed");
  });

  it("tells two messages of one epoch apart, and one that expired", async () => {
    const { escrow, pool } = test;
    const [one, other] = [await test.message(), await test.message({ logRoot: testAttestor("log").key })];
    expect(await sendCommit(escrow, pool.at, one)).toBe("committed");
    await expect(sendCommit(escrow, pool.at, other)).rejects.toMatchObject({ code: "COMMIT_MISMATCH" });
    const late = await test.message();
    await test.clock.pass(125_000);
    await expect(sendCommit(escrow, pool.at, late)).rejects.toMatchObject({ code: "COMMIT_EXPIRED_STATE" });
    const forged = await test.message();
    const signatures = test.attestors.slice(0, 2).map((each) => each.sign(signedBytes("commit", one.digest)));
    await expect(sendCommit(escrow, pool.at, { ...forged, signatures })).rejects.toThrow();
    expect((await readPool(escrow, pool.at.pool, "finalized")).epoch).toBe(one.body.epoch);
  });

  it("winds down when nobody commits, and then pays also what is held", async () => {
    const { escrow, pool } = test;
    await expect(windDownPool(escrow, pool.at)).rejects.toMatchObject({ context: { error: "NOT_DEAD_YET" } });
    await test.clock.pass(3_700_000);
    await windDownPool(escrow, pool.at);
    await windDownPool(escrow, pool.at);
    const wishes = [0, 1, 2].map((index) => ({ index, wallet: null }));
    const { paid } = await payClaims(escrow, pool.at, { source: test.source, wishes, creation: "never" });
    expect(paid).toEqual([0, 1, 2]);
    const { allocated, claimed, state } = await readPool(escrow, pool.at.pool, "finalized");
    expect({ state, left: allocated - claimed }).toEqual({ state: 1, left: 0n });
  });
});

describe("the version of transactions", () => {
  const versionAt = (answer: () => Promise<unknown>) => {
    const client = { ...test.client, call: () => answer() as never };
    return newestVersion({ ...test.escrow, client });
  };

  it("is 1 on localnet, also for a payer who has nothing yet", async () => {
    expect(test.escrow.version).toBe(1);
    expect(await newestVersion({ ...test.escrow, payer: await generateKeyPairSigner() })).toBe(1);
  });

  it("is 0 where the node cannot read another, or the cluster does not take it", async () => {
    expect(await versionAt(() => Promise.resolve({ value: { err: "UnsupportedVersion" } }))).toBe(0);
    expect(await versionAt(() => Promise.reject(new Error("failed to deserialize")))).toBe(0);
    const gone = earnestError("CHAIN_UNAVAILABLE", { url: "x", problem: "gone" });
    await expect(versionAt(() => Promise.reject(gone))).rejects.toBe(gone);
  });
});

describe("opening the escrow", () => {
  const options = () => ({
    client: test.client,
    program: localnetProgram,
    cluster: null,
    sha256: readProgramFile().sha256,
    payer: test.operator,
  });

  it("refuses another cluster, a missing program and another version, each in a clear line", async () => {
    const program = (await generateKeyPairSigner()).address;
    const other = "11111111111111111111111111111111";
    await expect(openEscrow({ ...options(), cluster: other })).rejects.toMatchObject({
      code: "CLUSTER_MISMATCH",
      message: `The chain at ${test.client.origin} is the cluster ${test.escrow.cluster}, not ${other}.`,
    });
    await expect(openEscrow({ ...options(), program })).rejects.toMatchObject({ code: "PROGRAM_NOT_FOUND" });
    const builtin = "ComputeBudget111111111111111111111111111111" as Address;
    await expect(openEscrow({ ...options(), program: builtin })).rejects.toMatchObject({ code: "PROGRAM_NOT_FOUND" });
    await expect(openEscrow({ ...options(), sha256: "00".repeat(32) })).rejects.toMatchObject({
      code: "PROGRAM_MISMATCH",
      context: { found: readProgramFile().sha256 },
    });
  });

  it("says who has too little", async () => {
    const payer = await generateKeyPairSigner();
    const poor = { ...test.escrow, payer };
    await expect(ensureNetwork(poor, payer, testTerms(poor.cluster, payer.address))).rejects.toMatchObject({
      code: "LAMPORTS_INSUFFICIENT",
      next: `Send SOL to ${payer.address} and repeat it.`,
    });
  });
});
