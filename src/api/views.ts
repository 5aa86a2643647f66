import type { ApiKey as WireApiKey } from "../contract/api-keys.ts";
import type { Challengeable } from "../contract/challenge-routes.ts";
import type { Commit } from "../contract/commits.ts";
import type { SessionCoverage as WireCoverage } from "../contract/coverage.ts";
import type { MarketEvent } from "../contract/events.ts";
import type { Escrow, Market } from "../contract/markets.ts";
import type { Network, Totals as WireTotals } from "../contract/network.ts";
import type { Policy as WirePolicy } from "../contract/policy.ts";
import type { SignedHead, Acknowledgement as WireAcknowledgement, LogPage as WireLog } from "../contract/receipts.ts";
import type { Result } from "../contract/results.ts";
import type { Me } from "../contract/sessions.ts";
import type { Task } from "../contract/tasks.ts";
import type { Terms as WireTerms } from "../contract/terms.ts";
import type { Token } from "../contract/tokens.ts";
import type { Offer, Submission, Verdict } from "../contract/work.ts";
import { bytes32 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import { formatSlot } from "../core/slot.ts";
import type { ChallengeView } from "../engine/challenges.ts";
import type {
  Acknowledgement,
  ApiKey,
  CommitView,
  ContributorView,
  EventView,
  SignedHead as Head,
  LogPage,
  MarketView,
  NetworkView,
  OfferView,
  ResultView,
  SessionCoverage,
  SubmissionView,
  TaskView,
  TokenBalance,
  TokenView,
  Totals,
  VerdictView,
} from "../engine/types.ts";
import { templateOf } from "../market/guide.ts";
import { type MarketSpec, type Policy, type Requirement, specToJson, type Terms } from "../market/spec.ts";
import { explanationView } from "./explanation-view.ts";
import { fromPpm, isObject, type Money, writeBytes, writeHash, writeKey } from "./values.ts";

/** What the engine says, as it looks on the wire. One function a thing; `money` knows the token's decimals. */

export const coverageView = (money: Money, view: SessionCoverage): WireCoverage => ({
  session: writeKey(view.session),
  count: view.count,
  running: writeHash(view.running),
  submissions: view.submissions.map(({ slot, body }) => ({ slot: formatSlot(slot), bodyHash: writeHash(body) })),
  pay: money.write(view.pay),
});

export const tokenView = (view: TokenView): Token => ({ ...view });

export const networkView = (view: NetworkView): Network => ({
  ...view,
  tokens: view.tokens.map(tokenView),
  attestors: { threshold: view.attestors.threshold, keys: view.attestors.keys.map(writeKey) },
  signer: writeKey(view.signer),
});

export const commitView = (view: CommitView): Commit => ({
  epoch: `${view.body.epoch}`,
  state: view.state,
  digest: writeHash(view.digest),
  message: writeBytes(view.message),
  asOf: `${view.body.asOf}`,
  validUntil: `${view.body.validUntil}`,
  allocated: `${view.body.allocated}`,
  leafFile: view.hasLeafFile,
  signatures: view.signatures.map(signatureView),
  outcomes: view.outcomes.map((said) => ({ ...said, ...signatureView(said) })),
  proposedAtMs: view.proposedAtMs,
  committedAtMs: view.committedAtMs,
});

const signatureView = ({ key, signature }: { readonly key: Uint8Array; readonly signature: Uint8Array }) => ({
  key: writeKey(bytes32(key)),
  signature: writeBytes(signature),
});

export const totalsView = (money: Money, view: Totals): WireTotals => ({
  mint: view.mint,
  earned: money.write(view.earned),
  fee: money.write(view.fee),
  refunded: money.write(view.refunded),
  settled: money.write(view.settled),
  contributorsPaid: view.contributorsPaid,
});

export const apiKeyView = (key: ApiKey): WireApiKey => ({
  id: key.id,
  owner: writeKey(key.owner),
  mode: key.mode,
  name: key.name,
  createdAtMs: key.createdAtMs,
  revokedAtMs: key.revokedAtMs,
});

/** `moneys` are those of its balances, in their order. */
export const meView = (view: ContributorView, moneys: readonly Money[]): Me => {
  const balances = view.balances.map((each, i) => balanceView(moneys[i] as Money, each));
  const { paidAt, mint: _, ...balance } = balances[0] as Me["balances"][number];
  return {
    contributor: view.contributor,
    key: writeKey(view.key),
    automated: view.automated,
    paidAt,
    facts: { ...view.facts, languages: [...view.facts.languages] },
    balance,
    balances,
  };
};

const balanceView = (money: Money, view: TokenBalance): Me["balances"][number] => ({
  mint: view.mint,
  paidAt: writeKey(view.paidAt),
  released: money.write(view.released),
  held: money.write(view.held),
  settled: money.write(view.settled),
});

/** Terms never change, belong to one market and so to one token, and each offer of the market shows them. */
const shownTerms = new WeakMap<Terms, WireTerms>();

export function termsView(money: Money, terms: Terms): WireTerms {
  const shown = shownTerms.get(terms);
  if (shown !== undefined) return shown;
  const view = toTermsView(money, terms);
  shownTerms.set(terms, view);
  return view;
}

const toTermsView = (money: Money, terms: Terms): WireTerms => ({
  answer: terms.answer as unknown as WireTerms["answer"],
  agreement:
    terms.agreement === null
      ? null
      : { match: fromPpm(terms.agreement.matchPpmMin), overlap: fromPpm(terms.agreement.overlapPpmMin) },
  reward: money.write(terms.reward),
  overlap: { min: terms.overlap.min, max: terms.overlap.max, target: fromPpm(terms.overlap.targetPpm) },
  leaseSeconds: terms.leaseMs / 1_000,
  deadlineMs: terms.deadlineMs,
  eligibility: terms.eligibility.map(requirementView),
  known: knownView(terms.known),
});

export const requirementView = (each: Requirement): WireTerms["eligibility"][number] =>
  "anyOf" in each ? { ...each, anyOf: [...each.anyOf] } : each;

const knownView = (known: Terms["known"]): WireTerms["known"] =>
  known === undefined ? null : (structuredClone(known) as WireTerms["known"]);

function policyView(policy: Policy | null): WirePolicy | null {
  if (policy === null) return null;
  const { holdMs, ...rest } = policy;
  return { ...rest, holdSeconds: holdMs / 1_000 };
}

export function marketView(money: Money, view: MarketView): Market {
  const { spec } = view;
  return {
    id: view.market,
    owner: writeKey(view.owner),
    status: view.status,
    title: spec.title,
    kind: spec.kind,
    token: tokenView(view.token),
    terms: termsView(money, spec.terms),
    rewardMin: money.write(spec.rewardMin),
    rewardMax: money.write(spec.rewardMax),
    feeBasisPoints: spec.feeBasisPoints,
    controls: {
      answeredMin: spec.controls.answeredMin,
      accuracyMin: fromPpm(spec.controls.accuracyPpmMin),
    },
    policy: policyView(spec.policy),
    verification: (spec.verification?.composition ?? null) as Market["verification"],
    review: spec.review === null ? null : { windowSeconds: spec.review.windowMs / 1_000 },
    appeal: {
      windowSeconds: spec.appeal.windowMs / 1_000,
      panel: spec.appeal.panel,
      budget: money.write(spec.appeal.budget),
      cost: money.write(spec.appeal.cost),
    },
    newcomer:
      spec.newcomer === null ? null : { answers: spec.newcomer.answers, budget: money.write(spec.newcomer.budget) },
    refundDelaySeconds: spec.refundDelayMs / 1_000,
    voidMax: spec.voidMax,
    guide: spec.guide ?? null,
    examples: (spec.examples ?? []).map((each) => ({ ...each })),
    template: templateView(spec),
    refundTo: view.refundTo,
    account: view.escrow,
    standing: view.standing,
    createdAtMs: view.createdAtMs,
    closesAtMs: view.closesAtMs,
    taskCount: view.taskCount,
    rejected: view.rejected,
    answers: view.answers,
    escrow: escrowView(money, view),
    warnings: null,
    lanes: view.lanes.map(({ lane, sequence, head }) => ({ lane, sequence, head: writeHash(head) })),
    spec: specToJson(spec),
    specHash: writeHash(view.specHash),
  };
}

export function templateView(spec: MarketSpec): Market["template"] {
  const { id, parameters } = templateOf(spec, spec.terms.answer);
  return { id, parameters: { ...parameters } };
}

const escrowView = (money: Money, { books }: MarketView): Escrow => ({
  deposited: money.write(books.deposited),
  received: money.write(books.received),
  free: money.write(books.free),
  assigned: money.write(books.assigned),
  held: money.write(books.held),
  appealable: money.write(books.appealable),
  appealBudget: money.write(books.appealBudget),
  newcomerBudget: money.write(books.newcomerBudget),
  earned: money.write(books.earned),
  bonus: money.write(books.bonus),
  fee: money.write(books.fee),
  refunded: money.write(books.refunded),
  sent: money.write(books.sent),
});

export const taskView = (money: Money, view: TaskView): Task => ({
  task: view.task,
  lane: view.lane,
  id: view.externalId,
  content: view.content,
  terms: termsView(money, view.terms),
});

export const offerView = (money: Money, view: OfferView): Offer => ({
  slot: formatSlot(view.slot),
  expiresAtMs: view.expiresAtMs,
  code: view.code,
  reward: money.write(view.reward),
  task: taskView(money, view.task),
});

export const submissionView = (money: Money, view: SubmissionView): Submission => ({
  slot: formatSlot(view.slot),
  state: view.state,
  reason: view.reason,
  reward: money.write(view.reward),
  sequence: view.sequence,
});

export const challengeView = (money: Money, { stake, ...view }: ChallengeView): Challengeable => ({
  ...view,
  stake: money.write(stake),
});

export const verdictView = (money: Money, view: VerdictView): Verdict => ({
  ...submissionView(money, view),
  market: view.market,
  mint: view.mint,
  lane: view.lane,
  decidedSequence: view.decidedSequence,
  decidedAtMs: view.decidedAtMs,
  explanation: explanationView(money, view.explanation),
});

export const headView = (head: Head): SignedHead => ({
  sequence: head.sequence,
  root: writeHash(head.root),
  timeMs: head.timeMs,
  signature: writeBytes(head.signature),
});

export const acknowledgementView = ({ market, lane, head, entries }: Acknowledgement): WireAcknowledgement => ({
  market,
  lane,
  head: headView(head),
  entries: entries.map(({ sequence, encoded, path: { index, size, siblings } }) => ({
    sequence,
    encoded: writeBytes(encoded),
    path: { index, size, siblings: siblings.map(writeHash) },
  })),
});

export const logView = (page: LogPage): WireLog => ({
  records: page.records.map(({ sequence, encoded, attachment }) => ({
    sequence,
    encoded: writeBytes(encoded),
    attachment: attachment === null ? null : writeBytes(attachment),
  })),
  head: headView(page.head),
});

export const resultView = (money: Money, view: ResultView): Result => ({
  id: view.externalId,
  task: view.task,
  lane: view.lane,
  label: view.label,
  confidence: fromPpm(view.confidencePpm),
  decided: view.decided,
  control: view.control,
  votes: { ...view.votes },
  cost: money.write(view.cost),
  paid: view.paid.map((each) => ({
    slot: formatSlot(each.slot),
    contributor: writeKey(each.contributor),
    reward: money.write(each.reward),
    reason: each.reason,
    submittedSequence: each.submittedSequence,
    decidedSequence: each.decidedSequence,
  })),
  receipt: acknowledgementView(view.receipt),
});

/** Fields of entries that are money: base units in the engine, token amounts outside. */
const moneyFields = ["amount", "cost", "target", "refund"] as const;

export function eventView(money: Money, view: EventView): MarketEvent {
  return {
    lane: view.lane,
    sequence: view.sequence,
    kind: view.kind,
    task: view.task,
    data: inTokens(money, view.data),
  };
}

function inTokens(money: Money, data: Json): Json {
  if (!isObject(data)) return data;
  const changed = moneyFields.flatMap((name) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    return typeof value === "string" && /^\d{1,20}$/.test(value) ? [[name, money.write(BigInt(value))] as const] : [];
  });
  return changed.length === 0 ? data : { ...data, ...Object.fromEntries(changed) };
}
