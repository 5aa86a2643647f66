import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amount } from "../core/amount.ts";
import { decode, encode } from "../core/codec.ts";
import {
  accounts,
  type Books,
  booksCodec,
  bringIn,
  emptyBooks,
  isConserved,
  sources,
  transfer,
  unspent,
} from "./books.ts";
import {
  credit,
  emptyPurse,
  endHoldback,
  holdBack,
  type Purse,
  purseCodec,
  purseTotal,
  returnStake,
  setReserveTarget,
  slash,
  stake,
} from "./purse.ts";

const values = fc.bigInt({ min: 0n, max: 10_000n }).map(amount);
const account = fc.constantFrom(...accounts);

describe("books", () => {
  const movement = fc.oneof(
    fc.record({ type: fc.constant("in" as const), source: fc.constantFrom(...sources), to: account, value: values }),
    fc.record({ type: fc.constant("move" as const), from: account, to: account, value: values }),
  );

  /** Makes a movement; a refused one must not change anything. */
  function move(books: Books, each: typeof movement extends fc.Arbitrary<infer T> ? T : never): void {
    if (each.type === "in") {
      bringIn(books, each.source, each.to, each.value);
      return;
    }
    const before = { ...books };
    if (before[each.from] >= each.value) transfer(books, each.from, each.to, each.value);
    else {
      expect(() => transfer(books, each.from, each.to, each.value)).toThrow(/An invariant does not hold/);
      expect(books).toEqual(before);
    }
  }

  it("are conserved by every movement, and no account falls below nothing", () => {
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 60 }), (movements) => {
        const books = emptyBooks();
        for (const each of movements) {
          move(books, each);
          expect(isConserved(books)).toBe(true);
          expect(accounts.every((name) => books[name] >= 0n)).toBe(true);
        }
        const { free, assigned, held, appealable, appealBudget, newcomerBudget } = books;
        expect(unspent(books)).toBe(free + assigned + held + appealable + appealBudget + newcomerBudget);
        expect(decode(booksCodec, encode(booksCodec, books), "books")).toEqual(books);
      }),
    );
  });

  it("show where money was made from nothing", () => {
    const books = emptyBooks();
    bringIn(books, "deposited", "free", amount(5n));
    expect(isConserved({ ...books, free: amount(6n) })).toBe(false);
    expect(isConserved({ ...books, refunded: amount(1n) })).toBe(false);
  });

  it("say which account holds too little", () => {
    const books = emptyBooks();
    bringIn(books, "received", "held", amount(5n));
    expect(() => transfer(books, "held", "earned", amount(6n))).toThrow("6 from held, which holds 5");
  });
});

describe("a purse", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("credit" as const), value: values }),
    fc.record({ type: fc.constant("target" as const), value: values }),
    fc.record({ type: fc.constant("stake" as const), value: values }),
    fc.record({ type: fc.constant("return" as const), value: values }),
    fc.record({ type: fc.constant("slash" as const), value: values }),
    fc.record({ type: fc.constant("hold back" as const), value: values }),
    fc.record({ type: fc.constant("let go" as const), value: values }),
  );

  it("holds what was earned and not slashed; what is released stays so; the reserve stops at its target", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const purse: Purse = emptyPurse();
        let earned = 0n;
        for (const { type, value } of steps) {
          const before = { ...purse };
          const part = amount(purse.staked === 0n ? 0n : value % (purse.staked + 1n));
          if (type === "credit") {
            credit(purse, value);
            earned += value;
            const pledge = purse.target > purse.heldBack ? purse.target : purse.heldBack;
            expect(purse.held + purse.staked <= pledge || purse.held === before.held).toBe(true);
          } else if (type === "target") setReserveTarget(purse, value);
          else if (type === "stake") stake(purse, amount(purse.held === 0n ? 0n : value % (purse.held + 1n)));
          else if (type === "return") returnStake(purse, part);
          else if (type === "hold back") holdBack(purse, amount(value % 1_000_000n));
          else if (type === "let go")
            endHoldback(purse, amount(purse.heldBack === 0n ? 0n : value % (purse.heldBack + 1n)));
          else {
            slash(purse, part);
            earned -= part;
          }
          expect(purseTotal(purse)).toBe(earned);
          expect(purse.released).toBeGreaterThanOrEqual(before.released);
          expect(purse.held >= 0n && purse.staked >= 0n).toBe(true);
        }
        expect(decode(purseCodec, encode(purseCodec, purse), "purse")).toEqual(purse);
      }),
      { numRuns: 500 },
    );
  });

  it("fills the reserve before it releases anything", () => {
    const purse = emptyPurse();
    setReserveTarget(purse, amount(100n));
    credit(purse, amount(60n));
    expect(purse).toMatchObject({ held: 60n, released: 0n });
    credit(purse, amount(60n));
    expect(purse).toMatchObject({ held: 100n, released: 20n });
  });

  it("releases what a lower target no longer asks for, but no stake", () => {
    const purse = emptyPurse();
    setReserveTarget(purse, amount(100n));
    credit(purse, amount(100n));
    stake(purse, amount(70n));
    setReserveTarget(purse, amount(50n));
    expect(purse).toMatchObject({ held: 0n, staked: 70n, released: 30n });
    returnStake(purse, amount(70n));
    expect(purse).toMatchObject({ held: 50n, staked: 0n, released: 50n });
  });

  it("keeps what a market holds back, also where nothing was pledged, until it lets go", () => {
    const purse = emptyPurse();
    holdBack(purse, amount(20n));
    credit(purse, amount(100n));
    expect(purse).toMatchObject({ held: 20n, released: 80n });
    setReserveTarget(purse, amount(0n));
    expect(purse).toMatchObject({ held: 20n, released: 80n });
    // A reserve that was pledged anyway is held back as well: the greater of the two counts.
    setReserveTarget(purse, amount(50n));
    credit(purse, amount(100n));
    expect(purse).toMatchObject({ held: 50n, released: 150n });
    endHoldback(purse, amount(20n));
    expect(purse).toMatchObject({ held: 50n, released: 150n });
    setReserveTarget(purse, amount(0n));
    expect(purse).toMatchObject({ held: 0n, released: 200n });
    expect(() => endHoldback(purse, amount(1n))).toThrow(/not an amount/);
  });

  it("cannot stake more than it holds", () => {
    const purse = emptyPurse();
    credit(purse, amount(10n));
    expect(() => stake(purse, amount(1n))).toThrow(/not an amount/);
    expect(() => slash(purse, amount(1n))).toThrow(/not an amount/);
  });
});
