import { type Amount, amount } from "../../src/core/amount.ts";
import { type Bytes32, toBase58, toUtf8 } from "../../src/core/bytes.ts";
import { type EarnestError, type ErrorCode, isEarnestError } from "../../src/core/errors.ts";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import { type MarketId, marketId } from "../../src/core/market-id.ts";
import type { Slot } from "../../src/core/slot.ts";
import { bodyHashOf, runningHash, signInText } from "../../src/core/statements.ts";
import { purseTotal } from "../../src/ledger/purse.ts";
import { type ControlAnswer, controlCommitment, sealControls } from "../../src/market/controls.ts";
import { type Command, decide, type Offer, type Outcome, type SlotOutcome } from "../../src/market/decide.ts";
import { commitDraft } from "../../src/market/draft.ts";
import type { EntryKind, EntryOf, Input } from "../../src/market/entries.ts";
import { fillFirst, type Proposer } from "../../src/market/propose.ts";
import { type MarketSpec, settleMsMax, specText, type Terms } from "../../src/market/spec.ts";
import { emptyLaneState, type Facts, type LaneState, type Member, type MemberSession } from "../../src/market/state.ts";
import type { Appended } from "../../src/market/step.ts";
import type { Answer } from "../../src/verification/answers/answer.ts";
import { named, sha256 } from "./market-hash.ts";

/** A lane to test with: the shortest way from an empty state to one in which contributors work. */

export const requesterKey = named("requester");
export const startMs = 1_700_000_000_000;

export interface SpecParts extends Partial<Omit<MarketSpec, "terms">> {
  readonly terms?: Partial<Terms>;
}

/** Three answers of 1,000 base units to a task with two choices, unless the parts say otherwise. */
export function specWith(parts: SpecParts = {}): MarketSpec {
  const terms: Terms = {
    answer: { type: "choice", choices: ["yes", "no"] },
    agreement: null,
    reward: amount(1_000n),
    overlap: { min: 3, max: 3, targetPpm: 600_000 },
    leaseMs: 60_000,
    deadlineMs: null,
    eligibility: [],
    ...parts.terms,
  };
  const spec: MarketSpec = {
    version: 1,
    title: "Test",
    kind: "judgement",
    rewardMin: amount(0n),
    rewardMax: amount(1_000_000n),
    feeBasisPoints: 200,
    controls: { answeredMin: 1, accuracyPpmMin: 0 },
    policy: null,
    review: null,
    appeal: { windowMs: 60_000, budget: amount(0n), panel: 1, cost: amount(0n) },
    newcomer: null,
    refundDelayMs: 0,
    voidMax: 10,
    ...parts,
    terms,
  };
  return { ...spec, refundDelayMs: Math.max(spec.refundDelayMs, settleMsMax(spec, terms.leaseMs)) };
}

export const controlFor = (task: number, answer: Answer): ControlAnswer => ({
  task,
  answer,
  salt: named(`salt ${task}`),
});

export function bodyFields(answer: Json, evidence?: Json): { body: Uint8Array; bodyHash: Bytes32 } {
  const body = evidence === undefined ? { answer } : { answer, evidence };
  return { body: toUtf8(canonicalJson(body)), bodyHash: bodyHashOf(sha256, body) };
}

/** A sign-in that authorises a session; who signs it is up to the test. */
export const signInOf = (key: Bytes32, session: Bytes32): string =>
  signInText({
    domain: "earnest.test",
    address: toBase58(key),
    nonce: "nonce",
    issuedAt: "2023-01-01T00:00:00.000Z",
    expirationTime: "2100-01-01T00:00:00.000Z",
    sessionKey: toBase58(session),
  });

/** That of a contributor of `commands.joined`, whose signature nobody here checks. */
export const testAuthorisation = (contributor: number) => ({
  text: signInOf(named(`key ${contributor}`), named(`session ${contributor}`)),
  signature: new Uint8Array(64).fill(contributor),
});

const submit = (
  contributor: number,
  submissions: readonly { readonly slot: Slot; readonly answer: Json; readonly evidence?: Json }[],
  timeMs: number,
  next = 0,
): Extract<Command, { type: "submit" }> => ({
  type: "submit",
  contributor,
  session: named(`session ${contributor}`),
  authorisation: testAuthorisation(contributor),
  signed: { timeMs, signature: new Uint8Array(64).fill(contributor) },
  submissions: submissions.map(({ slot, answer, evidence }) => ({ slot, ...bodyFields(answer, evidence) })),
  next,
});

const testMarket = marketId("00112233445566778899aabbccddeeff");

export const commands = {
  input: <Kind extends Input["kind"]>(
    kind: Kind,
    fields: Omit<EntryOf<Kind>, "kind">,
    attachment: Uint8Array | null = null,
  ): Command => ({ type: "input", record: { entry: { kind, ...fields } as unknown as Input, attachment } }),

  created: (spec: MarketSpec, lane = 0, market = testMarket): Command =>
    commands.input("created", {
      market,
      lane,
      requester: requesterKey,
      spec: specText(spec),
    }),

  funded: (value: bigint): Command =>
    commands.input("funded", { amount: amount(value), deposit: `deposit of ${value}` }),

  batch: (first: number, count: number, terms: Json | null = null, controls: readonly ControlAnswer[] = []): Command =>
    commands.input(
      "batchAdded",
      {
        first,
        count,
        root: named(`tasks ${first}`),
        terms: terms === null ? "" : canonicalJson(terms),
        controls: controls.map((each) => ({ task: each.task, commitment: controlCommitment(sha256, each) })),
      },
      controls.length === 0 ? null : sealControls(controls),
    ),

  joined: (contributor: number, owner = `owner ${contributor}`, facts: Partial<Facts> = {}): Command =>
    commands.input("joined", {
      contributor,
      key: named(`key ${contributor}`),
      owner: named(owner),
      automated: false,
      facts: Object.keys(facts).length === 0 ? "" : canonicalJson(facts as unknown as Json),
    }),

  assign: (contributor: number, task: number | null, count = 1): Command => ({
    type: "assign",
    contributor,
    task,
    count,
    join: null,
  }),

  submit,

  /** The same by the session's token alone. */
  carry: (...given: Parameters<typeof submit>): Command => ({ ...submit(...given), signed: null }),

  /** A checkpoint over the first submissions that a session of a member brought; all of them where no count is given. */
  cover: (
    contributor: number,
    session: MemberSession,
    count = session.coveredCount + session.uncovered.length,
    by = session.key,
  ): Command => ({
    type: "cover",
    authorisation: testAuthorisation(contributor),
    entry: {
      kind: "covered",
      contributor,
      session: session.key,
      by,
      count,
      running: runningHash(sha256, session.running, session.uncovered.slice(0, count - session.coveredCount)),
      signature: new Uint8Array(64).fill(contributor),
    },
  }),

  challenge: (contributor: number, task: number): Command => ({ type: "challenge", contributor, task }),

  appeal: (contributor: number, slot: Slot): Command => ({ type: "appeal", contributor, slot }),
} as const;

/** Drives one lane like the engine does: decide, commit, acknowledge. Every step fails loudly. */
export class TestLane {
  readonly state: LaneState;
  readonly log: Appended[] = [];
  readonly propose: Proposer;
  timeMs = startMs;

  constructor(propose: Proposer = fillFirst, state: LaneState = emptyLaneState()) {
    this.propose = propose;
    this.state = state;
  }

  /** Decides a batch at the current time and commits it. */
  batch(batch: readonly Command[]): readonly (Outcome | EarnestError)[] {
    const decision = decide(this.state, this.timeMs, batch, { hash: sha256, propose: this.propose });
    commitDraft(decision.draft);
    this.log.push(...decision.appended);
    return decision.outcomes;
  }

  /** One command that must be admitted. */
  do(command: Command): Outcome {
    const [outcome] = this.batch([command]);
    if (outcome === undefined) throw new Error("no outcome");
    if (isEarnestError(outcome)) throw outcome;
    return outcome;
  }

  /** One command that must be refused; gives the error. */
  refuse(command: Command, code?: ErrorCode): EarnestError {
    const size = this.log.length;
    const [outcome] = this.batch([command]);
    if (!isEarnestError(outcome, code)) throw new Error(`not refused as ${code}: ${JSON.stringify(outcome)}`);
    const followed = this.log.slice(size).some(({ entry }) => entry.kind === (command as { type: string }).type);
    if (followed) throw new Error("a refused command left an entry");
    return outcome;
  }

  wait(ms: number): readonly Appended[] {
    const size = this.log.length;
    this.timeMs += ms;
    this.batch([]);
    return this.log.slice(size);
  }

  join(...contributors: readonly number[]): void {
    for (const contributor of contributors) this.do(commands.joined(contributor));
  }

  take(contributor: number, task: number): Slot {
    return (this.do(commands.assign(contributor, task)).offers[0] as Offer).slot;
  }

  submit(contributor: number, slot: Slot, answer: Json, evidence?: Json): SlotOutcome {
    const submission = { slot, answer, ...(evidence !== undefined && { evidence }) };
    return this.do(commands.submit(contributor, [submission], this.timeMs)).slots[0] as SlotOutcome;
  }

  /** Takes a slot of the task and answers it. */
  answer(contributor: number, task: number, answer: Json, evidence?: Json): SlotOutcome {
    return this.submit(contributor, this.take(contributor, task), answer, evidence);
  }

  member(contributor: number): Member {
    return this.state.members.get(contributor) as Member;
  }

  earned(contributor: number): Amount {
    return purseTotal(this.member(contributor).purse);
  }

  entries<Kind extends EntryKind>(kind: Kind): EntryOf<Kind>[] {
    return this.log.flatMap(({ entry }) => (entry.kind === kind ? [entry as EntryOf<Kind>] : []));
  }

  /** What the log says a slot ended with: the last verdict on it. */
  verdicts(slot: Slot): string[] {
    return verdictsOn(this.log, slot);
  }
}

/** Every word of the log on one slot, oldest first: "accepted AGREES", "expired", … */
export function verdictsOn(log: readonly Appended[], slot: Slot): string[] {
  const here = (each: Slot): boolean => each.task === slot.task && each.ordinal === slot.ordinal;
  return log.flatMap(({ entry }): string[] => {
    switch (entry.kind) {
      case "judged":
      case "verified":
        return here(entry) ? [`${entry.verdict} ${entry.reason}`] : [];
      case "settled":
      case "appealSettled":
      case "challengeSettled":
        return entry.rulings
          .filter(({ ordinal }) => here({ task: entry.task, ordinal }))
          .map(({ verdict, reason }) => `${verdict} ${reason}`);
      case "expired":
      case "released":
      case "voided":
      case "faulted":
        return here(entry) ? [entry.kind] : [];
      default:
        return [];
    }
  });
}

export interface LaneParts {
  readonly market?: MarketId;
  readonly spec?: SpecParts;
  readonly deposit?: bigint;
  readonly tasks?: number;
  readonly controls?: readonly ControlAnswer[];
  readonly members?: number;
  readonly propose?: Proposer;
}

/** A lane that is created, funded, opened, with a batch of tasks and some contributors, numbered from 1. */
export function openLane(parts: LaneParts = {}): TestLane {
  const { deposit = 1_000_000n, tasks = 10, controls = [], members = 5, propose = fillFirst } = parts;
  const lane = new TestLane(propose);
  lane.do(commands.created(specWith(parts.spec), 0, parts.market));
  lane.do(commands.funded(deposit));
  lane.do(commands.input("opened", {}));
  if (tasks > 0) lane.do(commands.batch(0, tasks, null, controls));
  for (let contributor = 1; contributor <= members; contributor++) lane.join(contributor);
  return lane;
}

/** Closes the market and lets time pass until nothing is due any more. */
export function closeAndSettle(lane: TestLane): void {
  lane.do(commands.input("closing", {}));
  const { refundDelayMs } = lane.state.spec as MarketSpec;
  for (let i = 0; i < 8; i++) lane.wait(Math.ceil(refundDelayMs / 4) + 1_000);
}
