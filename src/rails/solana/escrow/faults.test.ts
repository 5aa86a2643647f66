import { type Address, generateKeyPairSigner } from "@solana/kit";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { isEarnestError } from "../../../core/errors.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import { readTokenAccounts } from "../token-accounts.ts";
import { readMarket, readPool } from "./accounts.ts";
import { sendCommit } from "./commits.ts";
import type { Delivery } from "./deliveries.ts";
import type { Escrow } from "./escrow.ts";
import { type Fault, type FaultyRpc, faults, startFaultyRpc } from "./faulty-rpc.ts";
import { TestEscrow } from "./fixture.ts";
import { payIn } from "./markets.ts";
import { payClaims } from "./paying.ts";

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

interface Faults {
  /** Of transactions sent, one after the other; then nothing more happens to them. */
  readonly sends?: readonly Fault[];
  readonly calls?: readonly Fault[];
}

/** The escrow behind a proxy that does these things. */
async function behind({ sends = [], calls = [] }: Faults): Promise<Escrow> {
  await proxy?.close();
  const left = { sends: sends.values(), calls: calls.values() };
  proxy = await startFaultyRpc({
    target: test.net.rpcUrl,
    next: (method) => (method === "sendTransaction" ? left.sends : left.calls).next().value ?? "none",
    lateMs: 60,
  });
  return test.through(proxy.url, { callTimeoutMs: 40, attempts: 40 });
}

const held = async (owner: Address): Promise<bigint> => {
  const account = tokenAddress(owner, test.pool.at.mint, test.pool.at.tokenProgram);
  return (await readTokenAccounts(test.client, [account], "finalized"))[0]?.amount ?? 0n;
};

const someFaults = fc.record({
  sends: fc.array(fc.constantFrom(...faults), { maxLength: 8 }),
  calls: fc.array(fc.constantFrom(...faults), { maxLength: 15 }),
});

/** Somebody who keeps a delivery, and dies before or after storing it where the list says so. */
function mortal(deaths: readonly ("lives" | "dies before" | "dies after")[]) {
  const fates = deaths.values();
  const keeping = {
    stored: null as Delivery | null,
    store: (delivery: Delivery): Promise<void> => {
      const fate = fates.next().value ?? "lives";
      if (fate !== "dies before") keeping.stored = structuredClone(delivery);
      return fate === "lives" ? Promise.resolve() : Promise.reject(new Death());
    },
  };
  return keeping;
}

class Death extends Error {}
const someDeaths = fc.array(fc.constantFrom("lives" as const, "dies before" as const, "dies after" as const), {
  maxLength: 8,
});

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
    const owner = await test.wallet(10_000n);
    const deposited = async () => (await readMarket(test.escrow, market, "finalized")).deposited;
    await fc.assert(
      fc.asyncProperty(someFaults, someDeaths, async (list, deaths) => {
        const before = await deposited();
        const escrow = await behind(list);
        const keeping = mortal(deaths);
        for (let done = false; !done; ) {
          try {
            await payIn(escrow, test.pool.at, { market, owner, amount: amount(3n) }, keeping);
            done = true;
          } catch (error) {
            if (!(error instanceof Death)) throw error;
          }
        }
        expect(keeping.stored?.state).toBe("finalized");
        expect((await deposited()) - before).toBe(3n);
      }),
      { numRuns: 30 },
    );
  });

  it("heeds Retry-After", async () => {
    const { client } = await behind({ calls: ["busy", "busy"] });
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
    const escrow = await behind({ sends: Array<Fault>(160).fill("swallowed") });
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
    const escrow = await behind({ sends: Array<Fault>(2_000).fill("swallowed") });
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
    const other = await behind({ sends: ["answerLost", "answerLost"] });
    expect(await sendCommit(other, pool.at, message)).toBe("committed");
    const silent = await behind({ sends: Array<Fault>(100).fill("lost") });
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
    const dropping = await behind({ sends: Array<Fault>(2_000).fill("swallowed") });
    await expect(sendCommit(dropping, pool.at, message)).rejects.toMatchObject({ code: "COMMIT_EXPIRED_STATE" });
    expect(await sendCommit(escrow, pool.at, await test.message())).toBe("committed");
  });
});

describe("a node that is gone", () => {
  it("is CHAIN_UNAVAILABLE after its tries", async () => {
    await behind({ calls: Array<Fault>(1_000).fill("lost") });
    const escrow = test.through(proxy?.url ?? "", { attempts: 3 });
    await expect(readPool(escrow, test.pool.at.pool, "confirmed")).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE" });
  });
});
