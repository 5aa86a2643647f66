import { describe, expect, it } from "vitest";
import type { Market } from "../../contract/markets.ts";
import { earnedBesides, isExported } from "./besides.ts";

type Found = Pick<Market, "owner" | "token" | "escrow">;

const none = "0";
const escrow: Market["escrow"] = {
  deposited: "10",
  received: none,
  free: "7",
  assigned: none,
  held: none,
  appealable: none,
  appealBudget: none,
  newcomerBudget: none,
  earned: "2.5",
  bonus: "0.1",
  fee: "0.05",
  refunded: none,
  sent: none,
};

describe("markets besides the demonstration's own", () => {
  const token = { mint: "home", decimals: 6 } as Market["token"];
  const own: Found = { owner: "me", token, escrow };

  it("are a visitor's, whose results are not for others, and those in another token", () => {
    expect(isExported(own, own)).toBe(true);
    expect(isExported({ ...own, owner: "a visitor" }, own)).toBe(false);
    expect(isExported({ ...own, token: { ...token, mint: "theirs" } }, own)).toBe(false);
  });

  it("count by their books: all that was earned there; of one's own the bonuses, which no result has", () => {
    expect(earnedBesides({ ...own, owner: "a visitor" }, own)).toBe(2_600_000n);
    expect(earnedBesides(own, own)).toBe(100_000n);
    expect(earnedBesides({ ...own, token: { ...token, mint: "theirs" } }, own)).toBe(0n);
    expect(earnedBesides({ owner: "a visitor", token: { ...token, mint: "theirs" }, escrow }, own)).toBe(0n);
  });
});
