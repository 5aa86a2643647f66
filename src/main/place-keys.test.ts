import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { MarketId } from "../core/market-id.ts";
import { placeKeysIn } from "./place-keys.ts";

const folder = mkdtempSync(join(tmpdir(), "earnest-place-keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const market = "0123456789abcdef0123456789abcdef" as MarketId;

describe("keys of exact places in a folder", () => {
  it("are the same for processes that make one at the same time, and readable by their owner alone", async () => {
    const processes = Array.from({ length: 8 }, () => placeKeysIn(folder));
    const keys = await Promise.all(processes.map((each) => each.make({ market, day: 20_000 })));
    for (const key of keys) expect(key).toEqual(keys[0]);
    expect(keys[0]).toHaveLength(32);
    expect(readdirSync(folder)).toEqual([`${market}-20000.key`]);
    expect(statSync(join(folder, `${market}-20000.key`)).mode & 0o777).toBe(0o600);
    expect(await placeKeysIn(folder).find({ market, day: 20_000 })).toEqual(keys[0]);
  });

  it("are another one each day and market, and gone once they are forgotten, by whoever it was", async () => {
    const [one, two] = [placeKeysIn(folder), placeKeysIn(folder)];
    const other = "f".repeat(32) as MarketId;
    const made = [await one.make({ market, day: 20_001 }), await one.make({ market: other, day: 20_001 })];
    expect(Buffer.from(made[0] as Uint8Array).equals(made[1] as Uint8Array)).toBe(false);
    writeFileSync(join(folder, "beside.txt"), "");
    expect(await two.all()).toHaveLength(3);
    await two.forget({ market, day: 20_001 });
    await one.forget({ market, day: 20_001 });
    expect(await one.find({ market, day: 20_001 })).toBeNull();
    expect(await two.all()).toHaveLength(2);
  });

  it("tries again where one could not be made", async () => {
    const late = join(folder, "late");
    const keys = placeKeysIn(late);
    await expect(keys.make({ market, day: 1 })).rejects.toThrow("ENOENT");
    const { mkdir } = await import("node:fs/promises");
    await mkdir(late);
    expect(await keys.make({ market, day: 1 })).toHaveLength(32);
  });
});
