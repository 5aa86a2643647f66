import { generateKeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestRail, type TestRail, units } from "../rail-fixture.ts";
import { createMint, ensureMint, ensureSol, findMint, mintTo, signerFromSecret, transferTokens } from "./tokens.ts";

let test: TestRail;
beforeAll(async () => {
  test = await startTestRail();
});
afterAll(() => test.close());

describe("tokens", () => {
  it("are made once for a key, and found again", async () => {
    const key = await signerFromSecret(new Uint8Array(32).fill(9));
    const made = await ensureMint(test.client, test.operator, 2, key);
    expect(made).toEqual({ address: key.address, decimals: 2 });
    expect(await ensureMint(test.client, test.operator, 2, key)).toEqual(made);
    expect(await findMint(test.client, key.address)).toEqual(made);
  });

  it.each(["", "not an address", "1".repeat(44)])("are not found under %j", async (address) => {
    expect(await findMint(test.client, address)).toBeNull();
  });

  it("can be minted to the last unit and no further", async () => {
    const mint = await createMint(test.client, test.operator, 0);
    const owner = (await generateKeyPairSigner()).address;
    await mintTo(test.client, test.operator, mint, owner, units(2n ** 64n - 1n));
    const beyond = mintTo(test.client, test.operator, mint, owner, units(1n));
    await expect(beyond).rejects.toMatchObject({ code: "TRANSACTION_FAILED" });
  });

  it("are sent on by somebody without SOL, where another pays the fee", async () => {
    const [from, to] = [await generateKeyPairSigner(), (await generateKeyPairSigner()).address];
    await mintTo(test.client, test.operator, test.mint, from.address, units(50n));
    const alone = transferTokens(test.client, { mint: test.mint, from, to, amount: units(20n) });
    await expect(alone).rejects.toMatchObject({ code: "LAMPORTS_INSUFFICIENT" });
    await transferTokens(test.client, { mint: test.mint, from, to, amount: units(20n), payer: test.operator });
    const held = await test.rail.heldBy([from.address, to]);
    expect([...held.values()]).toEqual([30n, 20n]);
  });
});

describe("SOL for tests", () => {
  it("is topped up, not piled up", async () => {
    const { address } = await generateKeyPairSigner();
    for (const least of [1_000_000n, 3_000_000n, 2_000_000n]) await ensureSol(test.client, address, least);
    expect((await test.net.rpc.getBalance(address).send()).value).toBe(3_000_000n);
  });
});
