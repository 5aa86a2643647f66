import {
  type Address,
  appendTransactionMessageInstructions,
  assertIsTransactionWithDurableNonceLifetime,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64Decoder,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  type Instruction,
  type KeyPairSigner,
  type Nonce,
  pipe,
  sendAndConfirmDurableNonceTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingDurableNonce,
  signTransactionMessageWithSigners,
  type TransactionMessageBytesBase64,
} from "@solana/kit";
import {
  fetchNonce,
  getAdvanceNonceAccountInstruction,
  getCreateAccountInstruction,
  getInitializeNonceAccountInstruction,
  getTransferSolInstruction,
  SYSTEM_PROGRAM_ADDRESS,
} from "@solana-program/system";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nonceAccountSize } from "./durable-nonce.ts";
import { call, startTestLocalnet, type TestLocalnet } from "./fixture.ts";

let net: TestLocalnet;
let skipped = 0;
const clock = (): number => Date.now() + skipped;
const dayMs = 86_400_000;

beforeAll(async () => {
  net = await startTestLocalnet({ clock });
});
afterAll(async () => {
  await net.close();
  net.remove();
});

interface NonceOf {
  readonly owner: KeyPairSigner;
  readonly address: Address;
}

async function makeNonce(): Promise<NonceOf> {
  const [owner, account] = [await net.funded(), await generateKeyPairSigner()];
  const lamports = await net.rpc.getMinimumBalanceForRentExemption(BigInt(nonceAccountSize)).send();
  const space = nonceAccountSize;
  const made = await net.sign(owner, [
    getCreateAccountInstruction({
      payer: owner,
      newAccount: account,
      lamports,
      space,
      programAddress: SYSTEM_PROGRAM_ADDRESS,
    }),
    getInitializeNonceAccountInstruction({ nonceAccount: account.address, nonceAuthority: owner.address }),
  ]);
  await net.sendAndConfirm(made, { commitment: "confirmed" });
  return { owner, address: account.address };
}

const nonceValueOf = async (address: Address): Promise<Nonce> =>
  (await fetchNonce(net.rpc, address)).data.blockhash as string as Nonce;

/** Signed by whoever pays, under the nonce's value of now. */
async function signed({ owner, address }: NonceOf, instructions: readonly Instruction[], authority = owner) {
  const nonce = {
    nonce: await nonceValueOf(address),
    nonceAccountAddress: address,
    nonceAuthorityAddress: owner.address,
  };
  const transaction = await signTransactionMessageWithSigners(
    pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayerSigner(authority, m),
      (m) => setTransactionMessageLifetimeUsingDurableNonce(nonce, m),
      (m) => appendTransactionMessageInstructions(instructions, m),
    ),
  );
  assertIsTransactionWithDurableNonceLifetime(transaction);
  return transaction;
}

const transfer = (source: KeyPairSigner, destination: Address, amount = 1_000_000n) =>
  getTransferSolInstruction({ source, destination, amount });
const balanceOf = async (address: Address) => (await net.rpc.getBalance(address).send()).value;
const send = (wire: string, skipPreflight = false) =>
  call(net.rpcUrl, "sendTransaction", [wire, { encoding: "base64", skipPreflight }]);

describe("a transaction that goes by a durable nonce", () => {
  it("is sent days after it was signed, confirmed by kit, and counts once", async () => {
    const nonce = await makeNonce();
    const to = (await generateKeyPairSigner()).address;
    const transaction = await signed(nonce, [transfer(nonce.owner, to)]);
    const wire = getBase64EncodedWireTransaction(transaction);
    skipped += 3 * dayMs;
    const { value } = await net.rpc.simulateTransaction(wire, { encoding: "base64", sigVerify: true }).send();
    expect(value.err).toBeNull();
    const message = getBase64Decoder().decode(transaction.messageBytes) as TransactionMessageBytesBase64;
    expect((await net.rpc.getFeeForMessage(message).send()).value).toBe(5_000n);
    const { rpc, rpcSubscriptions } = net;
    const sendAndConfirm = sendAndConfirmDurableNonceTransactionFactory({ rpc, rpcSubscriptions });
    await sendAndConfirm(transaction, { commitment: "confirmed" });
    expect(await balanceOf(to)).toBe(1_000_000n);
    for (const days of [0, 1]) {
      skipped += days * dayMs;
      expect((await send(wire)).error?.message).toContain("Blockhash not found");
    }
    expect((await net.rpc.getFeeForMessage(message).send()).value).toBeNull();
    expect(await balanceOf(to)).toBe(1_000_000n);

    const found = await net.rpc
      .getTransaction(getSignatureFromTransaction(transaction), {
        encoding: "jsonParsed",
        maxSupportedTransactionVersion: 0,
      })
      .send();
    expect(found?.transaction.message.instructions[0]).toMatchObject({
      program: "system",
      parsed: { type: "advanceNonce", info: { nonceAccount: nonce.address, nonceAuthority: nonce.owner.address } },
    });
    const { value: shown } = await net.rpc.getAccountInfo(nonce.address, { encoding: "jsonParsed" }).send();
    const blockhash = await nonceValueOf(nonce.address);
    expect(shown?.data).toMatchObject({
      program: "nonce",
      parsed: { type: "initialized", info: { authority: nonce.owner.address, blockhash } },
    });
  });

  it("that fails has used it up as well: the same bytes are never taken again", async () => {
    const nonce = await makeNonce();
    const rich = nonce.owner.address;
    const tooMuch = getBase64EncodedWireTransaction(
      await signed(nonce, [transfer(nonce.owner, (await generateKeyPairSigner()).address, 10n ** 15n)]),
    );
    expect((await send(tooMuch)).error?.message).toContain("custom program error");
    const before = [await balanceOf(rich), await nonceValueOf(nonce.address)];
    await send(tooMuch, true);
    const after = [await balanceOf(rich), await nonceValueOf(nonce.address)];
    expect(after[0]).toBe((before[0] as bigint) - 5_000n);
    expect(after[1]).not.toBe(before[1]);
    skipped += dayMs;
    await send(tooMuch, true);
    expect([await balanceOf(rich), await nonceValueOf(nonce.address)]).toEqual(after);
  });

  it("needs the value of now, and the authority's signature", async () => {
    const nonce = await makeNonce();
    const stranger = await net.funded();
    const old = await signed(nonce, [transfer(nonce.owner, stranger.address)]);
    const advance = getAdvanceNonceAccountInstruction({ nonceAccount: nonce.address, nonceAuthority: nonce.owner });
    // A nonce advances once a blockhash.
    skipped += 2_000;
    await net.sendAndConfirm(await net.sign(nonce.owner, [advance]), { commitment: "confirmed" });
    expect((await send(getBase64EncodedWireTransaction(old))).error?.message).toContain("Blockhash not found");
    const pretended = { ...nonce, owner: stranger };
    const by = await signed(pretended, [transfer(stranger, nonce.owner.address)]);
    expect((await send(getBase64EncodedWireTransaction(by))).error?.message).toContain("Blockhash not found");
  });

  it("finds a value that was never there before, also after a restart", async () => {
    const nonce = await makeNonce();
    const seen = new Set<string>([await nonceValueOf(nonce.address)]);
    for (let i = 1; i <= 6; i++) {
      if (i % 2 === 0) {
        await net.close();
        net = await startTestLocalnet({ clock, folder: net.folder });
      }
      const wire = getBase64EncodedWireTransaction(await signed(nonce, [transfer(nonce.owner, nonce.owner.address)]));
      expect((await send(wire)).error).toBeUndefined();
      seen.add(await nonceValueOf(nonce.address));
      expect(seen.size).toBe(i + 1);
    }
  });
});
