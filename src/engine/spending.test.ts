import { describe, expect, it } from "vitest";
import { bytes32 } from "../core/bytes.ts";
import { Spending } from "./spending.ts";

const owner = (byte: number) => bytes32(new Uint8Array(32).fill(byte));
const ticket = (byte: number) => new Uint8Array(64).fill(byte);
const dayMs = 86_400_000;

describe("what the network pays for deposits a day", () => {
  it("ends for one owner at a number, and for all at a budget", () => {
    const spending = new Spending({ perDayMax: 2, lamportsPerDayMax: 100n }, () => 0);
    spending.spend(owner(1), ticket(1), 10n);
    spending.spend(owner(1), ticket(2), 10n);
    expect(() => spending.check(owner(1))).toThrow("as often today");
    expect(() => spending.spend(owner(2), ticket(3), 81n)).toThrow("used up");
    spending.spend(owner(2), ticket(3), 80n);
    expect(() => spending.spend(owner(3), ticket(4), 1n)).toThrow("used up");
  });

  it("counts a request that is sent again once, and forgets with the day", () => {
    let now = 5 * dayMs;
    const spending = new Spending({ perDayMax: 1, lamportsPerDayMax: 10n }, () => now);
    spending.spend(owner(1), ticket(1), 10n);
    spending.spend(owner(1), ticket(1), 10n);
    now += dayMs - 1;
    expect(() => spending.check(owner(1))).toThrow();
    now += 1;
    spending.spend(owner(1), ticket(2), 10n);
  });
});
