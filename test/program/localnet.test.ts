import { createHash } from "node:crypto";
import {
  type Address,
  appendTransactionMessageInstructions,
  createTransactionMessage,
  generateKeyPairSigner,
  getSignatureFromTransaction,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { getCreateAccountInstruction } from "@solana-program/system";
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "#src/core/amount";
import { bytes32, fromBase58 } from "#src/core/bytes";
import { decode } from "#src/core/codec";
import { commitDigest, signedBytes } from "#src/core/commit/commit-message";
import { startTestLocalnet, type TestLocalnet } from "#src/rails/localnet/fixture";
import { marketAddress, networkAddress } from "#src/rails/solana/program/derived-addresses";
import {
  claim,
  claimMany,
  commit,
  createNetwork,
  deposit,
  openMarket,
  openPage,
  openPool,
  type PoolAddresses,
  poolAddresses,
} from "#src/rails/solana/program/instructions";
import { keyOf, sha256 } from "#src/rails/solana/program/keys";
import { poolCodec } from "#src/rails/solana/program/layouts";
import { localnetProgram } from "#src/rails/solana/program/program-file";
import { signaturesInstruction } from "#src/rails/solana/program/signatures-instruction";
import { marketHash, payoutHash, Tree } from "./trees.ts";
import { attestorKey, testHash } from "./values.ts";

/** Nothing of the rail: kit as it is, over JSON-RPC and WebSocket, with this repository's instructions. */
let net: TestLocalnet;
let payer: KeyPairSigner;
let at: PoolAddresses;
let market: Address;
let source: Address;
const attestor = attestorKey("lone");

beforeAll(async () => {
  net = await startTestLocalnet();
  payer = await net.funded(100n);
  const mint = await generateKeyPairSigner();
  const network = networkAddress(localnetProgram, payer.address, 1n);
  const tokenProgram = TOKEN_PROGRAM_ADDRESS;
  at = poolAddresses({ program: localnetProgram, network, mint: mint.address, number: 0, tokenProgram });
  source = await tokenAccountOf(payer.address);
  const space = BigInt(getMintSize());
  const lamports = await net.rpc.getMinimumBalanceForRentExemption(space).send();
  await send([
    getCreateAccountInstruction({ payer, newAccount: mint, lamports, space, programAddress: tokenProgram }),
    getInitializeMint2Instruction({ mint: mint.address, decimals: 6, mintAuthority: payer.address }),
    createAccount(source, payer.address),
    getMintToInstruction({ mint: mint.address, token: source, mintAuthority: payer, amount: 1_000n }),
  ]);
});
afterAll(async () => {
  await net.close();
  net.remove();
});

const tokenAccountOf = async (owner: Address): Promise<Address> =>
  (await findAssociatedTokenPda({ owner, mint: at.mint, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];

const createAccount = (ata: Address, owner: Address): Instruction =>
  getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner, mint: at.mint });

async function send(instructions: readonly Instruction[]): Promise<string> {
  const transaction = await net.sign(payer, instructions);
  await net.sendAndConfirm(transaction, { commitment: "finalized" });
  return getSignatureFromTransaction(transaction);
}

async function sendV1(instructions: readonly Instruction[]): Promise<void> {
  const { value: latest } = await net.rpc.getLatestBlockhash().send();
  const message = pipe(
    createTransactionMessage({ version: 1 }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(latest, m),
    (m) => setTransactionMessageConfig({ computeUnitLimit: 300_000, loadedAccountsDataSizeLimit: 1_000_000 }, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  await net.sendAndConfirm((await signTransactionMessageWithSigners(message)) as never, { commitment: "finalized" });
}

async function account(address: Address): Promise<Uint8Array> {
  const { value } = await net.rpc.getAccountInfo(address, { encoding: "base64" }).send();
  return Buffer.from(value?.data[0] ?? "", "base64");
}

interface Balance {
  readonly accountIndex: number;
  readonly uiTokenAmount: { readonly amount: string };
}

const tokens = async (address: Address): Promise<string> =>
  (await net.rpc.getTokenAccountBalance(address).send()).value.amount;

describe("an unmodified kit client of the escrow program", () => {
  it("opens a network, a pool and a market, and deposits, with balances shown", async () => {
    const cluster = bytes32(fromBase58(await net.rpc.getGenesisHash().send()));
    const terms = { id: 1n, operator: payer.address, cluster, refundDelaySeconds: 60, deadAfterSeconds: 3_600 };
    const rest = { rotationDelaySeconds: 60, maxValiditySeconds: 300 };
    const attestors = { threshold: 1, keys: [attestor.address] };
    const id = createHash("sha256").update("market").digest().subarray(0, 16);
    market = marketAddress(at.program, at.pool, payer.address, id);
    await send([
      createNetwork(at.program, payer.address, { ...terms, ...rest, attestors }),
      createAccount(at.vault, at.pool),
      openPool(at, payer.address),
    ]);
    const opening = {
      requester: payer.address,
      payer: payer.address,
      refundTo: source,
      id,
      specHash: testHash("spec"),
    };
    const signature = await send([
      openMarket(at, opening),
      deposit(at, { market, owner: payer.address, source, amount: 900n }),
    ]);
    const config = { commitment: "finalized", maxSupportedTransactionVersion: 1 } as const;
    const shown = await net.rpc.getTransaction(signature as never, { ...config, encoding: "jsonParsed" }).send();
    const keys = shown?.transaction.message.accountKeys.map((each) => each.pubkey) ?? [];
    const held = (balances: readonly Balance[] | undefined, address: Address): bigint =>
      BigInt(balances?.find((each) => keys[each.accountIndex] === address)?.uiTokenAmount.amount ?? "0");
    const gain = (address: Address): bigint =>
      held(shown?.meta?.postTokenBalances, address) - held(shown?.meta?.preTokenBalances, address);
    expect([gain(at.vault), gain(source)]).toEqual([900n, -900n]);
    expect((await net.rpc.getSignaturesForAddress(market).send()).map((each) => each.signature)).toEqual([signature]);
    const filters = [
      { memcmp: { offset: 16n, bytes: at.pool as never, encoding: "base58" as const } },
      { dataSize: 248n },
    ];
    const markets = await net.rpc.getProgramAccounts(at.program, { encoding: "base64", filters }).send();
    expect(markets.map((each) => each.pubkey)).toEqual([market]);
  });

  it("commits and claims, one by one and by subtree, in version 0 and 1", async () => {
    const wallets = await Promise.all(Array.from({ length: 20 }, () => generateKeyPairSigner()));
    const destinations = await Promise.all(wallets.map(({ address }) => tokenAccountOf(address)));
    const leaves = destinations.map((destination, i) => ({
      index: BigInt(i),
      destination,
      cumulative: BigInt(i + 1),
      held: 0n,
    }));
    const openedAt = Buffer.from(await account(market)).readBigUInt64LE(208);
    const payouts = new Tree(leaves.map((leaf) => payoutHash(at.pool, leaf)));
    const markets = new Tree([marketHash(at.pool, { market, openedAt, allocated: 210n })]);
    const { value: clock } = await net.rpc
      .getAccountInfo("SysvarC1ock11111111111111111111111111111111" as Address, { encoding: "base64" })
      .send();
    const asOf = Buffer.from(clock?.data[0] ?? "", "base64").readBigInt64LE(32);
    const body = {
      epoch: 1n,
      floor: 0n,
      asOf,
      validUntil: asOf + 60n,
      allocated: amount(210n),
      leafCount: 20n,
      payoutRoot: bytes32(Uint8Array.from(payouts.root)),
      marketRoot: bytes32(Uint8Array.from(markets.root)),
      logRoot: testHash("log"),
      leafFileHash: testHash("leaf file"),
    };
    const cluster = bytes32(fromBase58(await net.rpc.getGenesisHash().send()));
    const previousDigest = bytes32(new Uint8Array(32));
    const [program, network, pool] = [keyOf(at.program), keyOf(at.network), keyOf(at.pool)];
    const context = { program, cluster, network, pool, setVersion: 0, previousDigest };
    const message = signedBytes("commit", commitDigest(sha256, { context, body }));
    await send([signaturesInstruction(message, [attestor.sign(message)]), commit(at, body)]);
    expect(decode(poolCodec, await account(at.pool), "a pool")).toMatchObject({ epoch: 1n, allocated: 210n });

    await send([openPage(at, payer.address, 0n)]);
    for (let from = 0; from < 20; from += 5) {
      const chunk = wallets.slice(from, from + 5);
      await send(chunk.map(({ address }, i) => createAccount(destinations[from + i] as Address, address)));
    }
    const one = claim(at, leaves[3] as (typeof leaves)[0], payouts.proof(3));
    await send([one]);
    await send([claimMany(at, { leaves: leaves.slice(0, 8), height: 3, proof: payouts.proof(0, 3) })]);
    await sendV1([claimMany(at, { leaves, height: 5, proof: [] })]);
    expect(await Promise.all(destinations.map(tokens))).toEqual(leaves.map((leaf) => String(leaf.cumulative)));
    expect(await tokens(at.vault)).toBe("690");
    await expect(send([one])).rejects.toThrow();
  });
});
