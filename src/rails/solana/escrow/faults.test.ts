import { type Address, generateKeyPairSigner } from "@solana/kit";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { isEarnestError } from "../../../core/errors.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import { readTokenAccounts } from "../token-accounts.ts";
import { readMarket, readPool } from "./accounts.ts";
import { sendCommit } from "./commits.ts";
import { advance, type Delivery, isFinal } from "./deliveries.ts";
import type { Escrow } from "./escrow.ts";
import { type Fault, type FaultyRpc, faults, startFaultyRpc } from "./faulty-rpc.ts";
import { TestEscrow } from "./fixture.ts";
import { depositing, payIn } from "./markets.ts";
import { payClaims } from "./paying.ts";
import { signPlan } from "./transactions.ts";

let test: TestEscrow;
let market: Address;
let proxy: FaultyRpc | null = null;
beforeAll(async () => {
  test = await TestEscrow.start();
  ({ address: market } = await test.market("market", 1_000_000n));
  await test.allocate(market, 0n);
});
afterEach(async () => {
  await proxy?.close();
  proxy = null;
});
afterAll(() => test.close());

/** The escrow behind a proxy that does these things, one a call, and then nothing more. */
async function behind(list: readonly Fault[], of: (method: string) => boolean = () => true): Promise<Escrow> {
  await proxy?.close();
  let place = 0;
  proxy = await startFaultyRpc({
    target: test.net.rpcUrl,
    next: (method) => (of(method) ? (list[place++] ?? "none") : "none"),
    lateMs: 60,
  });
  return test.through(proxy.url, { callTimeoutMs: 40, attempts: 40 });
}

const isSend = (method: string): boolean => method === "sendTransaction";
const held = async (owner: Address): Promise<bigint> => {
  const account = tokenAddress(owner, test.pool.at.mint, test.pool.at.tokenProgram);
  return (await readTokenAccounts(test.client, [account], "finalized"))[0]?.amount ?? 0n;
};

const someFaults = fc.array(fc.constantFrom(...faults), { maxLength: 25 });

describe("whatever happens between client and node", () => {
  it("each commit lands once, and nobody is paid twice", async () => {
    await fc.assert(
      fc.asyncProperty(someFaults, async (list) => {
        const { pool } = test;
        const { address } = await generateKeyPairSigner();
        const { index } = test.pay(address, 7n);
        const before = await readPool(test.escrow, pool.at.pool, "finalized");
        await test.allocate(market, before.allocated + 7n);
        const message = await test.message();
        const escrow = await behind(list);
        expect(await sendCommit(escrow, pool.at, message)).toBe("committed");
        const wishes = [{ index, wallet: address }];
        const { waiting, failures } = await payClaims(escrow, pool.at, {
          source: test.source,
          wishes,
          creation: "always",
        });
        expect({ waiting, failures }).toEqual({ waiting: [], failures: [] });
        const after = await readPool(test.escrow, pool.at.pool, "finalized");
        expect({ epoch: after.epoch, digest: after.digest }).toEqual({
          epoch: before.epoch + 1n,
          digest: message.digest,
        });
        expect(after.claimed - before.claimed).toBe(7n);
        expect(await held(address)).toBe(7n);
      }),
      { numRuns: 25 },
    );
  });

  it("each deposit lands once, also where its sender dies between any two steps and another one goes on", async () => {
    const { pool } = test;
    const owner = await test.wallet(10_000n);
    await fc.assert(
      fc.asyncProperty(someFaults, async (list) => {
        const before = (await readMarket(test.escrow, market, "finalized")).deposited;
        const escrow = await behind(list);
        const instructions = [depositing(pool.at, { market, owner: owner.address, amount: amount(3n) })];
        let stored: Delivery = {
          state: "signed",
          expired: [],
          transaction: await signPlan(escrow, { instructions, signers: [owner] }),
        };
        for (let step = 0; !isFinal(stored); step++) {
          // Every third time its owner dies after the step, before it has stored what came of it.
          const next = await advance(escrow, structuredClone(stored));
          if (step % 3 !== 0) stored = next;
          await test.clock.pass(400);
        }
        expect(stored.state).toBe("finalized");
        expect((await readMarket(test.escrow, market, "finalized")).deposited - before).toBe(3n);
      }),
      { numRuns: 25 },
    );
  });

  it("heeds Retry-After", async () => {
    const { client } = await behind(["busy", "busy"]);
    const before = test.clock.now();
    await client.call((rpc) => rpc.getSlot());
    expect(test.clock.now() - before).toBeGreaterThanOrEqual(2_000);
  });
});

describe("a transaction that nobody takes", () => {
  it("expires, is signed anew and lands once", async () => {
    const { pool } = test;
    const before = (await readMarket(test.escrow, market, "finalized")).deposited;
    const owner = await test.wallet(5n);
    // It is sent again at each look: this many are dropped before its blockhash is too old.
    const escrow = await behind(Array<Fault>(160).fill("swallowed"), isSend);
    const states: Delivery[] = [];
    const keeping = {
      store: (delivery: Delivery) => {
        states.push(delivery);
        return Promise.resolve();
      },
    };
    const signature = await payIn(escrow, pool.at, { market, owner, amount: amount(5n) }, keeping);
    expect(states.map((each) => each.state)).toEqual(["signed", "sent", "expired", "signed", "sent", "finalized"]);
    expect(states.at(-1)).toMatchObject({ expired: [states[0]?.transaction.signature], transaction: { signature } });
    expect((await readMarket(test.escrow, market, "finalized")).deposited - before).toBe(5n);
  });

  it("is given up with its signature when it expires again and again", async () => {
    const owner = await test.wallet(5n);
    const escrow = await behind(Array<Fault>(2_000).fill("swallowed"), isSend);
    const slow = { ...escrow, client: { ...escrow.client, sleep: () => test.clock.pass(30_000) } };
    const error = await payIn(slow, test.pool.at, { market, owner, amount: amount(5n) }).catch((each: unknown) => each);
    expect(isEarnestError(error, "TRANSACTION_EXPIRED")).toBe(true);
    expect(await held(owner.address)).toBe(5n);
  });
});

describe("a commit whose answer never came", () => {
  it("is found on the chain instead of being sent again", async () => {
    const { pool } = test;
    const message = await test.message();
    const other = await behind(["answerLost", "answerLost"], isSend);
    expect(await sendCommit(other, pool.at, message)).toBe("committed");
    const silent = await behind(Array<Fault>(100).fill("lost"), isSend);
    expect(await sendCommit(silent, pool.at, message)).toBe("committed");
    expect(proxy?.met.get("lost")).toBeUndefined();
  });

  it("may be sent by several at once", async () => {
    const { pool, escrow } = test;
    const message = await test.message();
    const epochs = await Promise.all([1, 2, 3].map(() => sendCommit(escrow, pool.at, message)));
    expect(epochs).toEqual(["committed", "committed", "committed"]);
    expect((await readPool(escrow, pool.at.pool, "finalized")).epoch).toBe(message.body.epoch);
  });

  it("is over when its time has passed, and the next message counts", async () => {
    const { pool, escrow } = test;
    const message = await test.message();
    const dropping = await behind(Array<Fault>(2_000).fill("swallowed"), isSend);
    await expect(sendCommit(dropping, pool.at, message)).rejects.toMatchObject({ code: "COMMIT_EXPIRED_STATE" });
    expect(await sendCommit(escrow, pool.at, await test.message())).toBe("committed");
  });
});

describe("a node that is gone", () => {
  it("is CHAIN_UNAVAILABLE after its tries", async () => {
    await behind(Array<Fault>(1_000).fill("lost"));
    const escrow = test.through(proxy?.url ?? "", { attempts: 3 });
    await expect(readPool(escrow, test.pool.at.pool, "confirmed")).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE" });
  });
});
