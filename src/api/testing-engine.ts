import { testToken, tokenPart } from "./testing-token.ts";

export { testToken } from "./testing-token.ts";

import { amount, zero } from "../core/amount.ts";
import { type Bytes32, bytes32 } from "../core/bytes.ts";
import { decodeCommit } from "../core/commit/commit-message.ts";
import { earnestError } from "../core/errors.ts";
import { type MarketId, marketId } from "../core/market-id.ts";
import type { ChallengeView } from "../engine/challenges.ts";
import type { Engine } from "../engine/engine.ts";
import type {
  ContributorRecord,
  EarnedDay,
  Explanation,
  Insight,
  MarketReport,
  OpenWork,
  OwnRecord,
} from "../engine/insight/insight.ts";
import type {
  CommitView,
  EventView,
  MarketView,
  NewTask,
  ResultView,
  Score,
  Session,
  SubmissionView,
  TaskView,
  TestView,
  WithdrawalView,
} from "../engine/types.ts";
import { type MarketSpec, settleMsMax } from "../market/spec.ts";
import { depositsOf, items } from "./testing-items.ts";
import { logPart, measuring, webhooksPart } from "./testing-log.ts";

/** Doubles for tests of the protocol alone: what an engine says is scripted, so that every odd moment can be had. */

export const filled = (byte: number, length = 32): Bytes32 => new Uint8Array(length).fill(byte) as Bytes32;
export const ownerKey = bytes32(filled(1));
export const otherKey = bytes32(filled(2));
export const testMarket: MarketId = marketId("ab".repeat(16));
export const apiKeyOfOwner = "earnest_test_owner";
export const apiKeyOfOther = "earnest_live_other";
export const sessionToken = "earnest_session_good";

export const testSession: Session = {
  contributor: 7,
  key: bytes32(filled(3)),
  sessionKey: bytes32(filled(4)),
  expiresAtMs: 2_000_000_000_000,
  authorisation: { text: "", signature: filled(13, 64) },
};

const spec: MarketSpec = {
  version: 1,
  title: "Which is better?",
  kind: "judgement",
  terms: {
    answer: { type: "choice", choices: ["a", "b"] },
    agreement: null,
    reward: amount(20_000n),
    overlap: { min: 2, max: 3, targetPpm: 950_000 },
    leaseMs: 600_000,
    deadlineMs: null,
    eligibility: [],
  },
  rewardMin: amount(10_000n),
  rewardMax: amount(50_000n),
  feeBasisPoints: 200,
  controls: { answeredMin: 4, accuracyPpmMin: 600_000 },
  policy: null,
  review: null,
  appeal: { windowMs: 3_600_000, budget: zero, panel: 3, cost: zero },
  newcomer: null,
  refundDelayMs: 0,
  voidMax: 10,
};
export const testSpec: MarketSpec = { ...spec, refundDelayMs: settleMsMax(spec, spec.terms.leaseMs) };

const books: MarketView["books"] = {
  deposited: amount(1_000_000n),
  received: zero,
  free: amount(1_000_000n),
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
};

export const marketViewOf = (changes: Partial<MarketView> = {}): MarketView => ({
  market: testMarket,
  owner: ownerKey,
  token: testToken,
  status: "open",
  spec: testSpec,
  specHash: bytes32(filled(5)),
  refundTo: "refund",
  escrow: "So11111111111111111111111111111111111111112",
  standing: false,
  createdAtMs: 1,
  taskCount: 3,
  answers: 0,
  rejected: null,
  closesAtMs: null,
  books,
  lanes: [{ lane: 0, sequence: 4, head: bytes32(filled(6)) }],
  ...changes,
});

export const taskViewOf = (task: number): TaskView => ({
  lane: 0,
  task,
  externalId: `t${task}`,
  content: { text: `task ${task}` },
  terms: testSpec.terms,
});

export const submissionViewOf = (task: number): SubmissionView => ({
  slot: { task, ordinal: 0 },
  state: "accepted",
  reason: "AGREES",
  reward: amount(20_000n),
  sequence: 9,
});

const acknowledgement = {
  market: testMarket,
  lane: 0,
  head: { sequence: 9, root: filled(8), timeMs: 5, signature: filled(9, 64) },
  entries: [{ sequence: 9, encoded: new Uint8Array([1, 2, 3]), path: { index: 8, size: 9, siblings: [filled(7)] } }],
};

export const resultViewOf = (task: number): ResultView => ({
  lane: 0,
  task,
  externalId: `t${task}`,
  label: "a",
  confidencePpm: 970_000,
  decided: true,
  control: false,
  votes: { a: 2 },
  paid: [],
  cost: amount(40_000n),
  receipt: acknowledgement,
});

export const eventOf = (sequence: number, changes: Partial<EventView> = {}): EventView => ({
  lane: 0,
  sequence,
  kind: "timed",
  task: null,
  data: { timeMs: sequence },
  ...changes,
});

export const testViewOf = (name: string): TestView => ({
  name,
  questions: [{ content: "2 + 2?", choices: ["3", "4"] }],
  passPpm: 500_000,
  validMs: 30 * 86_400_000,
  sequence: 5,
});

const score: Score = { scorePpm: 1_000_000, isPassed: true, expiresAtMs: 2_000_000_000_000 };

/** Everything that reached the double, for tests that nothing did. */
export interface Calls {
  readonly calls: string[];
  readonly imported: NewTask[];
}

/** An engine that answers every question with something plain; `changes` replaces single methods. */
export function fakeEngine(changes: Partial<Engine> = {}): Engine & Calls {
  const calls: string[] = [];
  const imported: NewTask[] = [];
  const base: Engine = {
    ...identity(),
    ...tokenPart,
    ...requester(imported),
    ...work(),
    ...withdrawals(),
    ...qualifying(),
    ...programs(),
    ...insight(),
    ...depositsOf(marketViewOf),
    ...commits(),
    ...logPart({ acknowledgement, eventOf }),
    ...measuring(),
    ...webhooksPart(),
  };
  const recorded = Object.fromEntries(
    Object.entries({ ...base, ...changes }).map(([name, method]) => [
      name,
      (...args: unknown[]) => {
        calls.push(name);
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Engine;
  return { ...recorded, calls, imported };
}

type Part<Name extends keyof Engine> = Pick<Engine, Name>;

const identity = (): Part<
  | "network"
  | "checkReady"
  | "createChallenge"
  | "signIn"
  | "authenticateSession"
  | "endSession"
  | "createApiKey"
  | "listApiKeys"
  | "revokeApiKey"
  | "authenticateApiKey"
> => ({
  network: async () => ({
    cluster: "genesis",
    mint: "So11111111111111111111111111111111111111112",
    decimals: 6,
    canFreeze: false,
    testTokens: true,
    program: "So11111111111111111111111111111111111111112",
    network: "So11111111111111111111111111111111111111112",
    pool: "So11111111111111111111111111111111111111112",
    vault: "So11111111111111111111111111111111111111112",
    tokens: [testToken],
    attestors: { threshold: 2, keys: [8, 9, 10].map((each) => bytes32(filled(each))) },
    signer: bytes32(filled(9)),
    feeBasisPoints: 200,
    domain: "earnest.test",
    timeMs: 5,
  }),
  checkReady: async () => undefined,
  createChallenge: async () => ({ nonce: "nonce", expiresAtMs: 10 }),
  signIn: async ({ contributor, sessionKey }) => ({
    ...testSession,
    key: contributor,
    sessionKey,
    token: sessionToken,
  }),
  authenticateSession: async (token) => {
    if (token !== sessionToken) throw earnestError("SESSION_NOT_FOUND", { session: token });
    return testSession;
  },
  endSession: async () => undefined,
  createApiKey: async (owner, mode, name) => ({ key: { ...testKey, owner, mode, name }, secret: "earnest_test_new" }),
  listApiKeys: async (owner) => ({ items: [{ ...testKey, owner }], next: null }),
  revokeApiKey: async () => undefined,
  authenticateApiKey: async (secret) => {
    const owner = secret === apiKeyOfOwner ? ownerKey : secret === apiKeyOfOther ? otherKey : null;
    if (owner === null) throw earnestError("API_KEY_NOT_FOUND", {});
    return { ...testKey, owner };
  },
});

const testKey = { id: "k1", mode: "test", name: "mine", createdAtMs: 1, revokedAtMs: null } as const;

const requester = (
  imported: NewTask[],
): Part<
  | "createMarket"
  | "market"
  | "listMarkets"
  | "fundMarket"
  | "changeStatus"
  | "addTasks"
  | "importTasks"
  | "task"
  | "listTasks"
  | "findTask"
  | "results"
  | "reviews"
  | "review"
  | "payBonus"
  | "qualify"
  | "ask"
> => ({
  createMarket: async (owner, { spec: wanted, refundTo, standing }) =>
    marketViewOf({ owner, spec: wanted, refundTo, standing, status: "draft" }),
  market: async (market) => {
    if (market !== testMarket) throw earnestError("MARKET_NOT_FOUND", { market });
    return marketViewOf();
  },
  listMarkets: async () => ({ items: [marketViewOf()], next: null }),
  fundMarket: async () => marketViewOf(),
  changeStatus: async () => marketViewOf(),
  addTasks: async (_owner, _market, tasks) => ({ first: 3, count: tasks.length }),
  importTasks: async (_owner, _market, tasks) => {
    const arrived: NewTask[] = [];
    for await (const portion of tasks) arrived.push(...portion);
    imported.push(...arrived);
    return { first: 3, count: arrived.length };
  },
  task: async (_market, task) => taskViewOf(task),
  listTasks: async (_market, after) => ({ items: [taskViewOf((after ?? -1) + 1)], next: null }),
  findTask: async (_market, id) => {
    if (!id.startsWith("t")) throw earnestError("TASK_NOT_FOUND", { task: id });
    return Number(id.slice(1));
  },
  results: async function* () {
    yield resultViewOf(0);
    yield resultViewOf(1);
  },
  reviews: async () => [{ ...submissionViewOf(1), state: "review", answer: "a" }],
  review: async () => submissionViewOf(1),
  payBonus: async () => undefined,
  qualify: async () => undefined,
  ask: async () => ({ market: testMarket, task: 3 }),
});

export const withdrawalOf = (changes: Partial<WithdrawalView> = {}): WithdrawalView => ({
  id: "0c".repeat(16),
  from: testSession.key,
  to: otherKey,
  mint: testToken.mint,
  amount: amount(20_000n),
  state: "planned",
  feeLamports: 10_000n,
  rentLamports: 2_039_280n,
  toSign: { message: new Uint8Array([0x80, 2]), wire: new Uint8Array([2, 0]) },
  plannedAtMs: 0,
  expiresAtMs: 60_000,
  transaction: null,
  problem: null,
  ...changes,
});

const withdrawals = (): Part<
  "planWithdrawal" | "sendWithdrawal" | "withdrawal" | "listWithdrawals" | "heldInWallet" | "saveKey" | "savedKey"
> &
  Part<"noticeKey" | "putNoticeAddress" | "removeNoticeAddress"> => ({
  noticeKey: () => filled(4, 65),
  putNoticeAddress: async () => undefined,
  removeNoticeAddress: async () => undefined,
  heldInWallet: async () => amount(20_000n),
  saveKey: async () => undefined,
  savedKey: async () => filled(11, 60),
  planWithdrawal: async (_session, { to, amount: value }) => withdrawalOf({ to, amount: value ?? amount(20_000n) }),
  sendWithdrawal: async (_session, id) =>
    withdrawalOf({ id, state: "final", toSign: null, transaction: "5".repeat(88) }),
  withdrawal: async (_session, id) => withdrawalOf({ id }),
  listWithdrawals: async () => [withdrawalOf()],
});

const challengeViewOf = (task: number): ChallengeView => ({
  task,
  label: "yes",
  decided: true,
  endsAtMs: 9,
  stake: amount(20_000n),
  challenge: { atMs: 1, endsAtMs: 5, seats: 5, votes: 2, outcome: null },
});

const work = (): Part<
  | "assign"
  | "submit"
  | "coverage"
  | "cover"
  | "appeal"
  | "giveBack"
  | "challenges"
  | "challengeOf"
  | "challengeTask"
  | "evidence"
  | "cellOf"
  | "nearby"
  | "setReserve"
  | "contributor"
  | "payTo"
  | "listVerdicts"
  | "submission"
> => ({
  assign: async (_session, _market, { task }) => [
    {
      slot: { task: task ?? 0, ordinal: 0 },
      expiresAtMs: 9,
      code: null,
      reward: amount(20_000n),
      task: taskViewOf(task ?? 0),
    },
  ],
  submit: async ({ submissions }) => ({
    submissions: submissions.map(({ slot }) => submissionViewOf(slot.task)),
    offers: [],
    acknowledgement,
  }),
  coverage: async () => [
    {
      session: testSession.sessionKey,
      count: 2,
      running: filled(3, 32),
      submissions: [{ slot: { task: 1, ordinal: 0 }, body: filled(4, 32) }],
      pay: amount(20_000n),
    },
  ],
  cover: async () => undefined,
  appeal: async () => ({ ...submissionViewOf(1), state: "appealed" }),
  challenges: async () => [challengeViewOf(1)],
  challengeOf: async (_market, task) => challengeViewOf(task),
  challengeTask: async (_session, _market, task) => challengeViewOf(task),
  giveBack: async () => ({ ...submissionViewOf(1), state: "expired" }),
  evidence: async () => ({ cell: null, exact: null, expiresAtMs: null, pictures: {} }),
  cellOf: async () => "891e15b7133ffff",
  nearby: async () => [{ task: 1, place: { latitudeE7: 1, longitudeE7: 2 }, distanceMm: 3, reward: amount(4n) }],
  setReserve: async () => undefined,
  payTo: async () => undefined,
  contributor: async () => ({
    contributor: 7,
    key: testSession.key,
    automated: false,
    facts: { languages: ["en"], country: "DE", birthYear: null, place: null },
    balances: [{ mint: testToken.mint, paidAt: testSession.key, released: amount(20_000n), held: zero, settled: zero }],
  }),
  listVerdicts: async () => ({
    items: [
      {
        ...submissionViewOf(1),
        market: testMarket,
        mint: testToken.mint,
        lane: 0,
        decidedSequence: 9,
        decidedAtMs: 4,
        explanation: explanationOf(),
      },
    ],
    next: "4.1",
  }),
  submission: async (_market, slot) => submissionViewOf(slot.task),
});

/** Of an answer that agrees with its label. */
export const explanationOf = (changes: Partial<Explanation> = {}): Explanation => ({
  rule: "Your answer is what the task settled on.",
  findings: [],
  control: null,
  label: { label: "a", confidencePpm: 970_000, decided: true, sequence: 9 },
  record: null,
  model: null,
  panel: null,
  note: null,
  appeal: null,
  ...changes,
});

export const contributorOf = (changes: Partial<ContributorRecord> = {}): ContributorRecord => ({
  contributor: testSession.key,
  isBlocked: false,
  automated: true,
  answers: 6,
  accepted: 3,
  rejected: 2,
  held: 1,
  earned: amount(60_000n),
  controls: { answered: 2, right: 1 },
  agreement: { judged: 4, agreed: 3 },
  standing: { standing: "proven", informative: 0.99, model: 2 },
  errors: [{ truth: "a", answer: "b", answers: 1, probability: 0.2, low: 0.1, high: 0.4 }],
  ...changes,
});

export const ownRecordOf = (changes: Partial<OwnRecord> = {}): OwnRecord => ({
  market: testMarket,
  title: "Which is better?",
  answers: 6,
  accepted: 3,
  rejected: 2,
  appealable: 1,
  appealed: 0,
  held: { count: 1, review: 0, because: "LABELS_AWAITED", next: "They are compared." },
  earned: amount(60_000n),
  reserve: zero,
  controls: { met: 1, missed: 1 },
  standing: "proven",
  firstAtMs: 1,
  lastAtMs: 9,
  pace: { answers: 5, activeSeconds: 90, earned: amount(60_000n), perHour: amount(2_400_000n) },
  ...changes,
});

export const reportOf = (changes: Partial<MarketReport> = {}): MarketReport => ({
  rings: [],
  market: testMarket,
  title: "Which is better?",
  tasks: { asked: 30, controls: 5, settled: 20, decided: 18 },
  answers: { machines: 15, people: 40, perTask: 2.5 },
  confidence: 0.94,
  agreement: { judged: 60, agreed: 51 },
  machines: [
    {
      contributor: testSession.key,
      answers: 15,
      measured: {
        tasks: 5,
        right: 4,
        accuracy: 0.8,
        interval: [0.38, 0.96],
        errors: [{ truth: "a", answer: "b", count: 1 }],
      },
      judged: 12,
      agreed: 10,
      earned: amount(200_000n),
    },
  ],
  people: { contributors: 4, measured: { tasks: 20, right: 18, accuracy: 0.9, interval: [0.7, 0.97] } },
  settledBy: { machines: 8, people: 8, both: 4 },
  added: { confirmed: 1, corrected: 2, helped: 1 },
  saved: { peopleAlone: 60, answers: 20, share: 1 / 3, isEstimate: true },
  cost: amount(1_100_000n),
  warnings: [],
  ...changes,
});

export const openWorkOf = (changes: Partial<OpenWork> = {}): OpenWork => ({
  market: testMarket,
  requester: ownerKey,
  token: testToken,
  spec: testSpec,
  payPerHour: amount(6_000_000n),
  secondsPerAnswer: 12,
  measuredAnswers: 40,
  rejected: 0.05,
  tasksLeft: 30,
  automatedAllowed: true,
  hasPlaces: false,
  qualifies: null,
  missing: [],
  ...changes,
});

export const earnedDayOf = (changes: Partial<EarnedDay> = {}): EarnedDay => ({
  day: "2026-11-21",
  mint: testToken.mint,
  answers: 3,
  rewards: amount(60_000n),
  bonuses: amount(5_000n),
  ...changes,
});

const insight = (): Insight => ({
  contributors: async () => ({ items: [contributorOf()], next: "7" }),
  ...items,
  warnings: async () => [{ code: "CONTROLS_MISSING", what: "There are no control tasks.", next: "Add some." }],
  ownRecord: async (_session, market) => ownRecordOf({ market }),
  report: async (_owner, market) => reportOf({ market }),
  openWork: async () => ({ items: [openWorkOf()], next: null }),
  firstWork: async () => ({ work: openWorkOf(), task: 3 }),
  earnings: async () => [earnedDayOf()],
});

const programs = (): Part<"addProgram" | "program" | "commitTo"> => ({
  addProgram: async (_owner, _market, { language, program }) => ({
    hash: bytes32(filled(3)),
    language,
    bytes: program.length,
  }),
  program: async () => ({ language: "javascript", program: new Uint8Array(3) }),
  commitTo: async () => acknowledgement,
});

const qualifying = (): Part<"putTest" | "listTests" | "test" | "takeTest" | "score" | "retireControls"> => ({
  putTest: async (_owner, _market, name) => testViewOf(name),
  listTests: async () => [testViewOf("reading")],
  test: async (_market, name) => testViewOf(name),
  takeTest: async () => score,
  score: async () => score,
  retireControls: async () => ({ retired: 2, left: 1 }),
});

const commit: CommitView = {
  digest: bytes32(filled(11)),
  message: new Uint8Array(340),
  body: decodeCommit(new Uint8Array(340)).body,
  state: "proposed",
  hasLeafFile: true,
  signatures: [{ key: filled(8), signature: filled(12, 64) }],
  outcomes: [],
  proposedAtMs: 1,
  committedAtMs: null,
};

const commits = (): Part<
  "listCommits" | "commit" | "leafFile" | "signCommit" | "refuseCommit" | "authenticateAttestor"
> => ({
  listCommits: async () => ({ items: [commit], next: null }),
  commit: async () => commit,
  leafFile: async () => new Uint8Array([1, 2, 3]),
  signCommit: async () => commit,
  refuseCommit: async () => commit,
  authenticateAttestor: async () => undefined,
});
