import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TestLane } from "../../test/support/market.ts";
import { ruledByComposition } from "../../test/support/market-compositions.ts";
import { sha256 } from "../../test/support/market-hash.ts";
import {
  beginning,
  byNumber,
  commandOf,
  plainSpecArbitrary,
  type Turn,
  turnArbitrary,
} from "../../test/support/market-random.ts";
import { toHex } from "../core/bytes.ts";
import { Field } from "../core/field.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { formatSlot, type Slot } from "../core/slot.ts";
import { matchShare } from "../verification/agreement/agree-on.ts";
import { readEvidence } from "../verification/algebra/read-case.ts";
import type { Verdict } from "../verification/algebra/verdict.ts";
import { verify } from "../verification/algebra/verify.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { answerJson, readAnswer } from "../verification/answers/answer-schema.ts";
import {
  type Attestation,
  type Context,
  type Decision,
  type Evidence,
  emptyContext,
  type Quorum,
  type Vote,
} from "../verification/primitives/evidence.ts";
import { parseJson } from "./body.ts";
import { type ControlAnswer, openControls } from "./controls.ts";
import type { EntryOf } from "./entries.ts";
import { agreementOf } from "./right.ts";
import { type MarketSpec, parseSpecText, parseTermsText, type Terms } from "./spec.ts";
import type { Appended } from "./step.ts";

interface Sent {
  readonly contributor: number;
  readonly atMs: number;
  readonly evidence: Evidence;
  readonly answer: Answer;
}

/** Records of control tasks as they stood before a command. */
type Records = ReadonlyMap<number, { readonly answered: number; readonly right: number; readonly checked: number }>;

/** What the entries of a log say of each submission, read without the market's own code for it. */
class Story {
  timeMs = 0;
  spec: MarketSpec | null = null;
  requester = "";
  readonly batches: { readonly first: number; readonly count: number; readonly terms: Terms }[] = [];
  readonly controls = new Map<number, ControlAnswer & { readonly commitment: string }>();
  readonly owners = new Map<number, string>();
  readonly leases = new Map<string, { readonly fromMs: number; readonly toMs: number }>();
  readonly sent = new Map<string, Sent>();
  readonly labels = new Map<number, { readonly label: Answer; readonly decided: boolean }>();
  readonly paid = new Map<string, number>();
  readonly appealable = new Set<string>();
  /** Tasks with open appeals, and the slots given out while there was one. */
  readonly appealed = new Set<string>();
  readonly panels = new Set<string>();
  /** Rejected before their task settled, or ended without a verdict. */
  readonly out = new Set<string>();

  take({ entry, attachment }: Appended): void {
    switch (entry.kind) {
      case "created":
        this.spec = parseSpecText(entry.spec);
        this.requester = toHex(entry.requester);
        break;
      case "timed":
        this.timeMs = entry.timeMs;
        break;
      case "batchAdded": {
        const spec = this.spec as MarketSpec;
        const { first, count } = entry;
        this.batches.push({ first, count, terms: entry.terms === "" ? spec.terms : parseTermsText(spec, entry.terms) });
        for (const [i, control] of openControls(sha256, entry.controls, attachment).entries()) {
          const commitment = toHex((entry.controls[i] as { commitment: Uint8Array }).commitment);
          this.controls.set(control.task, { ...control, commitment });
        }
        break;
      }
      case "joined":
        this.owners.set(entry.contributor, toHex(entry.owner));
        break;
      case "assigned":
        this.#assigned(entry, entry.expiresAtMs);
        break;
      case "submitted":
        this.#submitted(entry, attachment as Uint8Array);
        break;
      case "settled":
        this.labels.set(entry.task, entry);
        break;
      case "verified":
        if (entry.verdict === "accepted") this.#pays(entry);
        if (entry.verdict === "rejected" && entry.units > 0) this.appealable.add(formatSlot(entry));
        // Whoever missed a control that is void by now is heard like anybody.
        if (entry.verdict === "rejected" && !this.labels.has(entry.task) && entry.reason !== "CONTROL_MISSED")
          this.out.add(formatSlot(entry));
        break;
      case "voided":
        this.out.add(formatSlot(entry));
        break;
      case "judged":
        if (entry.verdict === "accepted" && entry.reason === "REVIEW_LATE") this.#pays(entry);
        if (entry.verdict === "rejected") this.appealable.add(formatSlot(entry));
        break;
      case "reviewed":
        if (entry.accepted) this.#pays(entry);
        else this.appealable.add(formatSlot(entry));
        break;
      case "appealed":
        this.appealed.add(formatSlot(entry));
        break;
      case "released":
        this.appealable.delete(formatSlot(entry));
        break;
      case "appealSettled":
        this.appealed.delete(formatSlot(entry));
        this.appealable.delete(formatSlot(entry));
        if (entry.won) this.#pays(entry);
        break;
      case "controlVoided":
        this.controls.delete(entry.task);
        for (const at of this.appealable) {
          const [task, ordinal] = at.split(".").map(Number) as [number, number];
          if (task !== entry.task) continue;
          this.appealable.delete(at);
          this.#pays({ task, ordinal });
        }
        break;
      default:
    }
  }

  #assigned(slot: Slot, toMs: number): void {
    if ([...this.appealed].some((at) => at.startsWith(`${slot.task}.`))) this.panels.add(formatSlot(slot));
    this.leases.set(formatSlot(slot), { fromMs: this.timeMs, toMs });
  }

  #submitted(entry: EntryOf<"submitted">, body: Uint8Array): void {
    const { answer, evidence = {} } = parseJson(body) as { readonly answer: Json; readonly evidence?: Json };
    this.sent.set(formatSlot(entry), {
      contributor: entry.contributor,
      atMs: this.timeMs,
      evidence: readEvidence(new Field(evidence, "evidence")),
      answer: readAnswer(this.termsOf(entry.task).answer, answer),
    });
    if (entry.next !== null) this.#assigned(entry.next, entry.next.expiresAtMs);
  }

  #pays(slot: Slot): void {
    const owner = this.owners.get((this.sent.get(formatSlot(slot)) as Sent).contributor) as string;
    this.paid.set(owner, (this.paid.get(owner) ?? 0) + 1);
  }

  termsOf(task: number): Terms {
    return (this.batches.find(({ first, count }) => task >= first && task < first + count) as { terms: Terms }).terms;
  }

  verdict(slot: Slot, records: Records, review: Decision | null = null): Verdict {
    const spec = this.spec as MarketSpec;
    const sent = this.sent.get(formatSlot(slot)) as Sent;
    const schema = this.termsOf(slot.task).answer;
    const evidence = { ...sent.evidence, answer: answerJson(schema, sent.answer) };
    const verification = spec.verification as NonNullable<MarketSpec["verification"]>;
    return verify(verification, evidence, this.#context(slot, sent, records, review));
  }

  #context(slot: Slot, sent: Sent, records: Records, review: Decision | null): Context {
    const terms = this.termsOf(slot.task);
    const control = this.controls.get(slot.task);
    const label = this.labels.get(slot.task);
    const target = control?.answer ?? label?.label;
    const { matchPpmMin: _, ...parameters } = agreementOf(terms);
    const people = (answer: Answer): Json => answerJson(terms.answer, answer);
    const record = records.get(sent.contributor) ?? { answered: 0, right: 0, checked: 0 };
    const { window, place, digests, values } = terms.known as NonNullable<Terms["known"]>;
    return {
      ...emptyContext,
      nowMs: this.timeMs,
      attestation: this.#attestation(slot, sent),
      control:
        control === undefined
          ? null
          : { answer: people(control.answer), commitment: control.commitment, isVoid: false },
      record: { answered: record.answered, right: record.right },
      settled:
        control !== undefined || label === undefined ? null : { answer: people(label.label), isDecided: label.decided },
      scorePpm: target === undefined ? null : matchShare(terms.answer, sent.answer, target, parameters),
      quorums: control !== undefined || label === undefined ? {} : { page: this.#quorum(slot.task) },
      digests,
      values,
      window,
      place,
      undecidedAtMs: this.timeMs,
      review,
      standing: { acceptedAtMs: null, checked: record.checked, events: 0 },
    };
  }

  #quorum(task: number): Quorum {
    const votes = [...this.sent].flatMap(([at, { contributor, evidence }]): Vote[] => {
      const digest = evidence.digests["page"];
      if (!at.startsWith(`${task}.`) || this.panels.has(at) || this.out.has(at) || digest === undefined) return [];
      return [{ owner: this.owners.get(contributor) as string, digest }];
    });
    return { votes, isExhausted: true };
  }

  #attestation(slot: Slot, { contributor, atMs }: Sent): Attestation {
    const { fromMs, toMs } = this.leases.get(formatSlot(slot)) as { fromMs: number; toMs: number };
    const owner = this.owners.get(contributor) as string;
    const others = [...this.sent].filter(([at]) => at.startsWith(`${slot.task}.`) && at !== formatSlot(slot));
    return {
      isSigned: true,
      nonce: null,
      isNonceUsed: false,
      assignedAtMs: fromMs,
      expiresAtMs: toMs,
      receivedAtMs: atMs,
      owner,
      requesterOwner: this.requester,
      taskOwners: others.map(([, each]) => this.owners.get(each.contributor) as string),
      acceptedOfOwner: this.paid.get(owner) ?? 0,
    };
  }
}

const reviewNeeded = ({ needs }: Verdict): boolean => needs.some((need) => need.for === "review");

/** Holds one entry to what `verify` says of the same evidence, and what is known, at that moment. */
function expectSame(story: Story, entry: EntryOf<"verified">, records: Records): void {
  const found = story.verdict(entry, records);
  const said = (verdict: Verdict): unknown[] => [
    verdict.verdict,
    verdict.units,
    verdict.reserveUnits,
    canonicalJson(verdict.reasons as unknown as Json),
  ];
  if (found.verdict === "accepted") {
    expect(["accepted", entry.units, entry.reserve, entry.findings]).toEqual(said(found));
  } else if (found.verdict === "rejected") {
    expect([entry.verdict, entry.findings]).toEqual([found.verdict, canonicalJson(found.reasons as unknown as Json)]);
  } else {
    expect(reviewNeeded(found)).toBe(true);
    const [yes, no] = [true, false].map((isAccepted) =>
      story.verdict(entry, records, { isAccepted, atMs: story.timeMs }),
    ) as [Verdict, Verdict];
    if (entry.verdict === "review") {
      expect([yes.verdict, no.verdict, yes.units]).toEqual(["accepted", "rejected", entry.units]);
    } else expect([yes.verdict, no.verdict]).toEqual([entry.verdict, entry.verdict]);
  }
}

function recordsOf(lane: TestLane): Records {
  const { members } = lane.state;
  return new Map(
    [...members.keys()].map((each) => {
      const { controlsAnswered, controlsRight, judged } = lane.member(each);
      return [each, { answered: controlsAnswered, right: controlsRight, checked: controlsAnswered + judged }];
    }),
  );
}

/** Lives command by command, so that what was known before each is known here. */
function liveSlowly(
  spec: MarketSpec,
  turns: readonly Turn[],
  see: (appended: readonly Appended[], before: Records) => void,
): void {
  const lane = new TestLane(byNumber);
  const step = (commands: Parameters<TestLane["batch"]>[0]): void => {
    const size = lane.log.length;
    const before = recordsOf(lane);
    lane.batch(commands);
    see(lane.log.slice(size), before);
  };
  for (const command of beginning({ spec, deposit: 50_000_000n, turns })) step([command]);
  for (const { waitMs, actions } of turns) {
    lane.timeMs += waitMs;
    step([]);
    for (const action of actions) {
      // Several at a time would change the records between them.
      const command = action.kind === "submitMany" ? null : commandOf(lane.state, lane.timeMs, action);
      if (command !== null) step([command]);
    }
  }
}

describe("a composition in a market", () => {
  const rules = plainSpecArbitrary.map((spec) => ({ ...spec, policy: null })).chain(ruledByComposition);

  it("gives each submission the verdict that verify gives on the same evidence", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(rules, fc.array(turnArbitrary, { minLength: 20, maxLength: 60 }), (spec, turns) => {
        const story = new Story();
        liveSlowly(spec, turns, (appended, before) => {
          const changed = new Set<number>();
          let isRecordOld = false;
          for (const each of appended) {
            const { entry } = each;
            if (entry.kind === "controlVoided" || entry.kind === "appealSettled") isRecordOld = true;
            if (entry.kind === "verified") {
              const { contributor } = story.sent.get(formatSlot(entry)) as Sent;
              if (!isRecordOld && !changed.has(contributor)) {
                expectSame(story, entry, before);
                seen.add(`${entry.verdict} ${entry.reason}`);
              }
              changed.add(contributor);
            }
            story.take(each);
          }
          expectJudged(story, appended, before);
        });
      }),
      { numRuns: 100 },
    );
    const verdicts = new Set([...seen].map((each) => each.split(" ")[0]));
    expect(verdicts).toEqual(new Set(["accepted", "rejected", "review"]));
    for (const reason of [
      "PLACE_FAR",
      "DIGEST_DIFFERS",
      "EVIDENCE_MISSING",
      "CONTROL_MISSED",
      "SCORE_LOW",
      "CAP_EXCEEDED",
    ]) {
      expect([...seen]).toContain(`rejected ${reason}`);
    }
  });
});

/** What is still held after its submission is what `verify` holds. */
function expectJudged(story: Story, appended: readonly Appended[], records: Records): void {
  const judged = new Set(appended.flatMap(({ entry }) => (entry.kind === "verified" ? [formatSlot(entry)] : [])));
  const [sent] = appended.flatMap(({ entry }) => (entry.kind === "submitted" ? [entry] : []));
  // Panels are judged by their appeals.
  const isOfPanel = sent !== undefined && story.panels.has(formatSlot(sent));
  if (sent === undefined || judged.has(formatSlot(sent)) || isOfPanel) return;
  expect(story.verdict(sent, records).verdict).toBe("held");
}
