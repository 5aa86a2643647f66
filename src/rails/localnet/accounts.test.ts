import { generateKeyPairSigner } from "@solana/kit";
import { AccountState, getMintEncoder, getTokenEncoder } from "@solana-program/token";
import { beforeAll, describe, expect, it } from "vitest";
import { accountFormat, accountJson } from "./account-json.ts";
import {
  Accounts,
  isMint,
  isTokenAccount,
  nativeMint,
  type StoredAccount,
  systemProgram,
  token2022Program,
  tokenProgram,
} from "./accounts.ts";
import { Config } from "./params.ts";
import type { WireJson } from "./wire-json.ts";

let [mint, alice, bob]: string[] = [];
beforeAll(async () => {
  [mint, alice, bob] = await Promise.all([1, 2, 3].map(async () => (await generateKeyPairSigner()).address as string));
});

const stored = (data: Uint8Array, owner = tokenProgram): StoredAccount => ({
  lamports: 2_039_280n,
  owner,
  executable: false,
  data,
});

type TokenArgs = Parameters<ReturnType<typeof getTokenEncoder>["encode"]>[0];
const token = (owner: string, amount: bigint, more: Partial<TokenArgs> = {}): StoredAccount =>
  stored(
    new Uint8Array(
      getTokenEncoder().encode({
        mint: mint as never,
        owner: owner as never,
        amount,
        delegate: null,
        state: AccountState.Initialized,
        isNative: null,
        delegatedAmount: 0n,
        closeAuthority: null,
        ...more,
      }),
    ),
  );

const mintAccount = (): StoredAccount =>
  stored(
    new Uint8Array(
      getMintEncoder().encode({
        mintAuthority: alice as never,
        supply: 2n ** 64n - 1n,
        decimals: 6,
        isInitialized: true,
        freezeAuthority: bob as never,
      }),
    ),
  );

/** As Token-2022 lays it out: the classic account, then a type byte and extensions. */
const extended = (account: StoredAccount, type: number): StoredAccount => {
  const data = new Uint8Array(170);
  data.set(account.data);
  data[165] = type;
  return stored(data, token2022Program);
};

describe("Accounts", () => {
  it("finds the token accounts of a wallet, as they come, change hands and go", () => {
    const accounts = new Accounts();
    accounts.set("one", token(alice as string, 1n));
    accounts.set("two", token(alice as string, 2n));
    accounts.set("three", token(bob as string, 3n));
    expect([...accounts.tokenAccountsOf(alice as string)]).toEqual(["one", "two"]);
    accounts.set("two", token(bob as string, 2n));
    expect([...accounts.tokenAccountsOf(alice as string)]).toEqual(["one"]);
    expect(new Set(accounts.tokenAccountsOf(bob as string))).toEqual(new Set(["two", "three"]));
    accounts.set("one", null);
    accounts.set("three", stored(new Uint8Array(0), systemProgram));
    expect([...accounts.tokenAccountsOf(alice as string)]).toEqual([]);
    expect([...accounts.tokenAccountsOf(bob as string)]).toEqual(["two"]);
    expect(accounts.size).toBe(2);
    expect(accounts.get("one")).toBeUndefined();
  });

  it("tells token accounts from mints, in both programs", () => {
    const account = token(alice as string, 1n);
    expect([isTokenAccount(account), isMint(account)]).toEqual([true, false]);
    expect([isTokenAccount(mintAccount()), isMint(mintAccount())]).toEqual([false, true]);
    expect([isTokenAccount(extended(account, 2)), isMint(extended(account, 2))]).toEqual([true, false]);
    expect([isTokenAccount(extended(mintAccount(), 1)), isMint(extended(mintAccount(), 1))]).toEqual([false, true]);
    const empty = stored(new Uint8Array(165));
    expect([isTokenAccount(empty), isMint(stored(new Uint8Array(82)))]).toEqual([false, false]);
    expect(isTokenAccount(stored(account.data, systemProgram))).toBe(false);
  });
});

describe("accountJson", () => {
  const parsed = (account: StoredAccount): WireJson =>
    accountJson(account, { encoding: "jsonParsed", slice: null }, () => 6);

  it("shows delegates, frozen accounts and wrapped SOL", () => {
    const account = token(alice as string, 5_000_000n, {
      delegate: bob as never,
      delegatedAmount: 1_500_000n,
      state: AccountState.Frozen,
      closeAuthority: bob as never,
      isNative: 2_039_280n,
    });
    expect(parsed(account)).toMatchObject({
      data: {
        program: "spl-token",
        space: 165,
        parsed: {
          type: "account",
          info: {
            owner: alice,
            state: "frozen",
            delegate: bob,
            delegatedAmount: { amount: "1500000", uiAmount: 1.5, uiAmountString: "1.5" },
            closeAuthority: bob,
            isNative: true,
            rentExemptReserve: { amount: "2039280" },
            tokenAmount: { amount: "5000000", decimals: 6, uiAmount: 5, uiAmountString: "5" },
          },
        },
      },
    });
  });

  it("shows mints to the last unit", () => {
    expect(parsed(mintAccount())).toMatchObject({
      data: {
        parsed: { type: "mint", info: { supply: "18446744073709551615", mintAuthority: alice, freezeAuthority: bob } },
      },
    });
    expect(parsed(extended(mintAccount(), 1))).toMatchObject({ data: { program: "spl-token-2022" } });
  });

  it("falls back to base64 for what it does not know", () => {
    expect(parsed(stored(Uint8Array.of(1, 2), systemProgram))).toMatchObject({ data: ["AQI=", "base64"], space: 2 });
    expect(parsed(stored(new Uint8Array(165)))).toMatchObject({ data: [expect.any(String), "base64"] });
  });

  it("slices, within bounds and beyond", () => {
    const account = stored(Uint8Array.of(1, 2, 3, 4), systemProgram);
    const shown = (offset: number, length: number) =>
      accountJson(account, accountFormat(new Config({ encoding: "base64", dataSlice: { offset, length } })), () => 0);
    expect(shown(1, 2)).toMatchObject({ data: ["AgM=", "base64"], space: 4 });
    expect(shown(3, 100)).toMatchObject({ data: ["BA==", "base64"] });
    expect(shown(50, 1)).toMatchObject({ data: ["", "base64"] });
  });

  it("gives a bare base58 string where no encoding is asked for, as nodes do", () => {
    const account = stored(Uint8Array.of(0, 1), systemProgram);
    expect(accountJson(account, accountFormat(new Config({})), () => 0)).toMatchObject({ data: "12" });
    expect(nativeMint).toHaveLength(43);
  });
});
