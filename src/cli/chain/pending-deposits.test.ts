import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Address, KeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { type Amount, amount } from "../../core/amount.ts";
import { readMarket } from "../../rails/solana/escrow/accounts.ts";
import { type Delivery, newDelivery } from "../../rails/solana/escrow/deliveries.ts";
import { type Fault, startFaultyRpc } from "../../rails/solana/escrow/faulty-rpc.ts";
import { TestEscrow } from "../../rails/solana/escrow/fixture.ts";
import { isOff, PendingDeposits, payInOnce } from "./pending-deposits.ts";

let test: TestEscrow;
let market: Address;
let owner: KeyPairSigner;
beforeAll(async () => {
  test = await TestEscrow.start();
  ({ address: market } = await test.market("market", 1n));
  owner = await test.wallet(1_000_000_000n);
});
afterAll(() => test.close());

const place = () => ({ cluster: test.escrow.cluster, account: market });
const deposited = async (): Promise<bigint> => (await readMarket(test.escrow, market, "finalized")).deposited;
const delivery = (changes: Partial<Delivery> = {}): Delivery => ({
  ...newDelivery({ signature: "5".repeat(88), wire: Uint8Array.of(1, 2, 255), lastValidBlockHeight: 2n ** 60n }, ["a"]),
  ...changes,
});
const five = amount(5_000_000n);

describe("the folder of pending deposits", () => {
  it("gives back what was stored, of each amount, until it is removed", async () => {
    const folder = temporaryFolder();
    const pending = await PendingDeposits.open(folder, place());
    expect([await pending.list(), await pending.get(five)]).toEqual([[], null]);
    await pending.store(five, delivery());
    await pending.store(amount(7n), delivery({ state: "sent" }));
    pending.close();
    const later = await PendingDeposits.open(folder, place());
    expect(await later.get(five)).toEqual(delivery());
    expect((await later.list()).toSorted((a, b) => Number(a.amount - b.amount))).toEqual([
      { amount: 7n, delivery: delivery({ state: "sent" }) },
      { amount: five, delivery: delivery() },
    ]);
    await later.remove(five);
    await later.remove(five);
    expect(await later.get(five)).toBeNull();
    later.close();
  });

  it("keeps markets and clusters apart", async () => {
    const folder = temporaryFolder();
    const pending = await PendingDeposits.open(folder, place());
    await pending.store(five, delivery());
    for (const other of [
      { ...place(), account: "other" },
      { ...place(), cluster: "other" },
    ]) {
      const elsewhere = await PendingDeposits.open(folder, other);
      expect(await elsewhere.get(five)).toBeNull();
      elsewhere.close();
    }
    pending.close();
  });

  it("lets nobody else read, and one process at a time write", async () => {
    const folder = temporaryFolder();
    const pending = await PendingDeposits.open(folder, place());
    await pending.store(five, delivery());
    const own = join(folder, "deposits", `${place().cluster}-${market}`);
    expect(statSync(own).mode & 0o777).toBe(0o700);
    expect(statSync(join(own, "5000000.json")).mode & 0o777).toBe(0o600);
    expect(readdirSync(own).toSorted()).toEqual(["5000000.json", "lock"]);
    await expect(PendingDeposits.open(folder, place())).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    pending.close();
    (await PendingDeposits.open(folder, place())).close();
  });

  it("refuses a damaged file instead of paying again", async () => {
    const folder = temporaryFolder();
    const pending = await PendingDeposits.open(folder, place());
    await pending.store(five, delivery());
    const path = join(folder, "deposits", `${place().cluster}-${market}`, "5000000.json");
    const whole = readFileSync(path, "utf8");
    for (const text of [
      "",
      "{}",
      whole.slice(0, -20),
      whole.replace('"signed"', '"paid"'),
      whole.replace("1,", "2,"),
    ]) {
      writeFileSync(path, text);
      await expect(pending.get(five), text).rejects.toMatchObject({ code: "MALFORMED_FILE" });
    }
    pending.close();
  });

  it("knows which deposits never will be", () => {
    const off = (["signed", "sent", "finalized", "failed", "expired"] as const).filter((state) =>
      isOff(delivery({ state })),
    );
    expect(off).toEqual(["failed", "expired"]);
  });
});

/** The node answers so many calls; then the last one, and everything after it, is lost, on the way there or back. */
async function cutAfter(calls: number, last: Fault) {
  let left = calls;
  const proxy = await startFaultyRpc({
    target: test.net.rpcUrl,
    next: () => (left-- > 0 ? "none" : left === -1 ? last : "lost"),
  });
  return { proxy, escrow: test.through(proxy.url, { attempts: 1 }), isCut: () => left < 0 };
}

/** Dies where a deposit is stored for the nth time, before or after. */
class MortalDeposits {
  #left: number;
  readonly #pending: PendingDeposits;
  readonly #isStored: boolean;
  constructor(pending: PendingDeposits, left: number, isStored: boolean) {
    this.#pending = pending;
    this.#left = left;
    this.#isStored = isStored;
  }
  get isDead(): boolean {
    return this.#left < 0;
  }
  as(): PendingDeposits {
    const get = (value: Amount) => this.#pending.get(value);
    const store = async (value: Amount, each: Delivery): Promise<void> => {
      const dies = this.#left-- <= 0;
      if (!dies || this.#isStored) await this.#pending.store(value, each);
      if (dies) throw new Error("dead");
    };
    return { get, store } as PendingDeposits;
  }
}

describe("a deposit that is cut short", () => {
  const depositing = (value: Amount) => ({ market, owner, amount: value });

  it.each(["lost", "answerLost"] as const)(
    "at any call to the node (%s) is made once by its repetition",
    async (last) => {
      const pending = await PendingDeposits.open(temporaryFolder(), place());
      let cuts = 0;
      for (let calls = 0; ; calls++) {
        const before = await deposited();
        const value = amount(BigInt(100 + calls));
        const { proxy, escrow, isCut } = await cutAfter(calls, last);
        await payInOnce(escrow, test.pool.at, depositing(value), pending).catch(() => null);
        await proxy.close();
        if (isCut()) cuts++;
        await payInOnce(test.escrow, test.pool.at, depositing(value), pending);
        expect((await deposited()) - before, `after ${calls} calls`).toBe(value);
        await pending.remove(value);
        if (!isCut()) break;
      }
      expect(cuts).toBeGreaterThan(4);
      pending.close();
    },
  );

  it.each([false, true])("where it is stored (done: %s) is made once by its repetition", async (isStored) => {
    const pending = await PendingDeposits.open(temporaryFolder(), place());
    let isDead = true;
    for (let stores = 0; isDead; stores++) {
      const before = await deposited();
      const mortal = new MortalDeposits(pending, stores, isStored);
      await payInOnce(test.escrow, test.pool.at, depositing(five), mortal.as()).catch(() => null);
      isDead = mortal.isDead;
      await payInOnce(test.escrow, test.pool.at, depositing(five), pending);
      expect((await deposited()) - before, `after ${stores} stores`).toBe(five);
      await pending.remove(five);
    }
    pending.close();
  });

  it("is another one with another amount, and again once it was forgotten", async () => {
    const pending = await PendingDeposits.open(temporaryFolder(), place());
    const before = await deposited();
    const [one, two] = [amount(11n), amount(13n)];
    const first = await payInOnce(test.escrow, test.pool.at, depositing(one), pending);
    expect(await payInOnce(test.escrow, test.pool.at, depositing(one), pending)).toBe(first);
    await payInOnce(test.escrow, test.pool.at, depositing(two), pending);
    await pending.remove(one);
    expect(await payInOnce(test.escrow, test.pool.at, depositing(one), pending)).not.toBe(first);
    expect((await deposited()) - before).toBe(35n);
    pending.close();
  });

  it.each(["expired", "failed"] as const)("begins anew where it had %s", async (state) => {
    const pending = await PendingDeposits.open(temporaryFolder(), place());
    await pending.store(five, delivery({ state }));
    const before = await deposited();
    await payInOnce(test.escrow, test.pool.at, depositing(five), pending);
    expect((await deposited()) - before).toBe(five);
    expect(await pending.get(five)).toMatchObject({ state: "finalized", expired: [] });
    pending.close();
  });

  it("is not begun where the tokens do not suffice", async () => {
    const pending = await PendingDeposits.open(temporaryFolder(), place());
    const poor = await test.wallet(1n);
    const asked = { market, owner: poor, amount: five };
    await expect(payInOnce(test.escrow, test.pool.at, asked, pending)).rejects.toMatchObject({
      code: "TOKENS_INSUFFICIENT",
    });
    expect(await pending.list()).toEqual([]);
    pending.close();
  });
});
