import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testContext } from "../../../test/support/engine.ts";
import { offlineRail } from "../../../test/support/engine-world.ts";
import type { MarketId } from "../../core/market-id.ts";
import type { Pool } from "../../store/pool.ts";
import { dayOf } from "./place-keys.ts";
import { dayOfSealed, isSealed, open, remainsOf, seal } from "./sealed.ts";

const market = "0123456789abcdef0123456789abcdef" as MarketId;
const other = "f".repeat(32) as MarketId;
const context = testContext({} as Pool, offlineRail, { clock: () => 1_800_000_000_000 });
const bytes = fc.uint8Array({ maxLength: 300 });

describe("what is sealed", () => {
  it("is opened to the same bytes, and shows what remains without a key", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (whole, remains) => {
        const sealed = await seal(context, market, whole, remains);
        expect(isSealed(sealed)).toBe(true);
        expect(dayOfSealed(sealed)).toBe(dayOf(1_800_000_000_000));
        expect(remainsOf(sealed)).toEqual(remains);
        expect(await open(context, market, sealed)).toEqual(whole);
        expect(await open(context, other, sealed)).toBeNull();
      }),
    );
  });

  it("does not open once any bit of it was changed", async () => {
    const sealed = await seal(context, market, new Uint8Array(40).fill(7), new Uint8Array(5).fill(1));
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length * 8 - 1), async (bit) => {
        const changed = Uint8Array.from(sealed);
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        // Whoever changes the first bytes makes it something else, which no body and no state is.
        if (isSealed(changed)) expect(await open(context, market, changed).catch(() => null)).toBeNull();
      }),
    );
  });

  it("never lies under the same bytes twice, and not in the open", async () => {
    const whole = new TextEncoder().encode('{"latitudeE7":482082000}');
    const [one, two] = [
      await seal(context, market, whole, new Uint8Array()),
      await seal(context, market, whole, new Uint8Array()),
    ];
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(false);
    expect(Buffer.from(one).includes("482082000")).toBe(false);
  });

  it("is gone with its key", async () => {
    const sealed = await seal(context, market, new Uint8Array(9), new Uint8Array([1, 2]));
    await context.placeKeys.forget({ market, day: dayOfSealed(sealed) });
    expect(await open(context, market, sealed)).toBeNull();
    expect(remainsOf(sealed)).toEqual(new Uint8Array([1, 2]));
  });
});
