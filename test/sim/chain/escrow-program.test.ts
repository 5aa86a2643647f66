import fc from "fast-check";
import { expect, it } from "vitest";
import { amount } from "#src/core/amount";
import { type Bytes32, bytes32 } from "#src/core/bytes";
import { commitDigest, signedBytes } from "#src/core/commit/commit-message";
import { marketTree, payoutTree } from "#src/core/commit/epoch-trees";
import type { PayoutLeaf } from "#src/core/merkle/leaves";
import { sha256, verifyEd25519 } from "#src/main/crypto";
import { claim, commit, refund } from "#src/rails/solana/program/instructions";
import { keyOf } from "#src/rails/solana/program/keys";
import { type BodyChange, delays, type Escrow, freshEscrow } from "../../program/escrow.ts";
import { EscrowProgram } from "./escrow-program.ts";

/** The same acts on the real program and on the model: each is answered alike, and the counters agree after every one. */

const contributors = Array.from({ length: 5 }, (_, i) => `contributor ${i}`);
const markets = Array.from({ length: 4 }, (_, i) => `market ${i}`);

interface MarketState {
  allocated: bigint;
  openedAt: bigint;
}

class Both {
  readonly escrow: Escrow;
  readonly model: EscrowProgram;
  readonly leaves: PayoutLeaf[];
  readonly open = new Map<string, MarketState>();
  /** What commits said, the newest first. */
  readonly committed: { readonly leaves: readonly PayoutLeaf[]; readonly markets: readonly MarketLeaf[] }[] = [];
  readonly marketLeaves: MarketLeaf[] = [];

  constructor() {
    this.escrow = freshEscrow();
    const { previousDigest: _, ...place } = this.escrow.context();
    const keys = this.escrow.attestors.map(({ address }) => keyOf(address));
    const { refundDelaySeconds, deadAfterSeconds, maxValiditySeconds } = delays;
    const times = { refundDelaySeconds, deadAfterSeconds, maxValiditySeconds };
    const attestors = { threshold: 3, keys };
    this.model = new EscrowProgram({ hash: sha256, verify: verifyEd25519, place, attestors, ...times }, this.now);
    this.leaves = contributors.map((name, index) => ({
      index,
      destination: keyOf(this.escrow.putDestination(name)),
      cumulative: amount(0n),
      held: amount(0n),
    }));
  }

  get now(): bigint {
    return this.escrow.chain.now;
  }

  account(name: string): Bytes32 {
    return keyOf(this.escrow.marketOf(name).address);
  }

  openMarket(name: string): Answers {
    const said = this.escrow.said(this.escrow.preparedMarket(name).open);
    const expected = this.model.openMarket(this.now, this.account(name));
    if (said === "ok") this.open.set(name, { allocated: 0n, openedAt: this.now });
    return [said, expected];
  }

  deposit(name: string, value: bigint): Answers {
    if (!this.open.has(name)) return null;
    return [
      this.escrow.said(this.escrow.deposit(this.escrow.marketOf(name), value)),
      this.model.deposit(this.account(name), value),
    ];
  }

  earn(name: string, index: number, value: bigint, isHeld: boolean): Answers {
    const [market, leaf] = [this.open.get(name), this.leaves[index]];
    if (market === undefined || leaf === undefined) return null;
    market.allocated += value;
    const { cumulative, held } = leaf;
    const change = isHeld ? { held: amount(held + value) } : { cumulative: amount(cumulative + value) };
    this.leaves[index] = { ...leaf, ...change };
    return null;
  }

  /** Also messages that are wrong in one field, and those that too few or strangers signed. */
  commit(change: BodyChange, signers: number): Answers {
    for (const [name, { allocated, openedAt }] of this.open) {
      const leaf = { account: this.account(name), openedAt: Number(openedAt), allocated: amount(allocated) };
      const at = this.marketLeaves.findIndex(
        (each) => each.openedAt === leaf.openedAt && Buffer.compare(each.account, leaf.account) === 0,
      );
      if (at < 0) this.marketLeaves.push(leaf);
      else this.marketLeaves[at] = leaf;
    }
    this.marketLeaves.sort((a, b) => Buffer.compare(a.account, b.account) || a.openedAt - b.openedAt);
    const { pool } = this.escrow.context();
    const body = this.escrow.body({
      allocated: this.marketLeaves.reduce((sum, each) => sum + each.allocated, 0n),
      leafCount: BigInt(this.leaves.length),
      payoutRoot: payoutTree(sha256, pool, this.leaves).root(),
      marketRoot: marketTree(sha256, pool, this.marketLeaves).root(),
      ...change,
    });
    const digest = commitDigest(sha256, { context: this.escrow.context(), body });
    const by = this.escrow.attestors.slice(0, signers);
    const message = signedBytes("commit", digest);
    const said = this.escrow.said(this.escrow.signed(message, by), commit(this.escrow.at, body));
    const signatures = by.map((key) => ({
      key: keyOf(key.address),
      signature: Uint8Array.from(key.sign(message).signature),
    }));
    const expected = this.model.commit(this.now, body, { digest, by: signatures });
    if (said === "ok") {
      const isWhole = Object.keys(change).length === 0;
      this.committed.unshift(
        isWhole ? { leaves: [...this.leaves], markets: [...this.marketLeaves] } : { leaves: [], markets: [] },
      );
    }
    return [said, expected];
  }

  claim(index: number, age: number): Answers {
    const leaves = this.committed[age]?.leaves ?? [];
    const leaf = leaves[index];
    if (leaf === undefined) return null;
    const { pool } = this.escrow.context();
    const proof = payoutTree(sha256, pool, leaves).proof(index, 0);
    const told = { ...leaf, index: BigInt(index), destination: this.escrow.destination(contributors[index] as string) };
    return [this.escrow.said(claim(this.escrow.at, told, proof.siblings)), this.model.claim(leaf, proof)];
  }

  close(name: string): Answers {
    if (!this.open.has(name)) return null;
    return [
      this.escrow.said(this.escrow.close(this.escrow.marketOf(name))),
      this.model.requestClose(this.now, this.account(name)),
    ];
  }

  refund(name: string): Answers {
    const market = this.open.get(name);
    if (market === undefined) return null;
    const leaves = this.committed[0]?.markets ?? [];
    const place = leaves.findIndex(
      (each) => BigInt(each.openedAt) === market.openedAt && Buffer.compare(each.account, this.account(name)) === 0,
    );
    const { pool } = this.escrow.context();
    const leaf = leaves[place];
    const proof =
      leaf === undefined ? null : { ...marketTree(sha256, pool, leaves).proof(place), allocated: leaf.allocated };
    const { address, refundTo, rentPayer } = this.escrow.marketOf(name);
    const said = this.escrow.said(
      refund(this.escrow.at, {
        market: address,
        refundTo,
        rentPayer,
        allocated: proof?.allocated ?? 0n,
        position: BigInt(proof?.position ?? 0),
        proof: proof?.siblings ?? [],
      }),
    );
    const [expected] = this.model.refund(this.account(name), proof);
    if (said === "ok") this.open.delete(name);
    return [said, expected];
  }

  windDown(): Answers {
    return [this.escrow.said(this.escrow.windDown()), this.model.windDown(this.now)];
  }

  counters(): readonly [object, object] {
    const of = ({ epoch, floor, asOf, leafCount, deposited, refunded, allocated, claimed, digest }: Counters) => ({
      epoch,
      floor,
      asOf,
      leafCount,
      deposited,
      refunded,
      allocated,
      claimed,
      digest: Buffer.from(bytes32(digest)).toString("hex"),
    });
    return [of(this.escrow.pool), of(this.model)];
  }
}

type Answers = readonly [said: string, expected: string] | null;
type MarketLeaf = {
  readonly account: Bytes32;
  readonly openedAt: number;
  readonly allocated: ReturnType<typeof amount>;
};
type Counters = Pick<
  EscrowProgram,
  "epoch" | "floor" | "asOf" | "leafCount" | "deposited" | "refunded" | "allocated" | "claimed" | "digest"
>;

const name = fc.constantFrom(...markets);
const index = fc.nat({ max: contributors.length - 1 });
const value = fc.bigInt({ min: 1n, max: 300n });

const wrong = (both: Both): readonly BodyChange[] => {
  const { epoch, floor, asOf, allocated, leafCount } = both.model;
  return [
    { epoch },
    { epoch: epoch + 2n },
    { floor: floor === 0n ? epoch + 2n : floor - 1n },
    { asOf: both.now + 1n },
    { asOf: asOf - 1n },
    { validUntil: both.now - 1n },
    { validUntil: both.now + 100_000n },
    { allocated: allocated - 1n },
    { allocated: both.model.deposited + 1n },
    { leafCount: leafCount - 1n },
    { floor: epoch + 1n },
  ].filter((change) => Object.values(change).every((each) => each >= 0n));
};

const acts: fc.Arbitrary<(both: Both) => Answers> = fc.oneof(
  { weight: 2, arbitrary: name.map((market) => (both: Both) => both.openMarket(market)) },
  {
    weight: 4,
    arbitrary: fc.tuple(name, value).map(
      ([market, each]) =>
        (both: Both) =>
          both.deposit(market, each),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(name, index, fc.bigInt({ min: 1n, max: 40n }), fc.boolean()).map(
      ([market, who, each, isHeld]) =>
        (both: Both) =>
          both.earn(market, who, each, isHeld),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(3, 3, 3, 3, 5, 2, 0)
      .map((signers) => (both: Both) => both.commit({}, Math.max(signers, 1))),
  },
  {
    weight: 4,
    arbitrary: fc.nat().map((which) => (both: Both) => {
      const changes = wrong(both);
      return both.commit(changes[which % changes.length] as BodyChange, 3);
    }),
  },
  {
    weight: 7,
    arbitrary: fc.tuple(index, fc.nat({ max: 5 })).map(
      ([who, age]) =>
        (both: Both) =>
          both.claim(who, age),
    ),
  },
  { weight: 1, arbitrary: name.map((market) => (both: Both) => both.close(market)) },
  { weight: 3, arbitrary: name.map((market) => (both: Both) => both.refund(market)) },
  { weight: 1, arbitrary: fc.constant((both: Both) => both.windDown()) },
);

it("says what the real program says, to whatever is asked", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(fc.record({ act: acts, seconds: fc.constantFrom(1n, 1n, 1n, 30n, 61n, 400n) }), {
        minLength: 40,
        maxLength: 110,
        size: "max",
      }),
      (steps) => {
        const both = new Both();
        for (const market of markets.slice(0, 2)) {
          expect(both.openMarket(market)).toEqual(["ok", "ok"]);
          expect(both.deposit(market, 5_000n)).toEqual(["ok", "ok"]);
        }
        expect(both.commit({}, 3)).toEqual(["ok", "ok"]);
        expect(both.model.openPage(0)).toBe("ok");
        both.escrow.ok([both.escrow.openPage()]);
        for (const { act, seconds } of steps) {
          both.escrow.chain.pass(seconds);
          const answers = act(both);
          if (answers === null) continue;
          seen.add(answers[1]);
          expect(answers[1]).toBe(answers[0]);
          const [real, model] = both.counters();
          expect(model).toEqual(real);
        }
      },
    ),
    { numRuns: 6 },
  );
  // It was asked enough to be refused in many ways.
  for (const said of ["ok", "WRONG_EPOCH", "SIGNATURES_TOO_FEW", "NOTHING_DUE", "UNKNOWN_ROOT", "REFUND_TOO_EARLY"]) {
    expect([...seen], said).toContain(said);
  }
});
