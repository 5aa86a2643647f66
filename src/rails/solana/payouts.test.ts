import { generateKeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sumAmounts } from "../../core/amount.ts";
import { startTestRail, type TestRail, units } from "../rail-fixture.ts";

let test: TestRail;
beforeAll(async () => {
  test = await startTestRail();
});
afterAll(() => test.close());

const freshOwners = (count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, async () => (await generateKeyPairSigner()).address as string));

const payAll = async (payouts: Parameters<TestRail["rail"]["preparePayouts"]>[0]) => {
  const prepared = await test.rail.preparePayouts(payouts);
  await Promise.all(prepared.map((each) => test.rail.send(each)));
  return prepared;
};

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
    const held = await test.rail.heldBy(owners);
    for (const { destination, amount } of payouts) expect(held.get(destination)).toBe(amount);
    expect(sumAmounts(held.values())).toBe(20_100n);
  });
});
