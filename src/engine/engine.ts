import type { Amount } from "../core/amount.ts";
import type { Bytes32 } from "../core/bytes.ts";
import type { AttestorSignature } from "../core/commit/attestors.ts";
import type { Json } from "../core/json.ts";
import type { MarketId } from "../core/market-id.ts";
import type { Slot } from "../core/slot.ts";
import type { OutcomeStatement } from "../core/statements.ts";
import type { Measured } from "../market/measured.ts";
import type { NearTask } from "../market/nearby.ts";
import type { NoticeAddress } from "../store/identity/notice-addresses.ts";
import type { NodeStanding } from "../store/nodes/standings.ts";
import type { ChallengeView } from "./challenges.ts";
import type { DepositPlan, SignedPlan, WalletPlan } from "./deposits.ts";
import type { EvidenceView } from "./evidence.ts";
import type { Shown } from "./gateway/faults.ts";
import type { Once } from "./idempotency.ts";
import type { Insight } from "./insight/insight.ts";
import type { PublicRecords } from "./insight/reputation.ts";
import type { Messages } from "./messages.ts";
import type { SolvencyView } from "./solvency.ts";
import type {
  Acknowledgement,
  ApiKey,
  ApiKeyMode,
  AttestorRequest,
  Challenge,
  Checkpoint,
  CommitView,
  Continued,
  ContributorView,
  EventView,
  HeldSlot,
  IsLate,
  LogPage,
  MarketView,
  NetworkView,
  NewMarket,
  NewProgram,
  NewQuestion,
  NewTask,
  NewTest,
  NewToken,
  OfferView,
  Page,
  PayingWish,
  ProgramView,
  ResultView,
  RetiredControls,
  Score,
  Session,
  SessionCoverage,
  SessionGrant,
  SignIn,
  SlotReceipt,
  SubmissionView,
  SubmitRequest,
  TaskView,
  TestView,
  TokenView,
  Totals,
  TurnView,
  VerdictView,
  WithdrawalView,
  WithdrawalWish,
} from "./types.ts";
import type { Requests } from "./webhooks/requests.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

/**
 * Everything that can be asked of a network, one method a use case. Whoever calls has authenticated the caller; the
 * engine checks what that caller may do. All methods reject with an EarnestError for what is foreseen. What is given
 * `once` is done at most once, whatever dies when.
 */
export interface Engine extends Insight, PublicRecords, Messages, Webhooks, Requests {
  network(): Promise<NetworkView>;
  /** A token that markets can pay in; the home token where none is named. @throws TOKEN_NOT_FOUND */
  token(mint?: string): Promise<TokenView>;
  /** The token that a market pays in. */
  tokenOf(market: MarketId): Promise<TokenView>;
  /** Has the network pay in a token from now on; the same again changes nothing. */
  addToken(owner: Bytes32, wanted: NewToken): Promise<TokenView>;
  /** Resolves when the database answers and the chain is reachable. */
  checkReady(): Promise<void>;

  createChallenge(): Promise<Challenge>;
  signIn(request: SignIn): Promise<SessionGrant>;
  authenticateSession(token: string): Promise<Session>;
  endSession(session: Session, token: string): Promise<void>;
  createApiKey(
    owner: Bytes32,
    mode: ApiKeyMode,
    name: string,
  ): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  /** The newest first. */
  listApiKeys(owner: Bytes32, after: string | null, limit: number): Promise<Page<ApiKey>>;
  revokeApiKey(owner: Bytes32, id: string): Promise<void>;
  authenticateApiKey(secret: string): Promise<ApiKey>;

  createMarket(owner: Bytes32, market: NewMarket, once?: Once): Promise<MarketView>;
  market(market: MarketId): Promise<MarketView>;
  listMarkets(filter: {
    readonly owner: Bytes32 | null;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<Page<MarketView>>;
  /** Credits a finalized deposit, found by its transaction's signature. */
  fundMarket(owner: Bytes32, market: MarketId, signature: string, once?: Once): Promise<MarketView>;
  /** Plans a deposit of the market's refund wallet, which has to sign it, at the network's cost. */
  planDeposit(owner: Bytes32, market: MarketId, amount: Amount): Promise<DepositPlan>;
  /** Sends what was planned, and credits it once it is final. Sent again, it is found to be done. */
  sendDeposit(owner: Bytes32, market: MarketId, deposit: SignedPlan): Promise<MarketView>;
  /** Whether nothing of a market that is over here is left to end on chain. */
  isEndedOnChain(owner: Bytes32, market: MarketId): Promise<boolean>;
  /** Plans the end on chain of a market that is over here, for its refund wallet; null where there is nothing to end. */
  planClosing(owner: Bytes32, market: MarketId): Promise<WalletPlan | null>;
  /** Sends what was planned: what nobody earned comes back after the network's refund delay. */
  sendClosing(owner: Bytes32, market: MarketId, closing: SignedPlan): Promise<MarketView>;
  giveTestTokens(wallet: string, amount: Amount): Promise<void>;
  /** What a wallet holds of a token, by the chain. */
  holdings(wallet: string, mint?: string): Promise<Amount>;
  changeStatus(
    owner: Bytes32,
    market: MarketId,
    action: "open" | "pause" | "resume" | "close",
    once?: Once,
  ): Promise<MarketView>;
  addTasks(
    owner: Bytes32,
    market: MarketId,
    tasks: readonly NewTask[],
    once?: Once,
  ): Promise<{ readonly first: number; readonly count: number }>;
  /** A program for its tasks to name by its hash; the same again changes nothing. */
  addProgram(owner: Bytes32, market: MarketId, program: NewProgram, once?: Once): Promise<ProgramView>;
  program(market: MarketId, hash: Bytes32): Promise<NewProgram>;
  /** All or nothing, however many: the tasks arrive as a stream, in portions of any size. With `continued` it can go on. */
  importTasks(
    owner: Bytes32,
    market: MarketId,
    tasks: AsyncIterable<readonly NewTask[]>,
    once?: () => Once,
    continued?: Continued,
  ): Promise<{ readonly first: number; readonly count: number }>;
  task(market: MarketId, task: number): Promise<TaskView>;
  listTasks(market: MarketId, after: number | null, limit: number): Promise<Page<TaskView>>;
  /** The number of the task with the requester's own id. */
  findTask(market: MarketId, externalId: string): Promise<number>;
  /** All rows in task order, or the one of a task. */
  results(owner: Bytes32, market: MarketId, only?: number): AsyncIterable<ResultView>;
  reviews(owner: Bytes32, market: MarketId): Promise<readonly (SubmissionView & { readonly answer: Json })[]>;
  review(
    owner: Bytes32,
    market: MarketId,
    slot: Slot,
    accepted: boolean,
    note: string,
    once?: Once,
  ): Promise<SubmissionView>;
  payBonus(
    owner: Bytes32,
    market: MarketId,
    contributor: Bytes32,
    value: Amount,
    note: string,
    once?: Once,
  ): Promise<void>;
  qualify(
    owner: Bytes32,
    market: MarketId,
    contributor: Bytes32,
    grant: { readonly name: string; readonly value: number; readonly expiresAtMs: number | null },
    once?: Once,
  ): Promise<void>;
  /** Adds a qualification test, or replaces the one of that name; the same again changes nothing. */
  putTest(owner: Bytes32, market: MarketId, name: string, test: NewTest, once?: Once): Promise<TestView>;
  listTests(market: MarketId): Promise<readonly TestView[]>;
  test(market: MarketId, name: string): Promise<TestView>;
  /** Shows everybody the answers of controls that nobody is about to answer. */
  retireControls(owner: Bytes32, market: MarketId, once?: Once): Promise<RetiredControls>;
  ask(
    owner: Bytes32,
    question: NewQuestion,
    once?: Once,
  ): Promise<{ readonly market: MarketId; readonly task: number }>;

  assign(
    session: Session,
    market: MarketId,
    wish: { readonly task: number | null; readonly count: number },
    isLate?: IsLate,
  ): Promise<readonly OfferView[]>;
  submit(request: SubmitRequest): Promise<TurnView>;
  /** Says that something was found before showing it: whoever commits first found it first. */
  commitTo(session: Session, market: MarketId, slot: Slot, commitment: Bytes32): Promise<Acknowledgement>;
  /** What this session, and others of the contributor, brought to a market and nobody signed yet. */
  coverage(session: Session, market: MarketId): Promise<readonly SessionCoverage[]>;
  /** Signs for it; the same again is a retry. */
  cover(session: Session, market: MarketId, checkpoint: Checkpoint): Promise<void>;
  appeal(session: Session, market: MarketId, slot: Slot, once?: Once): Promise<SubmissionView>;
  /** Settled tasks that somebody may object to or did, those that end first before others. */
  challenges(market: MarketId): Promise<readonly ChallengeView[]>;
  challengeOf(market: MarketId, task: number): Promise<ChallengeView>;
  /** Objects to what a task settled on, with the contributor's reserve at stake. */
  challengeTask(session: Session, market: MarketId, task: number, once?: Once): Promise<ChallengeView>;
  /** Gives an assignment back, unpaid and neutral. */
  giveBack(session: Session, market: MarketId, slot: Slot, once?: Once): Promise<SubmissionView>;
  /** Where a submission was, as everybody may know it: a cell of a tenth of a square kilometre. */
  cellOf(market: MarketId, slot: Slot): Promise<string | null>;
  /** What came with a submission, for its requester. */
  evidence(owner: Bytes32, market: MarketId, slot: Slot): Promise<EvidenceView>;
  /** Tasks that somebody can still take, the nearest to the middle of a cell first. */
  nearby(market: MarketId, cell: string, count: number): Promise<readonly NearTask[]>;
  /** Grades a test; the score stands, and keeps from another attempt, until it expires. */
  takeTest(session: Session, market: MarketId, name: string, answers: readonly string[], once?: Once): Promise<Score>;
  /** The score that stands. */
  score(session: Session, market: MarketId, name: string): Promise<Score>;
  setReserve(session: Session, market: MarketId, target: Amount, once?: Once): Promise<void>;
  /** Pays a contributor at another wallet from the next commit on. */
  payTo(session: Session, wish: PayingWish, once?: Once): Promise<void>;
  /** Plans to send tokens on from the contributor's wallet, which has to sign it; replaces a plan it did not sign. */
  planWithdrawal(session: Session, wish: WithdrawalWish, once?: Once): Promise<WithdrawalView>;
  /** Sends what was planned, once. Where it is not final soon, the engine goes on by itself. */
  sendWithdrawal(session: Session, id: string, signature: Uint8Array): Promise<WithdrawalView>;
  withdrawal(session: Session, id: string): Promise<WithdrawalView>;
  /** What the contributor's own wallet holds on chain. */
  heldInWallet(session: Session, mint?: string): Promise<Amount>;
  /** Keeps the contributor's key as a passkey wrapped it, under an id that only the passkey gives. */
  saveKey(session: Session, id: Bytes32, wrapped: Uint8Array): Promise<void>;
  savedKey(id: Bytes32): Promise<Uint8Array>;
  /** By it push services know this network. */
  noticeKey(): Uint8Array;
  /** Tells a browser of new work from now on, at most once an hour. */
  putNoticeAddress(session: Session, address: NoticeAddress): Promise<void>;
  removeNoticeAddress(session: Session, endpoint: string): Promise<void>;
  /** The newest first. */
  listWithdrawals(session: Session, limit: number): Promise<readonly WithdrawalView[]>;
  contributor(session: Session): Promise<ContributorView>;
  listVerdicts(session: Session, after: string | null, limit: number): Promise<Page<VerdictView>>;
  /** What became of a slot: from the lane's state, or once it has a verdict from the projection. */
  submission(market: MarketId, slot: Slot): Promise<SubmissionView>;

  /** Who holds a slot, and its task's content; null where it has left the lane's state. */
  heldSlot(market: MarketId, slot: Slot): Promise<HeldSlot | null>;
  /** Enters what the network measured of a submission that waits for it. */
  measure(market: MarketId, slot: Slot, measured: Measured): Promise<void>;
  /** What sessions have shown of a node, by its key. */
  nodeStanding(key: Bytes32): Promise<NodeStanding>;
  noteNode(key: Bytes32, shown: Shown): Promise<NodeStanding>;

  /** Proof of single entries under the newest signed head. */
  receipt(market: MarketId, lane: number, sequences: readonly number[]): Promise<Acknowledgement>;
  /** Proof of what became of a submission, in portable bytes: on the newest commit that covers it, or on a signed head. */
  slotReceipt(market: MarketId, slot: Slot): Promise<Uint8Array>;
  /** Of all submissions with a verdict, in task order, many at a time. */
  slotReceipts(market: MarketId, after: Slot | null): AsyncIterable<readonly SlotReceipt[]>;
  /** Entries from `from` on; attachments only of what the public may see. */
  log(market: MarketId, lane: number, from: number, limit: number): Promise<LogPage>;
  /** With all attachments, for attestors. */
  wholeLog(market: MarketId, lane: number, from: number, limit: number): Promise<LogPage>;
  /** Entries after a sequence, then new ones as they are committed, until the signal aborts. */
  events(market: MarketId, after: number, signal: AbortSignal): AsyncIterable<EventView>;
  totals(mint?: string): Promise<Totals>;
  /** The vault against what of the deposits nobody has earned; some seconds old at most. */
  solvency(mint?: string): Promise<SolvencyView>;

  /** Commit messages of a token's pool, the home token's where none is named; the newest first. */
  listCommits(asked: {
    readonly mint?: string | undefined;
    readonly after?: string | null;
    readonly limit: number;
  }): Promise<Page<CommitView>>;
  commit(digest: Bytes32): Promise<CommitView>;
  /** All leaves under a commit's roots. */
  leafFile(digest: Bytes32): Promise<Uint8Array>;
  signCommit(digest: Bytes32, signature: AttestorSignature): Promise<CommitView>;
  /** Why an attestor does not sign; its last word counts. */
  refuseCommit(said: OutcomeStatement, signature: AttestorSignature): Promise<CommitView>;
  /** Whether a request comes from one of the network's attestors, who read what is sealed for others. */
  authenticateAttestor(asked: AttestorRequest): Promise<void>;

  /** Cuts an epoch now and settles it as far as the chain lets it. */
  settle(): Promise<void>;
  /** Ends loops after what is in flight is done; nothing acknowledged is lost. */
  close(): Promise<void>;
}
