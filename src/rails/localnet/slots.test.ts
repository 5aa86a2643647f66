import { describe, expect, it } from "vitest";
import { Blockhashes, SlotClock, slotMs } from "./slots.ts";

const seed = new Uint8Array(32).fill(7);

describe("SlotClock", () => {
  it("counts slots of 400 ms from its anchor, whenever it is asked", () => {
    let now = 1_000_000;
    const clock = new SlotClock({ slot: 5, slotStartMs: now }, () => now);
    expect(clock.now()).toEqual({ slot: 5, slotStartMs: 1_000_000 });
    now += 399;
    expect(clock.now().slot).toBe(5);
    now += 2;
    expect(clock.now()).toEqual({ slot: 6, slotStartMs: 1_000_400 });
    now += 86_400_000;
    expect(clock.now().slot).toBe(6 + 216_000);
    expect(clock.startOf(7)).toBe(1_000_800);
  });

  it("goes on from the same slot when the clock steps back, not after the lost time", () => {
    let now = 10_000_000;
    const clock = new SlotClock({ slot: 100, slotStartMs: now }, () => now);
    now += 50 * slotMs;
    expect(clock.now().slot).toBe(150);
    now -= 3_600_000;
    expect(clock.now().slot).toBe(150);
    now += 3 * slotMs;
    expect(clock.now().slot).toBe(153);
  });

  it("takes up a chain whose last slot lies in the future", () => {
    let now = 1_000;
    const clock = new SlotClock({ slot: 1_000, slotStartMs: 900_000 }, () => now);
    expect(clock.now().slot).toBe(1_000);
    now += slotMs;
    expect(clock.now().slot).toBe(1_001);
  });
});

describe("Blockhashes", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(new Blockhashes(seed).at(42)).toBe(new Blockhashes(seed).at(42));
    expect(new Blockhashes(seed).at(42)).not.toBe(new Blockhashes(new Uint8Array(32)).at(42));
    expect(new Blockhashes(seed).at(42)).not.toBe(new Blockhashes(seed).at(43));
  });

  it("are good for 150 slots after their own, and not before it", () => {
    const hash = new Blockhashes(seed).at(1_000);
    for (const [now, good] of [
      [999, false],
      [1_000, true],
      [1_150, true],
      [1_151, false],
      [9_000_000, false],
    ] as const) {
      expect(new Blockhashes(seed).isRecent(hash, now), `at ${now}`).toBe(good);
    }
  });

  it("stay few in memory, however long the chain runs", () => {
    const hashes = new Blockhashes(seed);
    for (let slot = 0; slot < 20_000; slot++) hashes.at(slot);
    expect(hashes.isRecent(hashes.at(19_990), 19_999)).toBe(true);
    expect(hashes.recent(20_000)).toHaveLength(512);
    expect(hashes.recent(3)).toEqual([
      { slot: 2n, hash: hashes.at(2) },
      { slot: 1n, hash: hashes.at(1) },
      { slot: 0n, hash: hashes.at(0) },
    ]);
  });
});
