import { generateKeyPairSigner } from "@solana/kit";
import {
  AuthorityType,
  findAssociatedTokenPda,
  getSetAuthorityInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sumAmounts } from "../../core/amount.ts";
import { startTestLocalnet } from "../localnet/fixture.ts";
import type { Payout, PreparedTransaction } from "../rail.ts";
import { startTestRail, type TestRail, units } from "../rail-fixture.ts";
import { createSolanaClient } from "./client.ts";
import { openSolanaRail } from "./solana-rail.ts";
import { sendAndFinalize } from "./submission.ts";
import { mintTo, transferTokens } from "./tokens.ts";

let test: TestRail;
let skipped = 0;
beforeAll(async () => {
  test = await startTestRail(1_000_000_000n, { clock: () => Date.now() + skipped });
});
afterAll(() => test.close());

const slots = (count: number): void => {
  skipped += count * 400;
};

const freshOwners = (count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, async () => (await generateKeyPairSigner()).address as string));

async function payAll(payouts: readonly Payout[]): Promise<PreparedTransaction[]> {
  const prepared = await test.rail.preparePayouts(payouts);
  await Promise.all(prepared.map((each) => test.rail.send(each)));
  return prepared;
}

const held = async (owner: string) => (await test.rail.heldBy([owner])).get(owner);

describe("payouts", () => {
  it("pays 200 fresh owners, and reads their balances back", async () => {
    const owners = await freshOwners(200);
    const payouts = owners.map((destination, i) => ({ destination, amount: units(BigInt(i + 1)) }));
    const prepared = await payAll(payouts);
    expect(prepared.flatMap((each) => each.payouts)).toEqual(payouts.map((_, i) => i));
    for (const each of prepared) {
      expect(each.wire.length).toBeLessThanOrEqual(1232);
      expect(await test.rail.outcome(each)).toBe("finalized");
    }
    const balances = await test.rail.heldBy(owners);
    for (const { destination, amount } of payouts) expect(balances.get(destination)).toBe(amount);
    expect(sumAmounts(balances.values())).toBe(20_100n);
  });

  it("packs 9 first payouts, then 19, into a transaction, close to its size limit", async () => {
    const payouts = (await freshOwners(100)).map((destination) => ({ destination, amount: units(5n) }));
    const first = await payAll(payouts);
    expect(first).toHaveLength(12);
    const again = await payAll(payouts);
    expect(again).toHaveLength(6);
    for (const each of [...first.slice(0, -1), ...again.slice(0, -1)]) expect(each.wire.length).toBeGreaterThan(1140);
    expect(await held(payouts[99]?.destination as string)).toBe(10n);
  });

  it("stays within size, whatever is mixed", async () => {
    const owners = await freshOwners(40);
    await payAll(owners.slice(0, 20).map((destination) => ({ destination, amount: units(1n) })));
    const mixed = owners.flatMap((destination, i) => [
      { destination, amount: units(2n) },
      { destination: owners[(i * 7) % 40] as string, amount: units(3n) },
    ]);
    const prepared = await payAll(mixed);
    for (const each of prepared) expect(await test.rail.outcome(each)).toBe("finalized");
    expect(sumAmounts((await test.rail.heldBy(owners)).values())).toBe(20n + 40n * 2n + 40n * 3n);
  });

  it("pays an owner as often as listed, in equal amounts too", async () => {
    const [destination = ""] = await freshOwners(1);
    const payouts = Array.from({ length: 60 }, () => ({ destination, amount: units(7n) }));
    const prepared = await payAll(payouts);
    expect(new Set(prepared.map((each) => each.signature)).size).toBe(prepared.length);
    expect(await held(destination)).toBe(420n);
    await payAll([payouts[0] as Payout]);
    await payAll([payouts[0] as Payout]);
    expect(await held(destination)).toBe(434n);
  });

  it("prepares nothing for nobody", async () => {
    expect(await test.rail.preparePayouts([])).toEqual([]);
    expect(await test.rail.heldBy([])).toEqual(new Map());
  });

  it("leaves out whom it cannot pay, and pays the others", async () => {
    const given = await test.requester(1n);
    const [account] = await findAssociatedTokenPda({
      owner: given.address,
      mint: test.mint.address as never,
      tokenProgram: TOKEN_PROGRAM_ADDRESS,
    });
    const heir = (await generateKeyPairSigner()).address;
    await sendAndFinalize(test.client, given, [
      getSetAuthorityInstruction({
        owned: account,
        owner: given,
        authorityType: AuthorityType.AccountOwner,
        newAuthority: heir,
      }),
    ]);
    const [good = ""] = await freshOwners(1);
    const prepared = await payAll([
      { destination: "not an address", amount: units(1n) },
      { destination: given.address, amount: units(1n) },
      { destination: good, amount: units(0n) },
      { destination: test.operator.address, amount: units(1n) },
      { destination: good, amount: units(4n) },
    ]);
    expect(prepared.flatMap((each) => each.payouts)).toEqual([4]);
    expect(await held(good)).toBe(4n);
    expect(await held(given.address)).toBe(0n);
    expect(await held("not an address")).toBe(0n);
  });

  it("says what is wrong when the vault is empty, pays nothing, and may be tried again", async () => {
    const [destination = ""] = await freshOwners(1);
    const [prepared] = await test.rail.preparePayouts([{ destination, amount: units(10n ** 15n) }]);
    const sent = test.rail.send(prepared as PreparedTransaction);
    await expect(sent).rejects.toMatchObject({
      code: "TRANSACTION_FAILED",
      message: expect.stringContaining("holds too little"),
    });
    expect(await test.rail.outcome(prepared as PreparedTransaction)).toBe("pending");
    await mintTo(test.client, test.operator, test.mint, test.operator.address, units(10n ** 15n));
    await test.rail.send(prepared as PreparedTransaction);
    expect(await test.rail.outcome(prepared as PreparedTransaction)).toBe("finalized");
    expect(await held(destination)).toBe(10n ** 15n);
  });
});

describe("a prepared transaction", () => {
  const prepareOne = async () => {
    const [destination = ""] = await freshOwners(1);
    const [prepared] = await test.rail.preparePayouts([{ destination, amount: units(3n) }]);
    return { destination, prepared: prepared as PreparedTransaction };
  };

  it("pays once, however often it is sent", async () => {
    const { destination, prepared } = await prepareOne();
    await Promise.all(Array.from({ length: 20 }, () => test.rail.send(prepared)));
    slots(100);
    await test.rail.send(prepared);
    slots(100);
    await test.rail.send(prepared);
    expect(await held(destination)).toBe(3n);
    expect(await test.rail.outcome(prepared)).toBe("finalized");
  });

  it("is pending until no block can hold it, and expired then for ever", async () => {
    const { destination, prepared } = await prepareOne();
    expect(await test.rail.outcome(prepared)).toBe("pending");
    slots(149);
    expect(await test.rail.outcome(prepared)).toBe("pending");
    slots(2);
    expect(await test.rail.outcome(prepared)).toBe("expired");
    await test.rail.send(prepared);
    expect(await held(destination)).toBe(0n);
    expect(await test.rail.outcome(prepared)).toBe("expired");
  });

  it("is finalized, not expired, long after it was sent", async () => {
    const { prepared } = await prepareOne();
    await test.rail.send(prepared);
    slots(100_000);
    expect(await test.rail.outcome(prepared)).toBe("finalized");
  });

  it("is failed where a program refused it in a block", async () => {
    const [destination = ""] = await freshOwners(1);
    const [prepared] = await test.rail.preparePayouts([{ destination, amount: units(10n ** 18n) }]);
    const { signature, wire } = prepared as PreparedTransaction;
    const encoded = Buffer.from(wire).toString("base64") as never;
    await test.net.rpc.sendTransaction(encoded, { encoding: "base64", skipPreflight: true }).send();
    expect(await test.rail.outcome(prepared as PreparedTransaction)).toBe("failed");
    expect(signature).toHaveLength(prepared?.signature.length ?? 0);
    await test.rail.send(prepared as PreparedTransaction);
    expect(await held(destination)).toBe(0n);
  });
});

describe("a payer that crashes anywhere", () => {
  it("pays everybody exactly once", async () => {
    const owners = await freshOwners(30);
    const payouts = owners.map((destination, i) => ({ destination, amount: units(BigInt(100 + i)) }));
    const stored: (PreparedTransaction & { readonly of: readonly number[] })[] = [];
    const settled = new Set<number>();
    let seed = 99;
    const random = (): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let life = 0; life < 200 && settled.size < payouts.length; life++) {
      for (const [at, transaction] of [...stored.entries()].reverse()) {
        const outcome = await test.rail.outcome(transaction);
        if (outcome === "finalized") for (const place of transaction.of) settled.add(place);
        if (outcome !== "pending") stored.splice(at, 1);
        else if (random() < 0.4) await test.rail.send(transaction);
      }
      const busy = new Set(stored.flatMap((each) => each.of));
      const open = payouts.map((_, place) => place).filter((place) => !settled.has(place) && !busy.has(place));
      const chosen = open.filter(() => random() < 0.7);
      const prepared = await test.rail.preparePayouts(chosen.map((place) => payouts[place] as Payout));
      if (random() < 0.2) continue;
      for (const each of prepared) stored.push({ ...each, of: each.payouts.map((at) => chosen[at] as number) });
      for (const each of prepared) if (random() < 0.4) await test.rail.send(each);
      slots(Math.floor(random() * 120));
    }
    expect(settled.size).toBe(payouts.length);
    const balances = await test.rail.heldBy(owners);
    for (const { destination, amount } of payouts) expect(balances.get(destination)).toBe(amount);
  });
});

describe("openSolanaRail", () => {
  it("finds the chain, the token and the same vault again", async () => {
    const { rail, client, operator, mint } = test;
    const again = await openSolanaRail({ client, mint: mint.address, operator });
    expect(again).toMatchObject({ cluster: rail.cluster, vault: rail.vault, decimals: 6, mint: mint.address });
    expect(rail.cluster).toBe(await test.net.rpc.getGenesisHash().send());
  });

  it("makes a vault where there is none", async () => {
    const operator = await test.net.funded();
    const rail = await openSolanaRail({ client: test.client, mint: test.mint.address, operator });
    const from = await test.requester(10n);
    await transferTokens(test.client, { mint: test.mint, from, to: operator.address, amount: units(10n) });
    expect((await test.net.rpc.getTokenAccountBalance(rail.vault as never).send()).value.amount).toBe("10");
  });

  it("refuses an address that is no mint", async () => {
    const { client, operator } = test;
    for (const mint of [operator.address, (await generateKeyPairSigner()).address]) {
      await expect(openSolanaRail({ client, mint, operator })).rejects.toMatchObject({ code: "MINT_NOT_FOUND" });
    }
  });

  it("says that the chain does not answer", async () => {
    const net = await startTestLocalnet();
    await net.close();
    net.remove();
    const client = createSolanaClient({ rpcUrl: net.rpcUrl, attempts: 2, sleep: () => Promise.resolve() });
    const opened = openSolanaRail({ client, mint: test.mint.address, operator: test.operator });
    await expect(opened).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE" });
  });
});
