import { type Address, generateKeyPairSigner, type KeyPairSigner, signBytes } from "@solana/kit";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { bytes32, fromBase58, toBase58 } from "../../../core/bytes.ts";
import { isTokenAccountOf, readTokenTransfer } from "../../../core/token-transfer.ts";
import { issueToken } from "../issue-token.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import { readTokenAccounts } from "../token-accounts.ts";
import { createMint, type Mint, mintTo, senderOf } from "../tokens.ts";
import type { Escrow } from "./escrow.ts";
import { TestEscrow, testHash } from "./fixture.ts";
import { ensurePool, token2022Program } from "./pools.ts";
import { type PlannedTransfer, planTransfer, sendTransfer } from "./transfers.ts";

let test: TestEscrow;
beforeAll(async () => {
  test = await TestEscrow.start();
});
afterAll(() => test.close());

const decimals = 6;
const signed = (by: KeyPairSigner, { message }: Pick<PlannedTransfer, "message">): Promise<Uint8Array> =>
  signBytes(by.keyPair.privateKey, message);

const balanceOf = async (address: Address): Promise<bigint> =>
  (await test.client.call((rpc) => rpc.getBalance(address, { commitment: "finalized" }))).value;

/** A pool whose mint is of this program, and a wallet without SOL that holds 100 of its tokens. */
async function poolOf(tokenProgram: Address) {
  const { client, operator, escrow } = test;
  const mint: Mint =
    tokenProgram === TOKEN_PROGRAM_ADDRESS ? await createMint(client, operator, decimals) : await mint2022();
  const pool = await ensurePool(escrow, { network: test.pool.at.network, mint: mint.address as Address, number: 0 });
  const owner = await generateKeyPairSigner();
  await mintTo(client, operator, mint, owner.address, amount(100n));
  return { at: pool.at, owner };
}

async function mint2022(): Promise<Mint> {
  const names = { name: "Test", symbol: "T", uri: "" };
  const { client, operator } = test;
  const issued = await issueToken(senderOf(client, operator), {
    decimals,
    supply: amount(0n),
    names,
    authority: operator.address,
  });
  return { address: issued.mint, decimals, tokenProgram: token2022Program };
}

describe.each([
  ["the classic token program", TOKEN_PROGRAM_ADDRESS],
  ["Token-2022", token2022Program],
])("a transfer with %s", (_, tokenProgram) => {
  let world: Awaited<ReturnType<typeof poolOf>>;
  beforeAll(async () => {
    world = await poolOf(tokenProgram);
  });
  const held = async (wallet: Address): Promise<bigint | undefined> => {
    const account = tokenAddress(wallet, world.at.mint, world.at.tokenProgram);
    return (await readTokenAccounts(test.client, [account], "finalized"))[0]?.amount;
  };

  it("takes a wallet without SOL to one that never had an account, at the planned cost", async () => {
    const { at, owner } = world;
    const to = await generateKeyPairSigner();
    const plan = await planTransfer(test.escrow, at, decimals, {
      from: owner.address,
      to: to.address,
      amount: amount(60n),
    });
    expect(plan).toMatchObject({ feeLamports: 10_000n, signers: [test.operator.address, owner.address] });
    expect(plan.rentLamports).toBeGreaterThan(1_000_000n);
    const before = await balanceOf(test.operator.address);
    const outcome = await sendTransfer(test.escrow, plan, await signed(owner, plan), 5_000);
    expect(outcome).toMatchObject({ state: "finalized", problem: null });
    expect(before - (await balanceOf(test.operator.address))).toBe(plan.feeLamports + plan.rentLamports);
    expect([await held(owner.address), await held(to.address)]).toEqual([40n, 60n]);
    expect([await balanceOf(owner.address), await balanceOf(to.address)]).toEqual([0n, 0n]);
  });

  it("says in its message exactly what was planned", async () => {
    const { at, owner } = world;
    const to = (await generateKeyPairSigner()).address;
    const { message, wire } = await planTransfer(test.escrow, at, decimals, {
      from: owner.address,
      to,
      amount: amount(3n),
    });
    const said = readTokenTransfer(message) as NonNullable<ReturnType<typeof readTokenTransfer>>;
    const bytes = (address: Address) => bytes32(fromBase58(address));
    expect(said).toMatchObject({ amount: 3n, creates: bytes(to), owner: bytes(owner.address), mint: bytes(at.mint) });
    expect(toBase58(said.destination)).toBe(tokenAddress(to, at.mint, at.tokenProgram));
    const place = { wallet: bytes(to), mint: said.mint, tokenProgram: said.tokenProgram };
    expect(isTokenAccountOf(testHash, said.destination, place)).toBe(true);
    expect(isTokenAccountOf(testHash, said.destination, { ...place, wallet: bytes(owner.address) })).toBe(false);
    expect(wire.subarray(0, 129)).toEqual(new Uint8Array([2, ...new Uint8Array(128)]));
    expect(wire.subarray(129)).toEqual(message);
  });

  it("is taken once, however often it is sent, and makes no account twice", async () => {
    const { at, owner } = world;
    const to = (await generateKeyPairSigner()).address;
    const plan = await planTransfer(test.escrow, at, decimals, { from: owner.address, to, amount: amount(5n) });
    const signature = await signed(owner, plan);
    const sent = await Promise.all([1, 2, 3].map(() => sendTransfer(test.escrow, plan, signature, 5_000)));
    expect(new Set(sent.map((each) => each.signature)).size).toBe(1);
    expect(await held(to)).toBe(5n);
    const again = await planTransfer(test.escrow, at, decimals, { from: owner.address, to, amount: amount(5n) });
    expect(again).toMatchObject({ rentLamports: 0n });
    expect(readTokenTransfer(again.message)?.creates).toBeNull();
    expect((await sendTransfer(test.escrow, again, await signed(owner, again), 5_000)).state).toBe("finalized");
    expect(await held(to)).toBe(10n);
  });
});

describe("what is refused", () => {
  let world: Awaited<ReturnType<typeof poolOf>>;
  let to: Address;
  beforeAll(async () => {
    world = await poolOf(TOKEN_PROGRAM_ADDRESS);
    to = (await generateKeyPairSigner()).address;
  });
  const plan = (wish: { to?: Address; from?: Address; value?: bigint } = {}, escrow: Escrow = test.escrow) =>
    planTransfer(escrow, world.at, decimals, {
      from: wish.from ?? world.owner.address,
      to: wish.to ?? to,
      amount: amount(wish.value ?? 1n),
    });

  it("another's signature, one of other bytes, and one that was cut", async () => {
    const planned = await plan();
    const other = await plan({ value: 2n });
    const stranger = await generateKeyPairSigner();
    const good = await signed(world.owner, planned);
    const before = await balanceOf(test.operator.address);
    for (const bad of [await signed(stranger, planned), await signed(world.owner, other), good.subarray(1)]) {
      await expect(sendTransfer(test.escrow, planned, bad, 0)).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
    }
    expect(await balanceOf(test.operator.address)).toBe(before);
  });

  it("every message that differs in a byte, though its owner signed it", async () => {
    const planned = await plan();
    for (let i = 0; i < planned.message.length; i += 7) {
      const message = planned.message.slice();
      message[i] = (message[i] as number) ^ 1;
      const signature = await signed(world.owner, { message });
      const sent = await sendTransfer(test.escrow, { ...planned, message }, signature, 0).then(
        (outcome) => outcome.state,
        (error: unknown) => (error as { code?: string }).code ?? "thrown",
      );
      // What still reads as a transfer of this payer's: another amount, limit or blockhash, which only a plan may say.
      expect(["INVARIANT_MISMATCH", "SIGNATURE_MISMATCH", "pending", "finalized", "thrown"]).toContain(sent);
      if (readTokenTransfer(message) === null) expect(sent).toBe("INVARIANT_MISMATCH");
    }
  });

  it("a message that another payer planned", async () => {
    const payer = await generateKeyPairSigner();
    const planned = await plan();
    const theirs = { ...test.escrow, payer };
    const sending = sendTransfer(theirs, planned, await signed(world.owner, planned), 0);
    await expect(sending).rejects.toMatchObject({ code: "INVARIANT_MISMATCH" });
  });

  it("more than there is, and a wallet that holds nothing", async () => {
    await expect(plan({ value: 1_000n })).rejects.toMatchObject({ code: "TOKENS_INSUFFICIENT" });
    const { address } = await generateKeyPairSigner();
    await expect(plan({ from: address })).rejects.toMatchObject({ code: "TOKENS_INSUFFICIENT" });
  });

  it("destinations that are no wallets, or the wallet itself", async () => {
    const { at, owner } = world;
    const ownAccount = tokenAddress(owner.address, at.mint, at.tokenProgram);
    for (const bad of [owner.address, ownAccount, at.mint, at.pool, at.program]) {
      await expect(plan({ to: bad })).rejects.toMatchObject({ code: "TRANSFER_REFUSED", context: { to: bad } });
    }
  });

  it("the payer's own tokens, which take no second signature", async () => {
    const planning = plan({ from: test.operator.address });
    await expect(planning).rejects.toMatchObject({ code: "TRANSFER_REFUSED" });
  });

  it("at the time of planning what the node would refuse: a payer without SOL", async () => {
    const payer = await generateKeyPairSigner();
    await expect(plan({}, { ...test.escrow, payer })).rejects.toMatchObject({ code: "LAMPORTS_INSUFFICIENT" });
  });

  it("what cannot be paid any more when it is sent: it waits, and costs nothing", async () => {
    world = await poolOf(TOKEN_PROGRAM_ADDRESS);
    const [first, second] = [await plan({ value: 100n }), await plan({ value: 100n })];
    expect((await sendTransfer(test.escrow, first, await signed(world.owner, first), 5_000)).state).toBe("finalized");
    const before = await balanceOf(test.operator.address);
    const outcome = await sendTransfer(test.escrow, second, await signed(world.owner, second), 5_000);
    expect(outcome.state).toBe("pending");
    expect(outcome.problem).toContain("holds too little");
    expect(await balanceOf(test.operator.address)).toBe(before);
    await test.clock.pass(200_000);
    expect((await sendTransfer(test.escrow, second, await signed(world.owner, second), 0)).state).toBe("expired");
  });
});
