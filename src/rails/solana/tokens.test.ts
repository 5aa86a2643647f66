import { generateKeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { marketId } from "../../core/market-id.ts";
import { startTestLocalnet } from "../localnet/fixture.ts";
import { startTestRail, type TestRail, units } from "../rail-fixture.ts";
import { createSolanaClient } from "./client.ts";
import { deposit } from "./deposits.ts";
import { openSolanaRail } from "./solana-rail.ts";
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
    await expect(alone).rejects.toMatchObject({ message: expect.stringContaining("too little SOL") });
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

describe("priority", () => {
  it("is paid a compute unit, and still fits", async () => {
    const { client, mint, operator, net } = test;
    const rail = await openSolanaRail({ client, mint: mint.address, operator, unitPrice: 1_000_000n });
    const destinations = await Promise.all(
      Array.from({ length: 9 }, async () => (await generateKeyPairSigner()).address),
    );
    const prepared = await rail.preparePayouts(destinations.map((destination) => ({ destination, amount: units(1n) })));
    expect(prepared).toHaveLength(1);
    expect(prepared[0]?.wire.length).toBeLessThanOrEqual(1232);
    await Promise.all(prepared.map((each) => rail.send(each)));
    const config = { encoding: "json", maxSupportedTransactionVersion: 0 } as const;
    const shown = await net.rpc.getTransaction(prepared[0]?.signature as never, config).send();
    expect(shown?.meta?.fee).toBeGreaterThan(400_000n);
  });
});

describe("a localnet that restarts", () => {
  it("is found again by the same rail, which waits for it", async () => {
    const first = await startTestRail();
    const { port, hostname } = new URL(first.net.rpcUrl);
    const client = createSolanaClient({ rpcUrl: first.net.rpcUrl, attempts: 10 });
    const rail = await openSolanaRail({ client, mint: first.mint.address, operator: first.operator });
    const from = await first.requester(100n);
    const { address } = await generateKeyPairSigner();
    const prepared = await rail.preparePayouts([{ destination: address, amount: units(8n) }]);
    await first.net.close();

    const market = marketId("00".repeat(16));
    const vaultOwner = first.operator.address;
    const later = Promise.all([
      rail.send(prepared[0] as never),
      deposit(client, { mint: first.mint, vaultOwner, from, market, amount: units(60n) }),
    ]);
    const again = await startTestLocalnet({ folder: first.net.folder, host: hostname, rpcPort: Number(port) });
    const [, signature] = await later;
    expect(await rail.outcome(prepared[0] as never)).toBe("finalized");
    expect(await rail.findDeposit(signature)).toMatchObject({ market, amount: 60n });
    expect((await rail.heldBy([address])).get(address)).toBe(8n);
    expect(rail.cluster).toBe(await again.rpc.getGenesisHash().send());
    await again.close();
    again.remove();
  });
});
