import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base58 } from "@scure/base";
import {
  AccountRole,
  type Address,
  appendTransactionMessageInstructions,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  generateKeyPairSigner,
  getProgramDerivedAddress,
  getSignatureFromTransaction,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { getCreateAccountInstruction, getTransferSolInstruction } from "@solana-program/system";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestLocalnet, type TestLocalnet, wireOf } from "./fixture.ts";

const loader = "BPFLoaderUpgradeab1e11111111111111111111111" as Address;
const memo = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr" as Address;
const sysvar = (name: string) => ({ address: `Sysvar${name}` as Address, role: AccountRole.READONLY });
const rent = sysvar("Rent111111111111111111111111111111111");
const clock = sysvar("C1ock11111111111111111111111111111111");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-programs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
const u64 = (value: number): number[] => [...u32(value), 0, 0, 0, 0];
const signer = (key: KeyPairSigner, role: typeof AccountRole.READONLY_SIGNER | typeof AccountRole.WRITABLE_SIGNER) => ({
  address: key.address,
  role,
  signer: key,
});

/** Deploys as `solana program deploy` does: a buffer, writes, then the program account that points at the code. */
async function deploy(net: TestLocalnet, payer: KeyPairSigner, elf: Uint8Array): Promise<Address> {
  const [buffer, program] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
  const [programData] = await getProgramDerivedAddress({
    programAddress: loader,
    seeds: [base58.decode(program.address)],
  });
  const create = async (newAccount: KeyPairSigner, space: number): Promise<Instruction> =>
    getCreateAccountInstruction({
      payer,
      newAccount,
      lamports: await net.rpc.getMinimumBalanceForRentExemption(BigInt(space)).send(),
      space: BigInt(space),
      programAddress: loader,
    });
  const authority = signer(payer, AccountRole.READONLY_SIGNER);
  const writable = (address: Address) => ({ address, role: AccountRole.WRITABLE });
  const loaderCall = (accounts: unknown[], data: number[]): Instruction =>
    ({ programAddress: loader, accounts, data: Uint8Array.from(data) }) as Instruction;
  const run = async (instructions: Instruction[]): Promise<void> =>
    net.sendAndConfirm(await net.sign(payer, instructions), { commitment: "confirmed" });

  await run([
    await create(buffer, 37 + elf.length),
    loaderCall([writable(buffer.address), { ...authority, role: AccountRole.READONLY }], u32(0)),
  ]);
  for (let at = 0; at < elf.length; at += 800) {
    const chunk = [...elf.subarray(at, at + 800)];
    const data = [...u32(1), ...u32(at), ...u64(chunk.length), ...chunk];
    await run([loaderCall([writable(buffer.address), authority], data)]);
  }
  const accounts = [
    signer(payer, AccountRole.WRITABLE_SIGNER),
    writable(programData),
    writable(program.address),
    writable(buffer.address),
    rent,
    clock,
    { address: "11111111111111111111111111111111" as Address, role: AccountRole.READONLY },
    authority,
  ];
  await run([await create(program, 36), loaderCall(accounts, [...u32(2), ...u64(elf.length)])]);
  return program.address;
}

describe("a program deployed through the loader", () => {
  it("runs, and still runs after a restart", async () => {
    let now = Date.now();
    const first = await startTestLocalnet({ folder, clock: () => now });
    const payer = await first.funded();
    const code = await first.rpc.getAccountInfo(memo, { encoding: "base64" }).send();
    const program = await deploy(first, payer, Buffer.from(code.value?.data[0] ?? "", "base64"));
    // A program can be called in the slot after the one that deployed it.
    now += 800;
    const call = async (net: TestLocalnet, text: string): Promise<string> => {
      const instruction = { programAddress: program, data: new TextEncoder().encode(text) };
      const transaction = await net.sign(payer, [instruction]);
      const { value } = await net.rpc
        .simulateTransaction(Buffer.from(wireOf(transaction)).toString("base64") as never, { encoding: "base64" })
        .send();
      expect(value.err).toBeNull();
      await net.sendAndConfirm(transaction, { commitment: "confirmed" });
      return value.logs?.join() ?? "";
    };
    expect(await call(first, "before")).toContain("Program log: before");
    await first.close();

    now += 60_000;
    const second = await startTestLocalnet({ folder, clock: () => now });
    expect(await call(second, "after")).toContain("Program log: after");
    const account = await second.rpc.getAccountInfo(program, { encoding: "base64" }).send();
    expect(account.value).toMatchObject({ executable: true, owner: loader });
    await second.close();
  });
});

describe("transactions of every version", () => {
  it("load accounts from a lookup table, and show them", async () => {
    let now = Date.now();
    const net = await startTestLocalnet({ folder, clock: () => now });
    const [payer, to] = [await net.funded(), await generateKeyPairSigner()];
    const table = await createLookupTable(net, payer, [to.address], () => {
      now += 800;
    });
    const { value: latest } = await net.rpc.getLatestBlockhash().send();
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayerSigner(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(latest, m),
      (m) =>
        appendTransactionMessageInstructions(
          [getTransferSolInstruction({ source: payer, destination: to.address, amount: 5_000_000n })],
          m,
        ),
      (m) => compressTransactionMessageUsingAddressLookupTables(m, { [table]: [to.address] }),
    );
    const transaction = await signTransactionMessageWithSigners(message);
    await net.sendAndConfirm(transaction as never, { commitment: "confirmed" });
    const shown = await net.rpc
      .getTransaction(getSignatureFromTransaction(transaction), {
        encoding: "jsonParsed",
        maxSupportedTransactionVersion: 0,
      })
      .send();
    expect(shown?.transaction.message.accountKeys.at(-1)).toEqual({
      pubkey: to.address,
      signer: false,
      source: "lookupTable",
      writable: true,
    });
    expect(shown?.transaction.message.instructions).toMatchObject([
      { parsed: { type: "transfer", info: { destination: to.address, lamports: 5_000_000n } } },
    ]);
    expect(shown?.meta?.postBalances.at(-1)).toBe(5_000_000n);
    expect(await net.rpc.getSignaturesForAddress(to.address).send()).toHaveLength(1);
    await net.close();
    const again = await startTestLocalnet({ folder, clock: () => now });
    expect(await again.rpc.getSignaturesForAddress(to.address).send()).toHaveLength(1);
    await again.close();
  });

  it("carry their budget in version 1", async () => {
    const net = await startTestLocalnet({ folder });
    const payer = await net.funded();
    const { value: latest } = await net.rpc.getLatestBlockhash().send();
    const message = pipe(
      createTransactionMessage({ version: 1 }),
      (m) => setTransactionMessageFeePayerSigner(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(latest, m),
      (m) =>
        setTransactionMessageConfig(
          { computeUnitLimit: 10_000, loadedAccountsDataSizeLimit: 1_000_000, priorityFeeLamports: 77n },
          m,
        ),
      (m) =>
        appendTransactionMessageInstructions(
          [getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n })],
          m,
        ),
    );
    const transaction = await signTransactionMessageWithSigners(message);
    await net.sendAndConfirm(transaction as never, { commitment: "confirmed" });
    expect((await net.rpc.getBalance(payer.address).send()).value).toBe(10_000_000_000n - 5_077n);
    const shown = await net.rpc
      .getTransaction(getSignatureFromTransaction(transaction), {
        encoding: "json",
        maxSupportedTransactionVersion: 1,
      } as never)
      .send();
    expect(shown).toMatchObject({ version: 1, meta: { err: null, fee: 5_077n } });
    await net.close();
  });
});

async function createLookupTable(
  net: TestLocalnet,
  authority: KeyPairSigner,
  addresses: Address[],
  wait: () => void,
): Promise<Address> {
  const programAddress = "AddressLookupTab1e1111111111111111111111111" as Address;
  const slot = await net.rpc.getSlot().send();
  wait();
  const slotBytes = Uint8Array.from({ length: 8 }, (_, i) => Number((slot >> BigInt(8 * i)) & 255n));
  const [table, bump] = await getProgramDerivedAddress({
    programAddress,
    seeds: [base58.decode(authority.address), slotBytes],
  });
  const accounts = [
    { address: table, role: AccountRole.WRITABLE },
    signer(authority, AccountRole.READONLY_SIGNER),
    signer(authority, AccountRole.WRITABLE_SIGNER),
    { address: "11111111111111111111111111111111" as Address, role: AccountRole.READONLY },
  ];
  const keys = addresses.flatMap((address) => [...base58.decode(address)]);
  const create = { programAddress, accounts, data: Uint8Array.from([...u32(0), ...slotBytes, bump]) };
  const extend = { programAddress, accounts, data: Uint8Array.from([...u32(2), ...u64(addresses.length), ...keys]) };
  await net.sendAndConfirm(await net.sign(authority, [create]), { commitment: "confirmed" });
  await net.sendAndConfirm(await net.sign(authority, [extend]), { commitment: "confirmed" });
  wait();
  return table;
}
