import { describe, expect, it } from "vitest";
import { named } from "../../../test/support/market-hash.ts";
import type { Result } from "../../contract/results.ts";
import { toBase58 } from "../../core/bytes.ts";
import { marketId } from "../../core/market-id.ts";
import type { Entry } from "../../market/entries.ts";
import { ResultCheck } from "./check-result.ts";
import { formatDecimal, parseDecimal } from "./decimal.ts";

const market = marketId("ab".repeat(16));
const key = (contributor: number): string => toBase58(named(`key ${contributor}`));

const submitted = (ordinal: number, contributor: number, task = 4): Entry => ({
  kind: "submitted",
  task,
  ordinal,
  contributor,
  body: named("body"),
  next: null,
});

const settled = (rulings: Extract<Entry, { kind: "settled" }>["rulings"], task = 4): Entry => ({
  kind: "settled",
  task,
  label: 0,
  confidencePpm: 970_000,
  decided: true,
  rulings,
});

type PaidAnswer = Result["paid"][number];

const paidFor = (changes: Partial<PaidAnswer> = {}): PaidAnswer => ({
  slot: "4.0",
  contributor: key(1),
  reward: "0.02",
  reason: "AGREES",
  submittedSequence: 1,
  decidedSequence: 2,
  ...changes,
});

function row(paid: readonly PaidAnswer[], changes: Partial<Result> = {}): Result {
  const head = { sequence: 9, root: "0".repeat(64), timeMs: 1, signature: `${"A".repeat(86)}==` };
  const cost = paid.reduce((sum, { reward }) => sum + parseDecimal(reward), 0n);
  return {
    id: "a",
    task: 4,
    lane: 0,
    label: "yes",
    confidence: 0.97,
    decided: true,
    control: false,
    votes: {},
    cost: formatDecimal(cost),
    paid: [...paid],
    receipt: { market, lane: 0, head, entries: [] },
    ...changes,
  };
}

const entriesOf = (...entries: readonly Entry[]): Map<number, Entry> =>
  new Map(entries.map((entry, i) => [i + 1, entry]));

const check = (given: Result, entries: ReadonlyMap<number, Entry>): bigint =>
  new ResultCheck(new Map()).check(given, entries, "file");

const reward = parseDecimal("0.02");
const label = settled([]);

describe("an answer may be paid", () => {
  const ruled = settled([{ ordinal: 0, verdict: "accepted", reason: "AGREES" }]);
  const cases: readonly (readonly [string, Entry, string])[] = [
    ["by the settlement of its task", ruled, "AGREES"],
    ["by a late verdict", { kind: "judged", task: 4, ordinal: 0, verdict: "accepted", reason: "AGREES" }, "AGREES"],
    ["by its requester", { kind: "reviewed", task: 4, ordinal: 0, accepted: true, note: "" }, "REVIEW_ACCEPTED"],
    [
      "by an appeal that was won",
      { kind: "appealSettled", task: 4, ordinal: 0, label: 1, votes: 3, won: true, rulings: [] },
      "APPEAL_WON",
    ],
    [
      "by an appeal that nobody judged",
      { kind: "appealSettled", task: 4, ordinal: 0, label: 0, votes: 0, won: true, rulings: [] },
      "APPEAL_UNANSWERED",
    ],
    [
      "for judging an appeal",
      {
        kind: "appealSettled",
        task: 4,
        ordinal: 7,
        label: 0,
        votes: 1,
        won: false,
        rulings: [{ ordinal: 0, verdict: "accepted", reason: "AGREES" }],
      },
      "AGREES",
    ],
    ["as its control was void", { kind: "controlVoided", task: 4 }, "CONTROL_VOIDED"],
  ];

  it.each(cases)("%s", (_, decided, reason) => {
    const entries = entriesOf(submitted(0, 1), decided, label);
    expect(check(row([paidFor({ reason })]), entries)).toBe(reward);
    const task = { ...decided, task: 5 } as Entry;
    expect(() => check(row([paidFor({ reason })]), entriesOf(submitted(0, 1), task, label))).toThrow("does not decide");
  });

  it("in a control task without any settlement", () => {
    const judged: Entry = { kind: "judged", task: 4, ordinal: 0, verdict: "accepted", reason: "CONTROL_MATCHED" };
    const paid = [paidFor({ reason: "CONTROL_MATCHED" })];
    expect(check(row(paid, { control: true, confidence: 1 }), entriesOf(submitted(0, 1), judged))).toBe(reward);
    expect(() => check(row(paid), entriesOf(submitted(0, 1), judged))).toThrow("no entry settles");
  });
});

describe("an answer is not paid", () => {
  const cases: readonly (readonly [string, Entry, string, string])[] = [
    [
      "after a rejection by its requester",
      { kind: "reviewed", task: 4, ordinal: 0, accepted: false, note: "" },
      "REVIEW_REJECTED",
      "was rejected",
    ],
    [
      "while it waits for review",
      { kind: "judged", task: 4, ordinal: 0, verdict: "review", reason: "UNDECIDED" },
      "UNDECIDED",
      "was review",
    ],
    [
      "after an appeal that was lost",
      { kind: "appealSettled", task: 4, ordinal: 0, label: 0, votes: 3, won: false, rulings: [] },
      "APPEAL_LOST",
      "was rejected",
    ],
    ["by an entry of another kind", { kind: "expired", task: 4, ordinal: 0 }, "AGREES", "does not decide"],
    [
      "by a settlement that does not name it",
      settled([{ ordinal: 1, verdict: "accepted", reason: "AGREES" }]),
      "AGREES",
      "does not decide",
    ],
  ];

  it.each(cases)("%s", (_, decided, reason, message) => {
    const entries = entriesOf(submitted(0, 1), decided, label);
    expect(() => check(row([paidFor({ reason })]), entries)).toThrow(message);
  });
});

describe("rows are checked against each other", () => {
  const entries = (contributor: number, task: number): Map<number, Entry> =>
    entriesOf(submitted(0, contributor, task), settled([{ ordinal: 0, verdict: "accepted", reason: "AGREES" }], task));
  const rowOf = (task: number, contributor: string, changes: Partial<PaidAnswer> = {}): Result =>
    row([paidFor({ slot: `${task}.0`, contributor, ...changes })], { task });

  it("a contributor's number means one key, and a key one number", () => {
    const checks = new ResultCheck(new Map());
    expect(checks.check(rowOf(1, key(1)), entries(1, 1))).toBe(reward);
    expect(() => checks.check(rowOf(2, key(2)), entries(1, 2))).toThrow("another contributor");
    expect(() => checks.check(rowOf(3, key(1)), entries(2, 3))).toThrow("another contributor");
    expect(checks.check(rowOf(5, key(3)), entries(3, 5))).toBe(reward);
    expect(checks.paidAnswers).toBe(2);
  });

  it("what two files pay for a slot must be the same", () => {
    const checks = new ResultCheck(new Map());
    expect(checks.check(rowOf(1, key(1)), entries(1, 1), "a")).toBe(reward);
    expect(checks.check(rowOf(1, key(1)), entries(1, 1), "b")).toBe(0n);
    expect(() => checks.check(rowOf(1, key(1), { reward: "0.03" }), entries(1, 1), "c")).toThrow("paid twice");
  });

  it("markets do not mix: the same slot and number elsewhere is another", () => {
    const checks = new ResultCheck(new Map());
    const elsewhere = rowOf(1, key(9));
    elsewhere.receipt.market = "cd".repeat(16);
    expect(checks.check(rowOf(1, key(1)), entries(1, 1))).toBe(reward);
    expect(checks.check(elsewhere, entries(1, 1))).toBe(reward);
  });

  it("a task that paid nobody costs nothing", () => {
    expect(check(row([]), entriesOf(label))).toBe(0n);
    expect(() => check(row([], { cost: "0.02" }), entriesOf(label))).toThrow("not the sum");
  });
});

describe("token amounts", () => {
  it.each([
    "0",
    "0.02",
    "1",
    "12345678901234567890",
    "0.000000000000000001",
    "99999999999999999999.999999999999999999",
  ])("%s is exact", (text) => {
    expect(formatDecimal(parseDecimal(text))).toBe(text);
  });

  it("equal amounts are equal however they are written", () => {
    expect(parseDecimal("1.50")).toBe(parseDecimal("1.5"));
    expect(formatDecimal(parseDecimal("0.10") + parseDecimal("0.20"))).toBe("0.3");
  });
});
