import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base58 } from "@scure/base";
import {
  AccountRole,
  type Address,
  generateKeyPairSigner,
  getProgramDerivedAddress,
  type Instruction,
  type KeyPairSigner,
} from "@solana/kit";
import { getCreateAccountInstruction } from "@solana-program/system";
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
