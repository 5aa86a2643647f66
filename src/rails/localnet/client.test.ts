import { generateKeyPairSigner } from "@solana/kit";
import { getCreateAccountInstruction, getTransferSolInstruction } from "@solana-program/system";
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestLocalnet, type TestLocalnet } from "./fixture.ts";

let net: TestLocalnet;
beforeAll(async () => {
  net = await startTestLocalnet();
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
});
