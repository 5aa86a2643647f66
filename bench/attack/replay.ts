import { createHash } from "node:crypto";
import { amount } from "#src/core/amount";
import { type Bytes32, bytes32, toBase58, toUtf8 } from "#src/core/bytes";
import { isEarnestError } from "#src/core/errors";
import { canonicalJson } from "#src/core/json";
import { marketId } from "#src/core/market-id";
import { bodyHashOf, signInText } from "#src/core/statements";
import { type ControlAnswer, controlCommitment, sealControls } from "#src/market/controls";
import { type Command, decide } from "#src/market/decide";
import { commitDraft } from "#src/market/draft";
import type { Input, Reason } from "#src/market/entries";
import { type MarketSpec, type Policy, settleMsMax, specText } from "#src/market/spec";
import { emptyLaneState, type LaneState, type SlotState, type TaskState } from "#src/market/state";
import type { Stream } from "./inject.ts";

export interface ReplayOptions {
  readonly policy: Policy;
  /** A label is decided from this probability on. */
  readonly targetPpm: number;
  /** The known answer of each control task, −1 of every other. */
  readonly controls: Int32Array;
  /** Answers of a contributor, from the first on, that are paid from the newcomer budget while it lasts. */
  readonly newcomerAnswers: number;
  /** The newcomer budget, in answers. */
  readonly newcomerBudget: number;
}

export interface Replayed {
  /** Whether each answer of the stream was paid. */
  readonly paid: Uint8Array;
  readonly reasons: readonly (Reason | null)[];
  /** How many answers came between an answer and its verdict. */
  readonly waited: Int32Array;
  readonly labels: Int32Array;
  /** Of the newcomer budget, what was spent, in answers. */
  readonly newcomerSpent: number;
  readonly models: number;
}

const reward = 1_000n;
const startMs = 1_700_000_000_000;
const hash = (bytes: Uint8Array): Bytes32 => bytes32(createHash("sha256").update(bytes).digest());
const named = (name: string): Bytes32 => hash(toUtf8(name));
const commandsPerBatch = 64;
const tasksPerBatch = 10_000;

/**
 * A market's lane, one recorded answer after the other, through `decide` as the server runs it: whoever answers takes
 * the named task, and every answer is bought.
 */
export function replay(stream: Stream, options: ReplayOptions): Replayed {
  const lane = new Lane(stream, options);
  for (let i = 0; i < stream.task.length; i++) lane.submit(i);
  return lane.close();
}

class Lane {
  readonly state: LaneState = emptyLaneState();
  readonly stream: Stream;
  readonly options: ReplayOptions;
  readonly paid: Uint8Array;
  readonly reasons: (Reason | null)[];
  readonly waited: Int32Array;
  readonly labels: Int32Array;
  /** By task and ordinal: which answer of the stream a slot has. */
  readonly #answerAt = new Map<string, number>();
  readonly #joined = new Set<number>();
  readonly #choices: readonly string[];
  /** The tasks by their number of answers, and where each of them then is. */
  readonly #tasks: Int32Array;
  readonly #placeOf: Int32Array;
  readonly #counts: Int32Array;
  /** Slots given out so far, by place. */
  readonly #given: Int32Array;
  #pending: Command[] = [];
  #timeMs = startMs;
  answers = 0;

  constructor(stream: Stream, options: ReplayOptions) {
    this.stream = stream;
    this.options = options;
    this.#counts = new Int32Array(stream.tasks);
    this.#given = new Int32Array(stream.tasks);
    for (const task of stream.task) this.#counts[task] = (this.#counts[task] as number) + 1;
    const counts = this.#counts;
    this.#tasks = Int32Array.from({ length: stream.tasks }, (_, t) => t).sort(
      (a, b) => (counts[a] as number) - (counts[b] as number) || a - b,
    );
    this.#placeOf = new Int32Array(stream.tasks);
    for (const [place, task] of this.#tasks.entries()) this.#placeOf[task] = place;
    this.#choices = Array.from({ length: stream.classes }, (_, i) => `${i}`);
    this.paid = new Uint8Array(stream.task.length);
    this.reasons = Array.from(stream.task, () => null);
    this.waited = new Int32Array(stream.task.length);
    this.labels = Int32Array.from(options.controls);
    this.#open();
  }

  #open(): void {
    const { stream, options } = this;
    const spec = this.#spec();
    const budget = amount(reward * BigInt(options.newcomerBudget));
    this.#input({
      kind: "created",
      market: marketId("0".repeat(32)),
      lane: 0,
      requester: named("requester"),
      spec: specText(spec),
    });
    this.#input({
      kind: "funded",
      amount: amount(reward * BigInt(2 * stream.task.length + 1_000) + budget),
      deposit: "",
    });
    this.#input({ kind: "opened" });
    for (let first = 0; first < stream.tasks; ) first += this.#addBatch(first);
    this.#flush();
  }

  /** Tasks from `first` on with as many recorded answers: that is their overlap. Gives how many. */
  #addBatch(first: number): number {
    const answers = this.#answersOf(first);
    let count = 1;
    while (count < tasksPerBatch && first + count < this.stream.tasks && this.#answersOf(first + count) === answers)
      count++;
    const overlap = { min: Math.max(answers, 1), max: Math.max(answers, 1), targetPpm: this.options.targetPpm };
    const controls = Array.from({ length: count }, (_, i) => first + i).flatMap((task): ControlAnswer[] => {
      const answer = this.options.controls[this.#tasks[task] as number] as number;
      return answer < 0 ? [] : [{ task, answer, salt: named(`${task}`) }];
    });
    const commitments = controls.map((each) => ({ task: each.task, commitment: controlCommitment(hash, each) }));
    this.#input(
      {
        kind: "batchAdded",
        first,
        count,
        root: named("tasks"),
        terms: canonicalJson({ overlap }),
        controls: commitments,
      },
      controls.length === 0 ? null : sealControls(controls),
    );
    return count;
  }

  readonly #answersOf = (place: number): number => this.#counts[this.#tasks[place] as number] as number;

  #spec(): MarketSpec {
    const { options } = this;
    const spec: MarketSpec = {
      version: 1,
      title: "Attack",
      kind: "label",
      terms: {
        answer: { type: "choice", choices: this.#choices },
        agreement: null,
        reward: amount(reward),
        overlap: { min: 1, max: 1, targetPpm: options.targetPpm },
        leaseMs: 60_000,
        deadlineMs: null,
        eligibility: [],
      },
      rewardMin: amount(reward),
      rewardMax: amount(reward),
      feeBasisPoints: 0,
      controls: { answeredMin: 1, accuracyPpmMin: 0 },
      policy: options.policy,
      review: null,
      appeal: { windowMs: 1_000, budget: amount(0n), panel: 1, cost: amount(0n) },
      newcomer: { answers: options.newcomerAnswers, budget: amount(reward * BigInt(options.newcomerBudget)) },
      refundDelayMs: 0,
      voidMax: 0,
    };
    return { ...spec, refundDelayMs: settleMsMax(spec, spec.terms.leaseMs) };
  }

  submit(i: number): void {
    const { stream } = this;
    const contributor = (stream.contributor[i] as number) + 1;
    const task = this.#placeOf[stream.task[i] as number] as number;
    if (!this.#joined.has(contributor)) {
      this.#joined.add(contributor);
      this.#input({
        kind: "joined",
        contributor,
        key: named(`k${contributor}`),
        owner: named(`o${contributor}`),
        automated: false,
        facts: "",
      });
    }
    this.#pending.push({ type: "assign", contributor, task, count: 1, join: null });
    const ordinal = this.#given[task] as number;
    this.#given[task] = ordinal + 1;
    this.answers++;
    this.#answerAt.set(`${task}.${ordinal}`, i);
    const answer = { answer: this.#choices[stream.label[i] as number] as string };
    this.#pending.push({
      type: "submit",
      contributor,
      session: named("session"),
      authorisation: { text: signInOf(named(`k${contributor}`)), signature: new Uint8Array(64) },
      signed: { timeMs: this.#timeMs, signature: new Uint8Array(64) },
      submissions: [
        { slot: { task, ordinal }, body: toUtf8(canonicalJson(answer)), bodyHash: bodyHashOf(hash, answer) },
      ],
      next: 0,
    });
    if (this.#pending.length >= commandsPerBatch) this.#flush();
  }

  #input(entry: Input, attachment: Uint8Array | null = null): void {
    this.#pending.push({ type: "input", record: { entry, attachment } });
    if (this.#pending.length >= commandsPerBatch) this.#flush();
  }

  #flush(): void {
    const batch = this.#pending;
    this.#pending = [];
    const { draft, appended, outcomes } = decide(this.state, this.#timeMs, batch, { hash, propose: () => [] });
    for (const outcome of outcomes) {
      if (isEarnestError(outcome)) throw outcome;
    }
    commitDraft(draft);
    for (const { entry } of appended) {
      if (entry.kind === "settled") {
        this.labels[this.#tasks[entry.task] as number] = entry.label as number;
        for (const { ordinal, verdict, reason } of entry.rulings) this.#ruled(entry.task, ordinal, verdict, reason);
      }
      if (entry.kind === "judged") this.#ruled(entry.task, entry.ordinal, entry.verdict, entry.reason);
    }
  }

  #ruled(task: number, ordinal: number, verdict: string, reason: Reason): void {
    const i = this.#answerAt.get(`${task}.${ordinal}`);
    if (i === undefined) throw new Error(`slot ${task}.${ordinal} has a verdict and no answer`);
    this.paid[i] = Number(verdict === "accepted");
    this.reasons[i] = reason;
    this.waited[i] = this.answers - i;
  }

  close(): Replayed {
    this.#flush();
    const before = this.state.books.newcomerBudget;
    this.#input({ kind: "closing" });
    this.#flush();
    for (let i = 0; i < 4; i++) {
      this.#timeMs += 60_000;
      this.#flush();
    }
    const open = [...this.state.tasks.keys()].flatMap((task) => (this.state.tasks.get(task) as TaskState).slots);
    const stuck = open.filter(({ state }) =>
      (["held", "assigned"] satisfies SlotState[] as SlotState[]).includes(state),
    );
    if (stuck.length > 0) throw new Error(`${stuck.length} answers have no verdict after the close`);
    const { paid, reasons, waited, labels } = this;
    const newcomerSpent = this.options.newcomerBudget - Number(before / reward);
    return { paid, reasons, waited, labels, newcomerSpent, models: this.state.model.version };
  }
}

/** Nobody here checks its signature. */
const signInOf = (key: Bytes32): string =>
  signInText({
    domain: "bench",
    address: toBase58(key),
    nonce: "nonce",
    issuedAt: "2023-01-01T00:00:00.000Z",
    expirationTime: "2100-01-01T00:00:00.000Z",
    sessionKey: toBase58(named("session")),
  });
