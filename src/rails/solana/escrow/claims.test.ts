import { type Address, generateKeyPairSigner } from "@solana/kit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { bytes32, fromBase58 } from "../../../core/bytes.ts";
import { payoutTree } from "../../../core/commit/epoch-trees.ts";
import { type PayoutLeaf, payoutLeafHash } from "../../../core/merkle/leaves.ts";
import { subtreeNode, verifyProof } from "../../../core/merkle/proof.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import { transferTokens } from "../tokens.ts";
import { readPool } from "./accounts.ts";
import { claimBytes, fits } from "./claim-sizes.ts";
import { type ClaimGroup, type ClaimSource, claimPlan, groupClaims } from "./claims.ts";
import { sendCommit } from "./commits.ts";
import { TestEscrow, testHash } from "./fixture.ts";
import { payClaims } from "./paying.ts";
import type { Sponsorship } from "./sponsorship.ts";
import { signPlans } from "./transactions.ts";

let test: TestEscrow;
beforeAll(async () => {
  test = await TestEscrow.start();
});
afterAll(() => test.close());

const leafOf = (index: number): PayoutLeaf => ({
  index,
  destination: testHash(Uint8Array.of(index % 256, index >> 8)),
  cumulative: amount(1n),
  held: amount(0n),
});

/** A tree that lacks these leaves. */
function sourceOf(size: number, missing: ReadonlySet<number> = new Set()): ClaimSource {
  const leaves = Array.from({ length: size }, (_, index) => leafOf(index)).filter(({ index }) => !missing.has(index));
  const tree = payoutTree(testHash, bytes32(fromBase58(test.pool.at.pool)), leaves);
  const byIndex = new Map(leaves.map((leaf) => [leaf.index, leaf]));
  return {
    root: tree.root(),
    depth: tree.depth,
    leaf: (index) => byIndex.get(index) ?? null,
    proof: (index, height) => tree.proof(index, height),
  };
}

function provesItself(source: ClaimSource, { height, leaves }: ClaimGroup): boolean {
  const pool = bytes32(fromBase58(test.pool.at.pool));
  const [first] = leaves as [PayoutLeaf];
  const hashes = leaves.map((leaf) => payoutLeafHash(testHash, pool, leaf));
  const node = subtreeNode(testHash, hashes, height);
  return node !== null && verifyProof(testHash, node, source.proof(first.index, height), source.root);
}

describe("the grouping of claims", () => {
  it("pays each once, by proofs that hold, in transactions that fit", () => {
    const many = fc.uniqueArray(fc.nat(299), { maxLength: 60 });
    fc.assert(
      fc.property(many, many, fc.constantFrom(0 as const, 1 as const), (wanted, missing, version) => {
        const source = sourceOf(300, new Set(missing.filter((index) => index !== 299)));
        const ready = wanted.flatMap((index) => source.leaf(index) ?? []).map((leaf) => ({ leaf }));
        const groups = groupClaims(source, ready, version);
        const indexes = groups.flatMap((group) => group.indexes);
        expect(indexes.toSorted((a, b) => a - b)).toEqual(
          ready.map(({ leaf }) => leaf.index).toSorted((a, b) => a - b),
        );
        for (const group of groups) {
          expect(provesItself(source, group)).toBe(true);
          expect(fits(version, group.leaves.length, source.depth - group.height)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes 8 at once in version 0, and 32 in version 1", () => {
    const source = sourceOf(1_000);
    const all = Array.from({ length: 32 }, (_, i) => ({ leaf: source.leaf(64 + i) as PayoutLeaf }));
    expect(groupClaims(source, all, 0).map((group) => group.leaves.length)).toEqual([8, 8, 8, 8]);
    expect(groupClaims(source, all, 1).map((group) => group.leaves.length)).toEqual([32]);
    expect(groupClaims(source, [], 0)).toEqual([]);
  });

  it("fits at a million leaves, with a priority fee: 4 in version 0", () => {
    expect([fits(0, 1, 20), fits(0, 4, 18), fits(0, 8, 17), fits(1, 32, 15)]).toEqual([true, true, false, true]);
    expect([fits(0, 8, 14), fits(1, 33, 15)]).toEqual([true, false]);
  });

  it("knows the size of a transaction to the byte", async () => {
    const fees = { ...test.escrow.fees, unitPriceMax: 1_000n };
    const { value } = await test.client.call((rpc) => rpc.getLatestBlockhash());
    const answers = [[{ prioritizationFee: 7n }], { value }];
    for (const version of [0, 1] as const) {
      for (const size of [1, 2, 300, 5_000]) {
        const source = sourceOf(size);
        for (const count of [1, 2, 7]) {
          if (count > size) continue;
          const ready = Array.from({ length: count }, (_, index) => ({ leaf: source.leaf(index) as PayoutLeaf }));
          const [group] = groupClaims(source, ready, version) as [ClaimGroup];
          let call = 0;
          const escrow = {
            ...test.escrow,
            fees,
            client: { ...test.client, call: () => Promise.resolve(answers[call++] as never) },
          };
          const [signed] = await signPlans(escrow, [claimPlan(test.pool.at, source, group, version)]);
          expect(claimBytes(version, group.leaves.length, source.depth - group.height)).toBe(signed?.wire.length);
        }
      }
    }
  });
});

describe("signing many", () => {
  it("never signs the same transaction twice", async () => {
    const source = sourceOf(1);
    const group = { height: 0, leaves: [leafOf(0)], indexes: [0] };
    for (const version of [0, 1] as const) {
      const plans = Array.from({ length: 100 }, () => claimPlan(test.pool.at, source, group, version));
      const signed = await signPlans(test.escrow, plans);
      expect(new Set(signed.map((each) => each.signature)).size).toBe(100);
    }
  });
});

describe("paying claims", () => {
  it("pays many in both versions, and skips who cannot be paid", async () => {
    const { pool, escrow } = test;
    const { address: market } = await test.market("claims", 1_000_000n);
    const wallets = await Promise.all(Array.from({ length: 40 }, () => generateKeyPairSigner()));
    for (const { address } of wallets) test.pay(address, 10n);
    await test.allocate(market, 400n);
    await sendCommit(escrow, pool.at, await test.message());
    const { source } = test;
    const wishes = wallets.map(({ address }, index) => ({ index, wallet: address as Address | null }));
    wishes[3] = { index: 3, wallet: (await generateKeyPairSigner()).address };
    wishes[4] = { index: 4, wallet: null };
    wishes.push({ index: 99, wallet: null });
    const [inOld, inNew] = [wishes.slice(0, 8), wishes.slice(8)];
    const old = await payClaims(escrow, pool.at, { source, wishes: inOld, creation: "always", version: 0 });
    expect(old.paid).toEqual([0, 1, 2, 5, 6, 7]);
    expect(old.waiting).toEqual([
      { index: 3, reason: "otherAccount" },
      { index: 4, reason: "noAccount" },
    ]);
    const now = await payClaims(escrow, pool.at, { source, wishes: inNew, creation: "always" });
    expect(now.paid).toHaveLength(32);
    expect(now).toMatchObject({ waiting: [{ index: 99, reason: "noLeaf" }], failures: [] });
    expect((await readPool(escrow, pool.at.pool, "finalized")).claimed).toBe(380n);
  });

  it("lets a key without SOL earn and send on, sponsored once and within the policy", async () => {
    const { pool, escrow, client, operator, mint } = test;
    const { address: market } = await test.market("sponsored", 1_000n);
    const keys = await Promise.all([generateKeyPairSigner(), generateKeyPairSigner(), generateKeyPairSigner()]);
    const first = test.payouts.length;
    keys.forEach(({ address }, i) => void test.pay(address, BigInt(10 * i + 5)));
    await test.allocate(market, 45n);
    await sendCommit(escrow, pool.at, await test.message());
    const states = new Map<number, Sponsorship>();
    const store = (state: Sponsorship) => (indexes: readonly number[]) => {
      for (const index of indexes) states.set(index, state);
      return Promise.resolve();
    };
    const creation = {
      policy: { dueMin: amount(10n), perDayMax: 10, lamportsMax: 2_100_000n },
      ledger: { stateOf: (index: number) => states.get(index) ?? "none", today: 0, lamports: 0n },
      storeGranted: store("granted"),
      storeMade: store("made"),
    };
    const wishes = keys.map(({ address }, i) => ({ index: first + i, wallet: address }));
    const outcome = await payClaims(escrow, pool.at, { source: test.source, wishes, creation });
    expect(outcome).toMatchObject({
      paid: [first + 1],
      waiting: expect.arrayContaining([
        { index: first, reason: "belowThreshold" },
        { index: first + 2, reason: "budget" },
      ]) as unknown,
    });
    expect([...states]).toEqual([[first + 1, "made"]]);
    const [, earner] = keys;
    const to = (await generateKeyPairSigner()).address;
    await transferTokens(client, { mint, from: earner, to, amount: amount(15n), payer: operator });
    const { value } = await client.call((rpc) =>
      rpc.getTokenAccountBalance(tokenAddress(to, pool.at.mint, pool.at.tokenProgram)),
    );
    expect(value.amount).toBe("15");
    expect((await client.call((rpc) => rpc.getBalance(earner.address))).value).toBe(0n);
  });

  it("says that the sponsor is empty", async () => {
    const { pool, escrow } = test;
    const payer = await generateKeyPairSigner();
    const creation = {
      policy: { dueMin: amount(0n), perDayMax: 10, lamportsMax: 1_000_000_000n },
      ledger: { stateOf: () => "none" as const, today: 0, lamports: 0n },
      storeGranted: () => Promise.reject(new Error("nothing is to be stored")),
      storeMade: () => Promise.reject(new Error("nothing was made")),
    };
    const { source } = test;
    const index = test.payouts.length - 1;
    const wallet = (await generateKeyPairSigner()).address;
    test.pay(wallet, 1n);
    const wishes = [{ index: index + 1, wallet }];
    await sendCommit(escrow, pool.at, await test.message());
    expect(source.leaf(index + 1)).toBeNull();
    const paying = payClaims({ ...escrow, payer }, pool.at, { source: test.source, wishes, creation });
    await expect(paying).rejects.toMatchObject({ code: "SPONSOR_INSUFFICIENT", context: { sponsor: payer.address } });
  });
});
