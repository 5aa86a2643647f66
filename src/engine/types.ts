import type { Amount } from "../core/amount.ts";
import type { Bytes32 } from "../core/bytes.ts";
import type { AttestorSet } from "../core/commit/attestors.ts";
import type { CommitBody } from "../core/commit/commit-message.ts";
import type { Json } from "../core/json.ts";
import type { LogPath } from "../core/log-tree.ts";
import type { MarketId } from "../core/market-id.ts";
import type { Slot } from "../core/slot.ts";
import type { OutcomeStatement } from "../core/statements.ts";
import type { Books } from "../ledger/books.ts";
import type { EntryKind, Fault, Reason } from "../market/entries.ts";
import type { Language } from "../market/known.ts";
import type { Question } from "../market/qualifying.ts";
import type { MarketSpec, Terms } from "../market/spec.ts";
import type { Facts, MarketStatus, SlotState } from "../market/state.ts";
import type { WithdrawalState } from "../store/settlement/withdrawals.ts";
import type { Explanation } from "./insight/insight.ts";

/** A token that the network pays in, and the pool of all money in it. */
export interface TokenView {
  readonly mint: string;
  readonly name: string | null;
  readonly symbol: string | null;
  readonly decimals: number;
  /** The token's issuer can freeze accounts that hold it. */
  readonly canFreeze: boolean;
  readonly pool: string;
  /** The pool's token account. */
  readonly vault: string;
}

/** A token that a requester wants to pay in: one that is there, or one to be issued. */
export type NewToken = { readonly mint: string } | { readonly issue: NewIssue };

export interface NewIssue {
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly supply: Amount;
  /** A JSON file with a picture and a description; may be empty. */
  readonly uri: string;
  /** The wallet that gets the supply. */
  readonly to: string;
  /** Who may make more: an address, or nobody, ever. */
  readonly authority: string | null;
}

/** What this deployment is: shown by GET /v1/network. */
export interface NetworkView {
  /** Genesis hash of the chain. */
  readonly cluster: string;
  readonly mint: string;
  readonly decimals: number;
  /** The token's issuer can freeze accounts that hold it. */
  readonly canFreeze: boolean;
  /** The token is worth nothing, and given to whoever asks. */
  readonly testTokens: boolean;
  /** The escrow program, this network's and this pool's accounts of it, and the pool's token account. */
  readonly program: string;
  readonly network: string;
  readonly pool: string;
  readonly vault: string;
  /** A node of the chain that anybody may ask. */
  readonly rpcUrl?: string;
  /** The home token first, of which the fields above are. */
  readonly tokens: readonly TokenView[];
  readonly attestors: AttestorSet;
  /** The ed25519 key that signs batch heads. */
  readonly signer: Bytes32;
  readonly feeBasisPoints: number;
  /** What sign-in messages must name. */
  readonly domain: string;
  readonly timeMs: number;
}

/** A commit message, from when it was stored to when it is on chain. */
export interface CommitView {
  readonly digest: Bytes32;
  /** Context and body as they are hashed. */
  readonly message: Uint8Array;
  readonly body: CommitBody;
  readonly state: "proposed" | "committed" | "expired";
  readonly hasLeafFile: boolean;
  readonly signatures: readonly { readonly key: Uint8Array; readonly signature: Uint8Array }[];
  readonly outcomes: readonly (Omit<OutcomeStatement, "digest"> & {
    readonly key: Uint8Array;
    readonly signature: Uint8Array;
  })[];
  readonly proposedAtMs: number;
  readonly committedAtMs: number | null;
}

/** A request's header, signed by an attestor over `attestorStatement`. */
export interface AttestorRequest {
  readonly key: Bytes32;
  readonly timeMs: number;
  readonly signature: Uint8Array;
}

export interface Challenge {
  readonly nonce: string;
  readonly expiresAtMs: number;
}

/** A Sign-In-With-Solana message that authorises a session key. */
export interface SignIn {
  /** The exact text that the wallet signed. */
  readonly message: string;
  readonly signature: Uint8Array;
  readonly contributor: Bytes32;
  readonly sessionKey: Bytes32;
  readonly automated: boolean;
  readonly facts: Facts;
}

export interface Session {
  readonly contributor: number;
  readonly key: Bytes32;
  readonly sessionKey: Bytes32;
  readonly expiresAtMs: number;
  /** The sign-in that made it: for the logs of the lanes it works in. */
  readonly authorisation: { readonly text: string; readonly signature: Uint8Array };
}

export interface SessionGrant extends Session {
  /** The bearer secret; only its hash is stored. */
  readonly token: string;
}

/** Where a contributor wants to be paid in a token, signed by its key over `payToStatement`. */
export interface PayingWish {
  /** The home token where left out. */
  readonly mint?: string | undefined;
  readonly wallet: Bytes32;
  /** Milliseconds since 1970; the highest counts. */
  readonly number: number;
  readonly signature: Uint8Array;
}

export interface WithdrawalWish {
  /** The home token where left out. */
  readonly mint?: string | undefined;
  readonly to: Bytes32;
  /** Null for everything that the contributor's wallet holds. */
  readonly amount: Amount | null;
}

/** Tokens that a contributor sends on from its own wallet, at the operator's cost. */
export interface WithdrawalView {
  readonly id: string;
  readonly from: Bytes32;
  readonly to: Bytes32;
  readonly mint: string;
  readonly amount: Amount;
  readonly state: WithdrawalState;
  /** What the network pays at most: the fee, and the rent of a token account that the destination lacks. */
  readonly feeLamports: bigint;
  readonly rentLamports: bigint;
  /** What the contributor's key has to sign, alone and in a transaction with empty signatures; null once it has. */
  readonly toSign: { readonly message: Uint8Array; readonly wire: Uint8Array } | null;
  readonly plannedAtMs: number;
  readonly expiresAtMs: number;
  /** The transaction's signature, once it was sent. */
  readonly transaction: string | null;
  /** Why it failed, or why it could not be sent when that was tried last. */
  readonly problem: string | null;
}

export type ApiKeyMode = "test" | "live";

export interface ApiKey {
  readonly id: string;
  readonly owner: Bytes32;
  readonly mode: ApiKeyMode;
  readonly name: string;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

export interface MarketView {
  readonly market: MarketId;
  readonly owner: Bytes32;
  readonly token: TokenView;
  readonly status: MarketStatus;
  readonly spec: MarketSpec;
  readonly specHash: Bytes32;
  /** The wallet that opens the market's account on chain, and gets back what is left. */
  readonly refundTo: string;
  /** Where that account is, or will be. */
  readonly escrow: string;
  readonly standing: boolean;
  readonly createdAtMs: number;
  readonly taskCount: number;
  readonly answers: number;
  /** The share of the newest answers with a verdict that were rejected, as measured last; null before that. */
  readonly rejected: number | null;
  readonly closesAtMs: number | null;
  readonly books: Books;
  readonly lanes: readonly { readonly lane: number; readonly sequence: number; readonly head: Bytes32 }[];
}

export interface NewMarket {
  readonly spec: MarketSpec;
  /** The wallet that gets back what is left. */
  readonly refundTo: string;
  readonly standing: boolean;
}

/** What tasks of a market are executed with. */
export interface NewProgram {
  readonly language: Language;
  /** A script in UTF-8, or a module. */
  readonly program: Uint8Array;
}

export interface ProgramView {
  readonly hash: Bytes32;
  readonly language: Language;
  readonly bytes: number;
}

/** One task of a batch. `terms` replaces some of the market's terms; its JSON has amounts in base units. */
export interface NewTask {
  readonly externalId: string;
  readonly content: Json;
  readonly terms: Json | null;
  /** The right answer: then it is a control task, and the answer stays hidden. */
  readonly control: Json | null;
}

/** How an import that broke off goes on when its owner brings the same again. */
export interface Continued {
  /** The owner's own name for it. */
  readonly key: string;
  /** Called before the first task is asked for: so many tasks are there, and need not come again. */
  goOn(mark: string, count: number): void;
  /** Where the source stands after the tasks that it gave last. */
  mark(): string;
}

export interface TaskView {
  readonly lane: number;
  readonly task: number;
  readonly externalId: string;
  readonly content: Json;
  readonly terms: Terms;
}

/** A slot as the network's own instruments see it. */
export interface HeldSlot {
  readonly key: Bytes32;
  readonly state: SlotState;
  readonly assignedAtMs: number;
  readonly content: Json;
}

export interface OfferView {
  readonly slot: Slot;
  readonly expiresAtMs: number;
  readonly code: string | null;
  readonly reward: Amount;
  readonly task: TaskView;
}

export interface Submission {
  readonly slot: Slot;
  readonly body: Json;
}

export interface SubmitRequest {
  readonly market: MarketId;
  readonly session: Session;
  /**
   * By the session key over `submissionsStatement` of these submissions and the client's time. Without it the session's
   * token answers for them, and what they earn is held until a checkpoint covers them.
   */
  readonly signed: { readonly timeMs: number; readonly signature: Uint8Array } | null;
  readonly submissions: readonly Submission[];
  /** How many further assignments are wished: a turn. */
  readonly next: number;
  readonly isLate?: IsLate;
}

/** Asked before a command is begun: who has waited too long by then is refused, RATE_EXCEEDED, and nothing is written. */
export type IsLate = () => boolean;

/** What a session brought with its token alone. */
export interface SessionCoverage {
  readonly session: Bytes32;
  /** Its first submissions, as many as are signed for, and their running hash. */
  readonly count: number;
  readonly running: Bytes32;
  /** Those after them, in the order of the log. */
  readonly submissions: readonly { readonly slot: Slot; readonly body: Bytes32 }[];
  readonly pay: Amount;
}

/** A signature of the first `count` submissions of a session, over `coverageStatement`. */
export interface Checkpoint {
  readonly session: Bytes32;
  readonly count: number;
  readonly running: Bytes32;
  readonly signature: Uint8Array;
}

/** Why a submission is void: a fault of ours, which is no verdict on the answer. */
export type FaultReason = `FAULT_${Uppercase<Fault>}`;

export interface SubmissionView {
  readonly slot: Slot;
  /** `held` until the verdict; see SlotState. */
  readonly state: SlotState;
  readonly reason: Reason | FaultReason | null;
  /** What was paid: 0 unless accepted. */
  readonly reward: Amount;
  /** The entry that submitted it. */
  readonly sequence: number;
}

/** What became of a submission, proved in portable bytes. */
export interface SlotReceipt {
  readonly slot: Slot;
  readonly receipt: Uint8Array;
}

/** Proof that entries stand in the log under a head that the server signed. */
export interface Acknowledgement {
  readonly market: MarketId;
  readonly lane: number;
  readonly head: SignedHead;
  readonly entries: readonly { readonly sequence: number; readonly encoded: Uint8Array; readonly path: LogPath }[];
}

export interface SignedHead {
  readonly sequence: number;
  readonly root: Bytes32;
  readonly timeMs: number;
  readonly signature: Uint8Array;
}

export interface TurnView {
  readonly submissions: readonly SubmissionView[];
  readonly offers: readonly OfferView[];
  readonly acknowledgement: Acknowledgement;
}

export interface VerdictView extends SubmissionView {
  readonly explanation: Explanation;
  readonly market: MarketId;
  /** The token that the market pays in. */
  readonly mint: string;
  readonly lane: number;
  readonly decidedSequence: number;
  readonly decidedAtMs: number;
}

export interface Balance {
  readonly released: Amount;
  readonly held: Amount;
  /** What transactions that are final paid to the contributor's wallet. */
  readonly settled: Amount;
}

export interface TokenBalance extends Balance {
  readonly mint: string;
  /** The wallet that the next commit pays. */
  readonly paidAt: Bytes32;
}

export interface ContributorView {
  readonly contributor: number;
  readonly key: Bytes32;
  readonly automated: boolean;
  readonly facts: Facts;
  /** A token each: the home token first, then those in which it earned. */
  readonly balances: readonly TokenBalance[];
}

/** One row of a market's results: paid answers only. */
export interface ResultView {
  readonly lane: number;
  readonly task: number;
  readonly externalId: string;
  /** The settled label, or the known answer of a control task. */
  readonly label: Json;
  readonly confidencePpm: number;
  readonly decided: boolean;
  readonly control: boolean;
  /** Judged answers by what they say: a text as it is, anything else as JSON. */
  readonly votes: Readonly<Record<string, number>>;
  readonly paid: readonly {
    readonly slot: Slot;
    readonly contributor: Bytes32;
    readonly reward: Amount;
    readonly reason: Reason;
    readonly submittedSequence: number;
    readonly decidedSequence: number;
  }[];
  readonly cost: Amount;
  /** Proves the entries that the row rests on. */
  readonly receipt: Acknowledgement;
}

/** An entry as the public may see it: no bodies, no hidden answers. */
export interface EventView {
  readonly lane: number;
  readonly sequence: number;
  readonly kind: EntryKind;
  readonly task: number | null;
  readonly data: Json;
}

/** A qualification test as its requester gives it. */
export interface NewTest {
  readonly questions: readonly (Question & { readonly answer: string })[];
  /** What the requester calls passed; tasks ask for a score by their eligibility. */
  readonly passPpm: number;
  readonly validMs: number;
}

/** As contributors see it: without the answers. */
export interface TestView {
  readonly name: string;
  readonly questions: readonly Question[];
  readonly passPpm: number;
  readonly validMs: number;
  /** The entry that added it. */
  readonly sequence: number;
}

export interface Score {
  readonly scorePpm: number;
  readonly isPassed: boolean;
  readonly expiresAtMs: number;
}

export interface RetiredControls {
  readonly retired: number;
  /** Not retired, because somebody is about to answer them. */
  readonly left: number;
}

export interface NewQuestion {
  readonly question: string;
  readonly content: readonly { readonly label: string; readonly text: string }[];
  readonly choices: readonly string[];
  readonly reward: Amount;
  readonly overlap: { readonly min: number; readonly max: number; readonly targetPpm: number };
  readonly eligibility: Terms["eligibility"];
  readonly deadlineMs: number | null;
}

/** Of one token: amounts of several add up to nothing. */
export interface Totals {
  readonly mint: string;
  /** What contributors earned by the ledger, fee excluded. */
  readonly earned: Amount;
  readonly fee: Amount;
  readonly refunded: Amount;
  /** Of `earned`: what final transactions paid out. */
  readonly settled: Amount;
  readonly contributorsPaid: number;
}

export interface LogPage {
  readonly records: readonly {
    readonly sequence: number;
    readonly encoded: Uint8Array;
    readonly attachment: Uint8Array | null;
  }[];
  readonly head: SignedHead;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
