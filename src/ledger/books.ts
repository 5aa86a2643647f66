import { type Amount, addAmounts, amount, subtractAmounts, sumAmounts, zero } from "../core/amount.ts";
import { type Codec, struct, u64 } from "../core/codec.ts";
import { earnestError } from "../core/errors.ts";

/**
 * The money of one lane. Every movement is a transfer from one account to another, so nothing appears or vanishes:
 * `deposited + received = ` the sum of all the others. `sent` and `received` are the two ends of a transfer between
 * lanes; what was sent and not yet received is in transit.
 */
export const accounts = [
  "free",
  "assigned",
  "held",
  "appealable",
  "appealBudget",
  "newcomerBudget",
  "earned",
  "bonus",
  "fee",
  "refunded",
  "sent",
] as const;

export type Account = (typeof accounts)[number];

/** Where money comes from: a finalized deposit on chain, or another lane. */
export const sources = ["deposited", "received"] as const;
export type Source = (typeof sources)[number];

export type Books = Record<Account | Source, Amount>;

export const emptyBooks = (): Books => ({
  deposited: zero,
  received: zero,
  free: zero,
  assigned: zero,
  held: zero,
  appealable: zero,
  appealBudget: zero,
  newcomerBudget: zero,
  earned: zero,
  bonus: zero,
  fee: zero,
  refunded: zero,
  sent: zero,
});

/** @throws INVARIANT_MISMATCH where the account holds too little: callers check before, this is the last line. */
export function transfer(books: Books, from: Account, to: Account, value: Amount): void {
  if (books[from] < value) {
    throw earnestError("INVARIANT_MISMATCH", { what: `${value} from ${from}, which holds ${books[from]}` });
  }
  books[from] = subtractAmounts(books[from], value);
  books[to] = addAmounts(books[to], value);
}

export function bringIn(books: Books, source: Source, to: Account, value: Amount): void {
  books[source] = addAmounts(books[source], value);
  books[to] = addAmounts(books[to], value);
}

export function isConserved(books: Books): boolean {
  return books.deposited + books.received === sumAmounts(accounts.map((account) => books[account]));
}

/** What is neither paid out nor gone: it must still be in the escrow. */
export function unspent(books: Books): Amount {
  return amount(
    books.deposited + books.received - books.earned - books.bonus - books.fee - books.refunded - books.sent,
  );
}

export const booksCodec: Codec<Books> = struct({
  deposited: u64<Amount>(),
  received: u64<Amount>(),
  free: u64<Amount>(),
  assigned: u64<Amount>(),
  held: u64<Amount>(),
  appealable: u64<Amount>(),
  appealBudget: u64<Amount>(),
  newcomerBudget: u64<Amount>(),
  earned: u64<Amount>(),
  bonus: u64<Amount>(),
  fee: u64<Amount>(),
  refunded: u64<Amount>(),
  sent: u64<Amount>(),
});
