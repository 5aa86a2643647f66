import { describe, expect, it } from "vitest";
import {
  accountOf,
  type Called,
  create,
  limit,
  messageOf,
  move,
  people,
  someAddress,
  stealSol,
} from "../../test/support/transfer-message.ts";
import type { Withdrawal } from "../contract/withdrawals.ts";
import { toBase64 } from "../core/bytes.ts";
import { type AskedTransfer, messageToSign, UnaskedTransfer } from "./withdrawals.ts";

const asked: AskedTransfer = {
  from: people.owner,
  to: people.to,
  amount: "0.000007",
  mint: people.mint,
  decimals: 6,
};

function plan(instructions: readonly Called[], amount = "0.000007"): Withdrawal {
  const message = toBase64(messageOf(instructions));
  return {
    id: "0c".repeat(16),
    from: people.owner,
    to: people.to,
    mint: people.mint,
    amount,
    state: "planned",
    paidByNetwork: { feeLamports: 10_000, rentLamports: 0 },
    toSign: { message, transaction: message },
    plannedAtMs: 0,
    expiresAtMs: 1,
    transaction: null,
    problem: null,
  };
}

describe("what a contributor's key signs", () => {
  it("is the transfer that was asked for", () => {
    expect(messageToSign(plan([limit(), create(), move(7)]), asked)).toEqual(messageOf([limit(), create(), move(7)]));
    expect(messageToSign(plan([move(7)]), asked)).toEqual(messageOf([move(7)]));
  });

  it("may be everything, where everything was asked for: so much as the plan says", () => {
    const all = { ...asked, amount: null };
    expect(messageToSign(plan([move(9)], "0.000009"), all)).toEqual(messageOf([move(9)]));
    expect(() => messageToSign(plan([move(9)], "0.000007"), all)).toThrow("sends another amount");
  });

  const stranger = someAddress("stranger");
  it.each<[string, readonly Called[], Partial<AskedTransfer>]>([
    ["does something else than send tokens", [move(7), stealSol], {}],
    ["does something else than send tokens", [], {}],
    ["sends another amount", [move(8)], {}],
    ["sends to another wallet", [move(7, { to: accountOf(stranger) })], {}],
    ["sends to another wallet", [create(stranger), move(7, { to: accountOf(stranger) })], {}],
    ["takes from another token account", [move(7, { from: accountOf(stranger) })], {}],
    ["sends another token", [move(7, { mint: stranger })], {}],
    ["is not of this wallet", [move(7)], { from: stranger }],
    ["makes a token account of another wallet", [create(stranger, accountOf(people.to)), move(7)], {}],
  ])("is never one that %s", (problem, instructions, change) => {
    const sign = () => messageToSign(plan(instructions), { ...asked, ...change });
    expect(sign).toThrow(UnaskedTransfer);
    expect(sign).toThrow(problem);
  });

  it("is nothing where a server gives nothing to sign", () => {
    expect(() => messageToSign({ ...plan([move(7)]), toSign: null }, asked)).toThrow(UnaskedTransfer);
  });
});
