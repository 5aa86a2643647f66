import type { Result } from "../../contract/results.ts";
import { parseSlot, type Slot, slotKey } from "../../core/slot.ts";
import type { Entry, Reason, Ruling } from "../../market/entries.ts";
import type { ProvedEntries } from "./check-acknowledgement.ts";
import { parseDecimal } from "./decimal.ts";
import type { MarketFacts } from "./market-facts.ts";
import { refuse } from "./refused.ts";

interface Claim {
  readonly file: string;
  readonly reward: bigint;
}

type PaidAnswer = Result["paid"][number];

/**
 * Checks that a row says what its proved entries say: who answered, what the verdict was, what was paid for it. Rows
 * are also checked against each other: no slot is paid twice, and a contributor's number always means the same key.
 */
export class ResultCheck {
  /** Paid answers in good rows, each counted once. */
  paidAnswers = 0;
  /** What slots were paid, and the file that said so, by lane of a market. */
  readonly #paid = new Map<string, Map<number, Claim>>();
  readonly #keys = new Map<string, string>();
  readonly #facts: ReadonlyMap<string, MarketFacts>;

  constructor(facts: ReadonlyMap<string, MarketFacts>) {
    this.#facts = facts;
  }

  /**
   * What is paid by this row, in units of `parseDecimal`; 0 where another file has the same row already.
   *
   * @throws Refused
   */
  check(row: Result, entries: ProvedEntries, file = ""): bigint {
    if (row.receipt.lane !== row.lane) refuse("the receipt is of another lane");
    const facts = this.#facts.get(row.receipt.market);
    checkSettlement(row, entries, facts);
    const rewards = row.paid.map((answer) => this.#checkAnswer(row, answer, entries, facts));
    const total = rewards.reduce((sum, reward) => sum + reward, 0n);
    // All slots of a task have one price, of which a composition may pay a part.
    const isVerified = [...entries.values()].some(({ kind }) => kind === "verified");
    if (!isVerified && rewards.some((reward) => reward !== rewards[0]))
      refuse("the task's answers were paid differently");
    if (parseDecimal(row.cost) !== total) refuse(`the cost ${row.cost} is not the sum of the rewards`);
    if (this.#claim(row, rewards[0] ?? 0n, file)) return 0n;
    this.paidAnswers += row.paid.length;
    return total;
  }

  #checkAnswer(row: Result, answer: PaidAnswer, entries: ProvedEntries, facts: MarketFacts | undefined): bigint {
    const slot = parseSlot(answer.slot);
    if (slot.task !== row.task) refuse(`slot ${answer.slot} is of another task`);
    const submitted = entryAt(entries, answer.submittedSequence);
    if (submitted.kind !== "submitted" || !isSlot(submitted, slot)) {
      refuse(`entry ${answer.submittedSequence} does not submit slot ${answer.slot}`);
    }
    const ruling = rulingOn(entryAt(entries, answer.decidedSequence), slot);
    if (ruling === null) refuse(`entry ${answer.decidedSequence} does not decide slot ${answer.slot}`);
    if (ruling.verdict !== "accepted") refuse(`slot ${answer.slot} was ${ruling.verdict}, not accepted`);
    if (ruling.reason !== answer.reason) refuse(`slot ${answer.slot} was accepted for ${ruling.reason}`);
    this.#checkContributor(row, submitted.contributor, answer);
    facts?.checkAnswer(submitted.contributor, answer, slot);
    return parseDecimal(answer.reward);
  }

  #checkContributor({ receipt }: Result, contributor: number, { slot, contributor: key }: PaidAnswer): void {
    for (const [name, value] of [
      [`${receipt.market}#${contributor}`, key],
      [`${receipt.market}@${key}`, `${contributor}`],
    ] as const) {
      const known = this.#keys.get(name);
      if (known !== undefined && known !== value) refuse(`slot ${slot} names another contributor than its entry`);
      this.#keys.set(name, value);
    }
  }

  /**
   * Marks the row's slots as paid once all of the row is good; true where another file had marked them. An export may
   * be there in two forms, but within one file no slot comes twice.
   */
  #claim({ receipt, paid }: Result, reward: bigint, file: string): boolean {
    const name = `${receipt.market}/${receipt.lane}`;
    const claimed = this.#paid.get(name) ?? new Map<number, Claim>();
    this.#paid.set(name, claimed);
    const keys = paid.map(({ slot }) => slotKey(parseSlot(slot)));
    for (const [i, key] of keys.entries()) {
      const before = claimed.get(key);
      const isTwice = before?.file === file || keys.indexOf(key) !== i;
      if (isTwice || (before !== undefined && before.reward !== reward)) refuse(`slot ${paid[i]?.slot} is paid twice`);
    }
    const repeated = keys.filter((key) => claimed.has(key)).length;
    if (repeated > 0 && repeated < keys.length) refuse("some of its slots are paid by a row of another file");
    for (const key of keys) if (!claimed.has(key)) claimed.set(key, { file, reward });
    return repeated > 0;
  }
}

function checkSettlement(row: Result, entries: ProvedEntries, facts: MarketFacts | undefined): void {
  const all = [...entries.values()].filter((entry) => "task" in entry && entry.task === row.task);
  const settled =
    all.find((entry) => entry.kind === "challengeSettled" && entry.outcome === "overturned") ??
    all.find((entry) => entry.kind === "settled");
  if (settled?.kind !== "settled" && settled?.kind !== "challengeSettled") {
    if (!row.control) refuse("no entry settles the task");
    return;
  }
  // A panel that changes a label has decided.
  if ((settled.kind === "challengeSettled" || settled.decided) !== row.decided)
    refuse("the row and its entry differ on whether the label is decided");
  if (Math.abs(settled.confidencePpm / 1_000_000 - row.confidence) > 1e-9) refuse("the confidence is not its entry's");
  // An appeal that was won corrects the label after the task settled.
  if (!row.paid.some(({ reason }) => reason === "APPEAL_WON")) facts?.checkLabel(row.task, settled.label, row.label);
}

const entryAt = (entries: ProvedEntries, sequence: number): Entry =>
  entries.get(sequence) ?? refuse(`the receipt lacks entry ${sequence}`);

const isSlot = (entry: Slot, slot: Slot): boolean => entry.task === slot.task && entry.ordinal === slot.ordinal;

/** What an entry says of a slot. Whether an appeal was won depends on the answer, which the entry does not hold. */
function rulingOn(entry: Entry, slot: Slot): { verdict: Ruling; reason: Reason } | null {
  switch (entry.kind) {
    case "judged":
    case "verified":
      return isSlot(entry, slot) ? entry : null;
    case "settled":
    case "challengeSettled":
      return entry.task === slot.task ? (entry.rulings.find(({ ordinal }) => ordinal === slot.ordinal) ?? null) : null;
    case "reviewed":
      if (!isSlot(entry, slot)) return null;
      return entry.accepted
        ? { verdict: "accepted", reason: "REVIEW_ACCEPTED" }
        : { verdict: "rejected", reason: "REVIEW_REJECTED" };
    case "appealSettled":
      if (entry.task !== slot.task) return null;
      if (entry.ordinal !== slot.ordinal) return entry.rulings.find(({ ordinal }) => ordinal === slot.ordinal) ?? null;
      if (entry.votes === 0) return { verdict: "accepted", reason: "APPEAL_UNANSWERED" };
      return entry.won ? { verdict: "accepted", reason: "APPEAL_WON" } : { verdict: "rejected", reason: "APPEAL_LOST" };
    case "controlVoided":
      return entry.task === slot.task ? { verdict: "accepted", reason: "CONTROL_VOIDED" } : null;
    default:
      return null;
  }
}
