import { generateKeyPairSigner } from "@solana/kit";
import { getCreateAccountInstruction, getTransferSolInstruction } from "@solana-program/system";
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction,
  getMintToInstruction,
} from "@solana-program/token";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase64 } from "../../core/bytes.ts";
import { createSolanaClient } from "../solana/client.ts";
import { findMint } from "../solana/tokens.ts";
import { token2022Program } from "./accounts.ts";
import { call, post, startTestLocalnet, type TestLocalnet, wireOf } from "./fixture.ts";

let net: TestLocalnet;
let wallet: string;
let signature: string;
let wire: string;
let mint: string;
let account: string;
let slot: number;

/** A Token-2022 mint and account: the second program that wallets meet. */
beforeAll(async () => {
  net = await startTestLocalnet();
  const [payer, mintKey] = [await net.funded(), await generateKeyPairSigner()];
  const [ata] = await findAssociatedTokenPda({
    owner: payer.address,
    mint: mintKey.address,
    tokenProgram: token2022Program as never,
  });
  const program = { programAddress: token2022Program as never };
  const create = getCreateAccountInstruction({
    payer,
    newAccount: mintKey,
    lamports: await net.rpc.getMinimumBalanceForRentExemption(82n).send(),
    space: 82n,
    ...program,
  });
  const transaction = await net.sign(payer, [
    create,
    getInitializeMint2Instruction({ mint: mintKey.address, decimals: 1, mintAuthority: payer.address }, program),
    getCreateAssociatedTokenIdempotentInstruction({
      payer,
      ata,
      owner: payer.address,
      mint: mintKey.address,
      tokenProgram: token2022Program as never,
    }),
    getMintToInstruction({ mint: mintKey.address, token: ata, mintAuthority: payer, amount: 25n }, program),
  ]);
  await net.sendAndConfirm(transaction, { commitment: "finalized" });
  [wallet, mint, account] = [payer.address, mintKey.address, ata];
  const { result } = await call(net.rpcUrl, "getSignaturesForAddress", [wallet, { limit: 1 }]);
  const [newest] = result as { signature: string; slot: number }[];
  signature = newest?.signature ?? "";
  slot = newest?.slot ?? 0;
  const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
  wire = toBase64(wireOf(await net.sign(payer, [transfer])));
});
afterAll(async () => {
  await net.close();
  net.remove();
});

const ofContext = (value: unknown) => ({ context: { slot: expect.any(Number) }, value });
const amount = { amount: "25", decimals: 1, uiAmount: 2.5, uiAmountString: "2.5" };
const some = expect.any(Number);

describe("every method a client needs answers in its documented shape", () => {
  const cases: readonly [method: string, params: () => unknown[], result: () => unknown][] = [
    ["getHealth", () => [], () => "ok"],
    ["getVersion", () => [], () => ({ "solana-core": expect.any(String), "feature-set": some })],
    ["getGenesisHash", () => [], () => expect.any(String)],
    ["getSlot", () => [{ commitment: "finalized" }], () => some],
    ["getBlockHeight", () => [], () => some],
    ["getBlockTime", () => [1], () => some],
    [
      "getEpochInfo",
      () => [],
      () => ({
        absoluteSlot: some,
        blockHeight: some,
        epoch: 0,
        slotIndex: some,
        slotsInEpoch: 432_000,
        transactionCount: some,
      }),
    ],
    ["getEpochSchedule", () => [], () => expect.objectContaining({ slotsPerEpoch: 432_000, warmup: false })],
    ["getLatestBlockhash", () => [], () => ofContext({ blockhash: expect.any(String), lastValidBlockHeight: some })],
    ["isBlockhashValid", () => [mint], () => ofContext(false)],
    ["getMinimumBalanceForRentExemption", () => [165], () => 2_039_280],
    ["getBalance", () => [wallet], () => ofContext(some)],
    [
      "getAccountInfo",
      () => [wallet, { encoding: "base64" }],
      () => ofContext(expect.objectContaining({ data: ["", "base64"], executable: false, space: 0 })),
    ],
    [
      "getAccountInfo",
      () => [account, { encoding: "base64+zstd", dataSlice: { offset: 0, length: 2 } }],
      () => ofContext(expect.objectContaining({ data: [expect.stringMatching(/^KLUv/), "base64+zstd"] })),
    ],
    ["getMultipleAccounts", () => [[wallet, wallet]], () => ofContext([expect.anything(), expect.anything()])],
    [
      "getProgramAccounts",
      () => [token2022Program, { encoding: "base64", withContext: true }],
      () => ofContext([expect.anything(), expect.anything()]),
    ],
    [
      "getProgramAccounts",
      () => [token2022Program, { encoding: "base64", filters: ["tokenAccountState"] }],
      () => [expect.objectContaining({ pubkey: account })],
    ],
    ["getTokenAccountBalance", () => [account], () => ofContext(amount)],
    ["getTokenSupply", () => [mint], () => ofContext(amount)],
    ["getTokenLargestAccounts", () => [mint], () => ofContext([{ address: account, ...amount }])],
    [
      "getTokenAccountsByOwner",
      () => [wallet, { programId: token2022Program }, { encoding: "jsonParsed" }],
      () =>
        ofContext([
          {
            pubkey: account,
            account: expect.objectContaining({ data: expect.objectContaining({ program: "spl-token-2022" }) }),
          },
        ]),
    ],
    ["getFeeForMessage", () => ["AA=="], () => undefined],
    [
      "getRecentPrioritizationFees",
      () => [[wallet]],
      () => expect.arrayContaining([{ slot: some, prioritizationFee: 0 }]),
    ],
    [
      "getSupply",
      () => [],
      () => ofContext(expect.objectContaining({ nonCirculating: 0, nonCirculatingAccounts: [] })),
    ],
    [
      "getSignatureStatuses",
      () => [[signature]],
      () =>
        ofContext([
          { slot: some, confirmations: null, confirmationStatus: "finalized", err: null, status: { Ok: null } },
        ]),
    ],
    [
      "getSignaturesForAddress",
      () => [mint],
      () => [{ signature, slot: some, err: null, memo: null, blockTime: some, confirmationStatus: "finalized" }],
    ],
    [
      "getTransaction",
      () => [signature, { maxSupportedTransactionVersion: 0 }],
      () => expect.objectContaining({ slot: some, blockTime: some, version: 0 }),
    ],
    [
      "simulateTransaction",
      () => [wire, { encoding: "base64" }],
      () => ofContext(expect.objectContaining({ err: null, logs: expect.any(Array) })),
    ],
    ["sendTransaction", () => [wire, { encoding: "base64" }], () => expect.any(String)],
    ["requestAirdrop", () => [wallet, 1_000], () => expect.any(String)],
    ["getTransactionCount", () => [], () => some],
    ["getIdentity", () => [], () => ({ identity: expect.any(String) })],
    [
      "getBlock",
      () => [slot, { transactionDetails: "signatures" }],
      () => ({
        blockHeight: slot,
        blockTime: some,
        blockhash: expect.any(String),
        parentSlot: slot - 1,
        previousBlockhash: expect.any(String),
        signatures: expect.arrayContaining([signature]),
        rewards: [],
      }),
    ],
    ["getBlocks", () => [0, 1], () => [0, 1]],
    ["getBlocksWithLimit", () => [0, 2], () => [0, 1]],
    ["getBlockCommitment", () => [1], () => ({ commitment: null, totalStake: 0 })],
    [
      "getBlockProduction",
      () => [{ range: { firstSlot: 0, lastSlot: 1 } }],
      () => ofContext({ byIdentity: expect.any(Object), range: { firstSlot: 0, lastSlot: 1 } }),
    ],
    [
      "getRecentPerformanceSamples",
      () => [1],
      () => [{ slot: some, numSlots: 150, numTransactions: some, numNonVoteTransactions: some, samplePeriodSecs: 60 }],
    ],
    ["getFirstAvailableBlock", () => [], () => 0],
    ["minimumLedgerSlot", () => [], () => 0],
    ["getMaxRetransmitSlot", () => [], () => some],
    ["getMaxShredInsertSlot", () => [], () => some],
    ["getStakeMinimumDelegation", () => [], () => ofContext(1_000_000_000)],
    ["getInflationGovernor", () => [], () => ({ initial: 0, terminal: 0, taper: 0, foundation: 0, foundationTerm: 0 })],
    ["getInflationRate", () => [], () => ({ total: 0, validator: 0, foundation: 0, epoch: 0 })],
    ["getInflationReward", () => [[wallet, mint]], () => [null, null]],
    ["getLargestAccounts", () => [], () => ofContext(expect.arrayContaining([{ address: wallet, lamports: some }]))],
    ["getVoteAccounts", () => [], () => ({ current: [], delinquent: [] })],
    ["getClusterNodes", () => [], () => []],
    ["getSlotLeader", () => [], () => expect.any(String)],
    ["getSlotLeaders", () => [1, 2], () => [expect.any(String), expect.any(String)]],
    ["getLeaderSchedule", () => [null, { identity: wallet }], () => ({})],
    ["getTokenAccountsByDelegate", () => [wallet, { mint }, { encoding: "base64" }], () => ofContext([])],
  ];
  it.each(cases)("%s", async (method, params, result) => {
    const reply = await call(net.rpcUrl, method, params());
    if (result() === undefined) expect(reply.error?.code).toBe(-32602);
    else expect(reply.result).toEqual(expectContext(result()));
  });
});

/** The context also names the API's version. */
function expectContext(expected: unknown): unknown {
  if (typeof expected !== "object" || expected === null || !("context" in expected)) return expected;
  return { ...expected, context: expect.objectContaining({ slot: some }) };
}

describe("Token-2022", () => {
  it("appears in balances of transactions, and is no token for the rail yet", async () => {
    const { result } = await call(net.rpcUrl, "getTransaction", [signature, { maxSupportedTransactionVersion: 0 }]);
    expect(result).toMatchObject({
      meta: { postTokenBalances: [{ mint, owner: wallet, programId: token2022Program, uiTokenAmount: amount }] },
    });
    expect(await findMint(createSolanaClient({ rpcUrl: net.rpcUrl }), mint)).toBeNull();
  });
});

describe("whatever is asked", () => {
  it("is answered with a result or a code, and the node stays well", async () => {
    const methods = [
      "getBalance",
      "getAccountInfo",
      "getMultipleAccounts",
      "getProgramAccounts",
      "getTransaction",
    ].concat(
      ["getTokenAccountsByOwner", "getSignaturesForAddress", "sendTransaction", "simulateTransaction", "getSlot"],
      ["getSignatureStatuses", "getMinimumBalanceForRentExemption", "getFeeForMessage", "requestAirdrop", "x"],
    );
    const hint = fc.constantFrom<unknown>(
      wallet,
      mint,
      signature,
      wire,
      [wallet],
      {},
      { encoding: "base64" },
      1,
      -1,
      null,
    );
    const params = fc.array(fc.oneof(hint, fc.jsonValue({ maxDepth: 2 })), { maxLength: 3 });
    const codes = [-32601, -32602, -32002, -32003, -32015, -32016];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), params, async (method, given) => {
        const reply = await call(net.rpcUrl, method, given);
        if (reply.error !== undefined) expect(codes, JSON.stringify(reply.error)).toContain(reply.error.code);
      }),
      { numRuns: 300 },
    );
    expect((await call(net.rpcUrl, "getHealth")).result).toBe("ok");
  });

  it("is parsed or refused, however the text is broken", async () => {
    const valid = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "getBalance", params: [wallet] });
    const cut = fc.tuple(fc.nat(valid.length), fc.string({ maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(cut, async ([at, noise]) => {
        const { status, text } = await post(net.rpcUrl, valid.slice(0, at) + noise + valid.slice(at + 1));
        expect(status).toBe(200);
        if (text !== "") expect(JSON.parse(text)).toHaveProperty("jsonrpc", "2.0");
      }),
      { numRuns: 200 },
    );
  });
});
