import {
  type Address,
  appendTransactionMessageInstructions,
  assertIsTransactionWithBlockhashLifetime,
  createTransactionMessage,
  estimateResourceLimitsFactory,
  generateKeyPairSigner,
  getBase64Decoder,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  pipe,
  type Signature,
  setTransactionMessageConfig,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type TransactionMessageBytesBase64,
} from "@solana/kit";
import { getCreateAccountInstruction, getTransferSolInstruction } from "@solana-program/system";
import {
  findAssociatedTokenPda,
  getApproveInstruction,
  getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromBase58 } from "../../core/bytes.ts";
import { startTestLocalnet, type TestLocalnet } from "./fixture.ts";

let net: TestLocalnet;
let skipped = 0;
const now = (): number => Date.now() + skipped;
beforeAll(async () => {
  net = await startTestLocalnet({ clock: now });
});
afterAll(async () => {
  await net.close();
  net.remove();
});

async function mintWith(decimals: number, amount: bigint) {
  const [payer, mint] = [await net.funded(), await generateKeyPairSigner()];
  const space = BigInt(getMintSize());
  const rent = await net.rpc.getMinimumBalanceForRentExemption(space).send();
  const token = await tokenAccount(payer.address, mint.address);
  const instructions = [
    getCreateAccountInstruction({
      payer,
      newAccount: mint,
      lamports: rent,
      space,
      programAddress: TOKEN_PROGRAM_ADDRESS,
    }),
    getInitializeMint2Instruction({ mint: mint.address, decimals, mintAuthority: payer.address }),
    getCreateAssociatedTokenIdempotentInstruction({ payer, ata: token, owner: payer.address, mint: mint.address }),
    getMintToInstruction({ mint: mint.address, token, mintAuthority: payer, amount }),
  ];
  const transaction = await net.sign(payer, instructions);
  await net.sendAndConfirm(transaction, { commitment: "finalized" });
  return { payer, mint: mint.address, token, transaction };
}

const tokenAccount = async (owner: Parameters<typeof findAssociatedTokenPda>[0]["owner"], mint: typeof owner) =>
  (await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];

describe("an unmodified kit client", () => {
  it("is funded, and confirms by websocket", async () => {
    const [a, b] = [await net.funded(2n), await generateKeyPairSigner()];
    const transfer = getTransferSolInstruction({ source: a, destination: b.address, amount: 1_000_000_000n });
    await net.sendAndConfirm(await net.sign(a, [transfer]), { commitment: "finalized" });
    expect((await net.rpc.getBalance(b.address).send()).value).toBe(1_000_000_000n);
    expect((await net.rpc.getBalance(a.address).send()).value).toBe(999_995_000n);
  });

  it("makes a mint, mints beyond 2^53 and transfers", async () => {
    const amount = 2n ** 64n - 1n;
    const { payer, mint, token } = await mintWith(6, amount);
    const owner = await generateKeyPairSigner();
    const destination = await tokenAccount(owner.address, mint);
    const instructions = [
      getCreateAssociatedTokenIdempotentInstruction({ payer, ata: destination, owner: owner.address, mint }),
      getTransferCheckedInstruction({ source: token, mint, destination, authority: payer, amount: 7n, decimals: 6 }),
    ];
    await net.sendAndConfirm(await net.sign(payer, instructions), { commitment: "confirmed" });
    const { value } = await net.rpc.getTokenAccountBalance(token).send();
    expect(value).toMatchObject({
      amount: (amount - 7n).toString(),
      decimals: 6,
      uiAmountString: "18446744073709.551608",
    });
    expect((await net.rpc.getTokenSupply(mint).send()).value.amount).toBe(amount.toString());
  });

  it("reads its transaction back in every encoding", async () => {
    const { payer, mint, token, transaction } = await mintWith(2, 12_345n);
    const signature = getSignatureFromTransaction(transaction);
    const config = { commitment: "finalized", maxSupportedTransactionVersion: 0 } as const;
    const parsed = await net.rpc.getTransaction(signature, { ...config, encoding: "jsonParsed" }).send();
    expect(parsed?.meta?.err).toBeNull();
    expect(parsed?.meta?.fee).toBe(10_000n);
    expect(parsed?.version).toBe(0);
    expect(parsed?.transaction.message.instructions).toMatchObject([
      { program: "system", parsed: { type: "createAccount", info: { newAccount: mint, space: 82n } } },
      {
        program: "spl-token",
        parsed: { type: "initializeMint2", info: { mint, mintAuthority: payer.address } },
      },
      { program: "spl-associated-token-account", parsed: { type: "createIdempotent", info: { account: token } } },
      { program: "spl-token", parsed: { type: "mintTo", info: { mint, account: token, amount: "12345" } } },
    ]);
    expect(parsed?.meta?.innerInstructions).toMatchObject([
      { index: 2, instructions: [{ program: "spl-token" }, { program: "system" }, { program: "spl-token" }, {}] },
    ]);
    expect(parsed?.transaction.message.accountKeys[0]).toMatchObject({
      pubkey: payer.address,
      signer: true,
      writable: true,
      source: "transaction",
    });

    const plain = await net.rpc.getTransaction(signature, { ...config, encoding: "json" }).send();
    expect(plain?.transaction.signatures[0]).toBe(signature);
    expect(plain?.meta?.preTokenBalances).toEqual([]);
    expect(plain?.meta?.postTokenBalances).toMatchObject([
      { mint, owner: payer.address, uiTokenAmount: { amount: "12345", decimals: 2, uiAmountString: "123.45" } },
    ]);
    const index = plain?.transaction.message.accountKeys.indexOf(token);
    expect(plain?.meta?.postTokenBalances?.[0]?.accountIndex).toBe(index);
    const paid = (plain?.meta?.preBalances[0] ?? 0n) - (plain?.meta?.postBalances[0] ?? 0n);
    const rent = plain?.meta?.postBalances.reduce(
      (sum, each, i) => sum + each - (plain.meta?.preBalances[i] ?? 0n),
      0n,
    );
    expect(rent).toBe(-10_000n);
    expect(paid).toBeGreaterThan(10_000n);

    const wire = await net.rpc.getTransaction(signature, { ...config, encoding: "base64" }).send();
    expect(wire?.transaction[0]).toBe(getBase64EncodedWireTransaction(transaction));
    const unsupported = net.rpc.getTransaction(signature, { encoding: "json" }).send();
    await expect(unsupported).rejects.toThrow("maxSupportedTransactionVersion");
    const unknown = "1111111111111111111111111111111111111111111111111111111111111111" as Signature;
    expect(await net.rpc.getTransaction(unknown, { ...config, encoding: "json" }).send()).toBeNull();
  });

  it("lists the transactions of an address, newest first, in pages", async () => {
    const payer = await net.funded();
    for (let n = 1n; n <= 5n; n++) {
      const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: n });
      await net.sendAndConfirm(await net.sign(payer, [transfer]), { commitment: "confirmed" });
    }
    const all = await net.rpc.getSignaturesForAddress(payer.address).send();
    expect(all).toHaveLength(6);
    expect(all.map((each) => each.slot)).toEqual(all.map((each) => each.slot).toSorted((a, b) => Number(b - a)));
    expect(all[5]?.memo).toMatch(/^\[\d+\] airdrop/);
    const [before, until] = [all[1]?.signature as Signature, all[4]?.signature as Signature];
    const page = await net.rpc.getSignaturesForAddress(payer.address, { before, until, limit: 10 }).send();
    expect(page).toEqual(all.slice(2, 4));
    expect(await net.rpc.getSignaturesForAddress(payer.address, { limit: 2 }).send()).toEqual(all.slice(0, 2));
  });

  it("shows token accounts and mints parsed", async () => {
    const { payer, mint, token } = await mintWith(9, 5n);
    const { value: account } = await net.rpc.getAccountInfo(token, { encoding: "jsonParsed" }).send();
    expect(account?.data).toMatchObject({
      program: "spl-token",
      parsed: {
        type: "account",
        info: { mint, owner: payer.address, state: "initialized", isNative: false, tokenAmount: { amount: "5" } },
      },
    });
    const { value: parsedMint } = await net.rpc.getAccountInfo(mint, { encoding: "jsonParsed" }).send();
    expect(parsedMint?.data).toMatchObject({
      parsed: { type: "mint", info: { decimals: 9, supply: "5", mintAuthority: payer.address, freezeAuthority: null } },
    });
    for (const filter of [{ mint }, { programId: TOKEN_PROGRAM_ADDRESS }]) {
      const { value } = await net.rpc.getTokenAccountsByOwner(payer.address, filter, { encoding: "jsonParsed" }).send();
      expect(value.map((each) => each.pubkey)).toEqual([token]);
      expect(value[0]?.account.data.parsed.info.tokenAmount.amount).toBe("5");
    }
    const { value: largest } = await net.rpc.getTokenLargestAccounts(mint).send();
    expect(largest).toMatchObject([{ address: token, amount: "5" }]);
    const held = await net.rpc
      .getProgramAccounts(TOKEN_PROGRAM_ADDRESS, {
        encoding: "base64",
        filters: [{ dataSize: 165n }, { memcmp: { offset: 0n, bytes: mint, encoding: "base58" } }],
      })
      .send();
    expect(held.map((each) => each.pubkey)).toEqual([token]);
  });

  it("reads accounts in bytes, sliced and missing", async () => {
    const { mint, token } = await mintWith(3, 7n);
    const absent = (await generateKeyPairSigner()).address;
    const config = { encoding: "base64", dataSlice: { offset: 64, length: 8 } } as const;
    const { value } = await net.rpc.getMultipleAccounts([token, absent, mint], config).send();
    expect(Buffer.from(value[0]?.data[0] ?? "", "base64").readBigUInt64LE()).toBe(7n);
    expect(value[0]?.space).toBe(165n);
    expect(value[1]).toBeNull();
    expect((await net.rpc.getAccountInfo(mint, { encoding: "base58" }).send()).value?.data[1]).toBe("base58");
    const tooLong = net.rpc.getAccountInfo(token, { encoding: "base58" }).send();
    await expect(tooLong).rejects.toThrow("128 bytes");
    const program = await net.rpc.getAccountInfo(TOKEN_PROGRAM_ADDRESS, { encoding: "base64" }).send();
    expect(program.value?.executable).toBe(true);
  });

  it("asks the node about itself", async () => {
    const { rpc } = net;
    const epoch = await rpc.getEpochInfo().send();
    expect(epoch.absoluteSlot).toBe(epoch.blockHeight);
    expect(await rpc.getHealth().send()).toBe("ok");
    expect((await rpc.getVersion().send())["solana-core"]).toMatch(/^\d+\.\d+\.\d+$/);
    expect(fromBase58(await rpc.getGenesisHash().send())).toHaveLength(32);
    expect(await rpc.getMinimumBalanceForRentExemption(165n).send()).toBe(2_039_280n);
    expect((await rpc.getRecentPrioritizationFees().send()).at(-1)?.prioritizationFee).toBe(0n);
    expect((await rpc.getSupply().send()).value.total).toBeLessThanOrEqual(500_000_000_000_000_000n);
    expect(await rpc.getTransactionCount().send()).toBeGreaterThan(0n);
    const { value: latest } = await rpc.getLatestBlockhash().send();
    expect((await rpc.isBlockhashValid(latest.blockhash).send()).value).toBe(true);
    const height = await rpc.getBlockHeight().send();
    expect(latest.lastValidBlockHeight - height).toBeGreaterThanOrEqual(148n);
  });

  it("is charged the fee that was foretold: signatures, precompiles, priority", async () => {
    const payer = await net.funded();
    const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
    const budget = "ComputeBudget111111111111111111111111111111" as Address;
    const limit = { programAddress: budget, data: new Uint8Array([2, 0xe8, 3, 0, 0]) };
    const price = { programAddress: budget, data: new Uint8Array([3, 0x40, 0x42, 0x0f, 0, 0, 0, 0, 0]) };
    for (const [instructions, fee] of [
      [[transfer], 5_000n],
      [[limit, price, transfer], 6_000n],
      [[price, transfer], 11_000n],
    ] as const) {
      const transaction = await net.sign(payer, instructions);
      const message = getBase64Decoder().decode(transaction.messageBytes) as TransactionMessageBytesBase64;
      expect((await net.rpc.getFeeForMessage(message).send()).value).toBe(fee);
      const before = (await net.rpc.getBalance(payer.address).send()).value;
      await net.sendAndConfirm(transaction, { commitment: "confirmed" });
      expect(before - (await net.rpc.getBalance(payer.address).send()).value).toBe(fee);
    }
  });

  it("sends legacy transactions", async () => {
    const payer = await net.funded();
    const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
    const transaction = await net.sign(payer, [transfer], "legacy");
    await net.sendAndConfirm(transaction, { commitment: "finalized" });
    const shown = await net.rpc.getTransaction(getSignatureFromTransaction(transaction), { encoding: "json" }).send();
    expect(shown?.meta?.err).toBeNull();
  });

  it("is told when its transaction can no longer be taken", async () => {
    const payer = await net.funded();
    const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
    const transaction = await net.sign(payer, [transfer]);
    skipped += 200 * 400;
    await expect(net.sendAndConfirm(transaction, { commitment: "confirmed" })).rejects.toThrow();
  });
});

describe("what wallets ask before and after they send", () => {
  it("a simulation says what a transaction would do, to the lamport", async () => {
    const { payer, mint, token } = await mintWith(2, 500n);
    const to = (await generateKeyPairSigner()).address;
    const destination = await tokenAccount(to, mint);
    const transaction = await net.sign(payer, [
      getCreateAssociatedTokenIdempotentInstruction({ payer, ata: destination, owner: to, mint }),
      getTransferCheckedInstruction({ source: token, mint, destination, authority: payer, amount: 120n, decimals: 2 }),
    ]);
    const wire = getBase64EncodedWireTransaction(transaction);
    const { value: tried } = await net.rpc
      .simulateTransaction(wire, { encoding: "base64", innerInstructions: true, sigVerify: true })
      .send();
    await net.sendAndConfirm(transaction, { commitment: "finalized" });
    const done = await net.rpc
      .getTransaction(getSignatureFromTransaction(transaction), {
        encoding: "jsonParsed",
        maxSupportedTransactionVersion: 0,
      })
      .send();
    const { meta } = done as NonNullable<typeof done>;
    for (const field of ["fee", "preBalances", "postBalances", "preTokenBalances", "postTokenBalances"] as const) {
      expect(tried[field], field).toEqual(meta?.[field]);
    }
    expect(tried).toMatchObject({ err: null, unitsConsumed: meta?.computeUnitsConsumed, replacementBlockhash: null });
    expect(tried.innerInstructions).toEqual(meta?.innerInstructions);
    expect(tried.loadedAccountsDataSize).toBeGreaterThan(165);
  });

  it("a simulation that cannot run has nothing to show", async () => {
    const payer = await generateKeyPairSigner();
    const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
    const wire = getBase64EncodedWireTransaction(await net.sign(payer, [transfer]));
    skipped += 70_000;
    const { value } = await net.rpc.simulateTransaction(wire, { encoding: "base64" }).send();
    expect(value).toMatchObject({ err: "BlockhashNotFound", logs: null, preBalances: null, fee: null });
  });

  it("kit estimates the limits of a version 1 transaction, which then fits into them", async () => {
    const { payer, mint, token } = await mintWith(2, 500n);
    const to = (await generateKeyPairSigner()).address;
    const destination = await tokenAccount(to, mint);
    const { value: latest } = await net.rpc.getLatestBlockhash().send();
    const message = pipe(
      createTransactionMessage({ version: 1 }),
      (m) => setTransactionMessageFeePayerSigner(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(latest, m),
      (m) =>
        appendTransactionMessageInstructions(
          [
            getCreateAssociatedTokenIdempotentInstruction({ payer, ata: destination, owner: to, mint }),
            getTransferCheckedInstruction({
              source: token,
              mint,
              destination,
              authority: payer,
              amount: 7n,
              decimals: 2,
            }),
          ],
          m,
        ),
    );
    const limits = await estimateResourceLimitsFactory({ rpc: net.rpc })(message);
    const limited = setTransactionMessageConfig(limits, message);
    const transaction = await signTransactionMessageWithSigners(limited);
    assertIsTransactionWithBlockhashLifetime(transaction);
    await net.sendAndConfirm(transaction, { commitment: "finalized" });
    const { value } = await net.rpc.getTokenAccountBalance(destination).send();
    expect(value.uiAmountString).toBe("0.07");
  });

  it("a block holds its transactions, in each detail that can be asked for", async () => {
    const { payer, transaction } = await mintWith(0, 1n);
    const signature = getSignatureFromTransaction(transaction);
    const { value } = await net.rpc.getSignatureStatuses([signature]).send();
    const slot = value[0]?.slot ?? 0n;
    const ask = { maxSupportedTransactionVersion: 1, rewards: false } as const;
    const full = await net.rpc.getBlock(slot, { ...ask, encoding: "jsonParsed" }).send();
    const mine = full?.transactions.find((each) => each.transaction.signatures.includes(signature));
    expect(mine?.transaction.message.accountKeys[0]).toMatchObject({ pubkey: payer.address, signer: true });
    const accounts = await net.rpc.getBlock(slot, { ...ask, transactionDetails: "accounts" }).send();
    expect(accounts?.transactions).toHaveLength(full?.transactions.length ?? 0);
    expect(accounts?.transactions.at(-1)).toMatchObject({ meta: { err: null }, transaction: { accountKeys: {} } });
    const before = await net.rpc.getBlock(slot - 1n, { ...ask, transactionDetails: "signatures" }).send();
    expect(before?.blockhash).toBe(full?.previousBlockhash);
    skipped += 1_000_000;
    expect(await net.rpc.getBlock(slot, { ...ask, transactionDetails: "none" }).send()).toMatchObject({
      blockHeight: slot,
    });
    await expect(net.rpc.getBlock(10_000_000n, { ...ask, transactionDetails: "none" }).send()).rejects.toThrow();
  });

  it("what others paid for the same accounts lately", async () => {
    const [payer, { address: to }] = await Promise.all([net.funded(), generateKeyPairSigner()]);
    const transfer = getTransferSolInstruction({ source: payer, destination: to, amount: 1_000_000n });
    const data = new Uint8Array(9);
    data[0] = 3;
    new DataView(data.buffer).setBigUint64(1, 4_321n, true);
    const price = { programAddress: "ComputeBudget111111111111111111111111111111" as Address, data };
    await net.sendAndConfirm(await net.sign(payer, [price, transfer]), { commitment: "finalized" });
    const paid = async (...addresses: Address[]) =>
      (await net.rpc.getRecentPrioritizationFees(addresses).send()).map((each) => each.prioritizationFee);
    expect(await paid(to)).toContain(4_321n);
    expect(new Set(await paid((await generateKeyPairSigner()).address))).toEqual(new Set([0n]));
    const [sample] = await net.rpc.getRecentPerformanceSamples(1).send();
    expect(sample?.numTransactions).toBeGreaterThan(0n);
  });

  it("whom an account was entrusted to", async () => {
    const { payer, mint, token } = await mintWith(2, 500n);
    const delegate = (await generateKeyPairSigner()).address;
    const approve = getApproveInstruction({ source: token, delegate, owner: payer, amount: 30n });
    await net.sendAndConfirm(await net.sign(payer, [approve]), { commitment: "finalized" });
    const { value } = await net.rpc.getTokenAccountsByDelegate(delegate, { mint }, { encoding: "jsonParsed" }).send();
    expect(value).toMatchObject([
      {
        pubkey: token,
        account: { data: { parsed: { info: { delegate, delegatedAmount: { uiAmountString: "0.3" } } } } },
      },
    ]);
  });
});
