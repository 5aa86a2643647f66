import { type Amount, zero } from "../../core/amount.ts";
import { type Bytes32, equalBytes, toHex } from "../../core/bytes.ts";
import {
  type AttestorSet,
  type SignatureReason,
  signatureProblem,
  signatureReasons,
  type VerifySignature,
} from "../../core/commit/attestors.ts";
import { type CommitBody, commitDigest, signedBytes } from "../../core/commit/commit-message.ts";
import { type Hash, jsonHash, tags } from "../../core/hash.ts";
import { verifyPath } from "../../core/log-tree.ts";
import { KnownNodes } from "../../core/merkle/known-nodes.ts";
import { type LaneLeaf, laneLeafHash, payoutLeafHash } from "../../core/merkle/leaves.ts";
import type { Slot } from "../../core/slot.ts";
import { headStatement } from "../../core/statements.ts";
import type { Entry, EntryKind, EntryOf } from "../entries.ts";
import { payOf } from "../paying.ts";
import { type MarketSpec, parseSpecText, parseTermsText, specToJson, type Terms } from "../spec.ts";
import { ProvedLog } from "./proved-log.ts";
import { encodeShared, type Receipt, type ReceiptCommit, type ReceiptHead, type SharedCommit } from "./receipt.ts";
import { type Decided, isSlot, lastRuling, type ProvedEntry, type SlotRuling } from "./ruling-on.ts";

/** Attestors by the version of their set, which counts rotations. */
export interface AttestorSets {
  get(version: number): AttestorSet | undefined;
}

/** What a pool's account keeps of its commits: of the last its digest, and the payout roots of some. */
export interface LastCommit {
  readonly epoch: bigint;
  readonly digest: Bytes32;
  /** That of epoch e lies at e modulo their number. */
  readonly payoutRoots: readonly Bytes32[];
}

/** What of a commit is on chain: the commit itself, of the epochs before it the payout root, or only that they passed. */
export type OnChain = "commit" | "payouts" | "epoch";

/** Whom a verifier trusts. What it trusts nobody for is not verified, so one of the two must be there. */
export interface ReceiptTrust {
  /** The network's signer of heads. */
  readonly signer: Bytes32 | null;
  /** Where commits count, and who its attestors are by the version of their set: from the chain, or pinned. */
  readonly commits: {
    readonly program: Bytes32;
    readonly cluster: Bytes32;
    readonly network: Bytes32;
    readonly pool: Bytes32;
    readonly sets: AttestorSets;
    /** The pool's last commit on chain, where somebody looked: a later one is not there, and of one epoch there is one. */
    readonly last?: LastCommit;
  } | null;
}

export const receiptReasons = {
  ...signatureReasons,
  NOTHING_TRUSTED: "it has neither a head nor a commit that this verifier has a key for",
  HEAD_SIGNATURE_WRONG: "its head is not signed by the network's signer",
  COMMIT_ELSEWHERE: "its commit is for another program, cluster, network or pool",
  COMMIT_NOT_ON_CHAIN: "its commit is not the one that is on chain",
  SET_UNKNOWN:
    "its commit is by a set of attestors that is not known here; asked for anew, it stands on one by the present set",
  LANE_NOT_COMMITTED: "its lane is not under the commit's log root",
  PAYOUT_NOT_COMMITTED: "its payout is not under the commit's payout root",
  PAYOUT_OF_ANOTHER: "its payout leaf is another contributor's",
  ENTRY_MALFORMED: "an entry cannot be decoded",
  ENTRY_NOT_IN_LOG: "an entry is not in the log",
  ENTRY_MISSING: "an entry that it needs is missing",
  ENTRY_OF_ANOTHER: "an entry is about something else",
  TASK_NOT_IN_BATCH: "its task is not in the batch",
  NOT_DECIDED: "no entry decides the submission",
} as const;
export type ReceiptReason = keyof typeof receiptReasons | SignatureReason;

export interface ReceiptProblem {
  readonly ok: false;
  readonly reason: ReceiptReason;
  /** Which entry, field or signer. */
  readonly where: string;
}

/** What a good receipt proves. */
export interface ReceiptFacts {
  readonly ok: true;
  readonly specHash: Bytes32;
  /** The token that the market pays in; null for the network's home token, which specifications do not name. */
  readonly mint: string | null;
  readonly taskHash: Bytes32 | null;
  readonly bodyHash: Bytes32;
  readonly contributor: { readonly index: number; readonly key: Bytes32 };
  readonly verdict: SlotRuling["verdict"];
  readonly reason: SlotRuling["reason"];
  /** A rejection whose window to appeal has passed. */
  readonly isFinal: boolean;
  readonly submittedSequence: number;
  readonly decidedSequence: number;
  /** What the verdict paid, in base units. */
  readonly paid: Amount;
  /** What the contributor was owed in all at the commit; null where there is none yet. */
  readonly committed: {
    readonly epoch: bigint;
    readonly asOf: bigint;
    readonly destination: Bytes32;
    readonly cumulative: Amount;
    readonly held: Amount;
    /** Null where nobody looked. */
    readonly onChain: OnChain | null;
  } | null;
}

/** Verifies receipts one after another; those under one head or commit share its signatures. */
export class ReceiptVerifier {
  readonly #trust: ReceiptTrust;
  readonly #hash: Hash;
  readonly #verify: VerifySignature;
  /** Statements and digests whose signatures were good. */
  readonly #good = new Set<string>();
  #lastGood: readonly Uint8Array[] = [];
  readonly #known = new Map<string, KnownNodes>();
  #lastPromised: Promised | null = null;
  #lastLog: ProvedLog | null = null;
  #lastCommit: GoodCommit | null = null;

  constructor(trust: ReceiptTrust, hash: Hash, verify: VerifySignature) {
    this.#trust = trust;
    this.#hash = hash;
    this.#verify = verify;
  }

  verify(receipt: Receipt): ReceiptFacts | ReceiptProblem {
    const anchor = this.#anchor(receipt);
    if ("ok" in anchor) return anchor;
    const entries = this.#entries(receipt, anchor);
    if ("ok" in entries) return entries;
    const facts = this.#facts(receipt, entries);
    if (!facts.ok || receipt.commit === null || this.#trust.commits === null) return facts;
    const { payout, message } = receipt.commit;
    if (payout.index !== facts.contributor.index) return problem("PAYOUT_OF_ANOTHER", `leaf ${payout.index}`);
    const { destination, cumulative, held } = payout;
    const { epoch, asOf } = message.body;
    return { ...facts, committed: { epoch, asOf, destination, cumulative, held, onChain: anchor.onChain } };
  }

  /** The log that all entries must be in, once somebody who is trusted signed its root. */
  #anchor(receipt: Receipt): Anchor | ReceiptProblem {
    const { head, commit } = receipt;
    if (commit !== null && this.#trust.commits !== null) {
      return this.#commitAnchor(receipt, commit, this.#trust.commits);
    }
    if (head === null || this.#trust.signer === null) return problem("NOTHING_TRUSTED", "head and commit");
    const found = this.#headProblem(receipt, head, this.#trust.signer);
    return found ?? { log: this.#logOf(head.root, head.sequence), onChain: null };
  }

  #logOf(root: Bytes32, size: number): ProvedLog {
    if (!this.#lastLog?.is(root, size)) this.#lastLog = new ProvedLog(this.#hash, this.#under(root), root, size);
    return this.#lastLog;
  }

  #headProblem({ market, lane }: Receipt, head: ReceiptHead, signer: Bytes32): ReceiptProblem | null {
    const statement = headStatement({ market, lane, ...head });
    const isGood = this.#isGood([statement, head.signature], () => this.#verify(signer, statement, head.signature));
    return isGood ? null : problem("HEAD_SIGNATURE_WRONG", `head of entry ${head.sequence}`);
  }

  #commitAnchor(receipt: Receipt, commit: ReceiptCommit, trust: CommitTrust): Anchor | ReceiptProblem {
    const { lane, payout, payoutProof, message } = commit;
    const { context, body } = message;
    const good = this.#goodCommit(commit, trust);
    if ("ok" in good) return good;
    if (lane.market !== receipt.market || lane.lane !== receipt.lane) return laneProblem(lane);
    const payoutHash = payoutLeafHash(this.#hash, context.pool, payout);
    const isPlaced = payoutProof.position === payout.index && BigInt(payout.index) < body.leafCount;
    if (isPlaced && good.payouts.verifyProof(payoutHash, payoutProof)) return good;
    return problem("PAYOUT_NOT_COMMITTED", `leaf ${payout.index}`);
  }

  /** Checked once for all receipts in a row that share it: what was good, to the byte, stays so. */
  #goodCommit(commit: SharedCommit, trust: CommitTrust): GoodCommit | ReceiptProblem {
    const shared = encodeShared(commit);
    if (this.#lastCommit !== null && equalBytes(shared, this.#lastCommit.shared)) return this.#lastCommit;
    const { lane, message } = commit;
    const onChain = this.#onChain(commit, trust);
    if (typeof onChain === "object" && onChain !== null) return onChain;
    const log = this.#logOf(lane.root, lane.size);
    this.#lastCommit = { shared, onChain, log, payouts: this.#under(message.body.payoutRoot) };
    return this.#lastCommit;
  }

  /** What of a commit is on chain, once it is found to be good. */
  #onChain(
    { message, signatures, lane, laneProof }: SharedCommit,
    trust: CommitTrust,
  ): OnChain | ReceiptProblem | null {
    const { context, body } = message;
    for (const name of ["program", "cluster", "network", "pool"] as const) {
      if (!equalBytes(context[name], trust[name])) return problem("COMMIT_ELSEWHERE", name);
    }
    const set = trust.sets.get(context.setVersion);
    const digest = commitDigest(this.#hash, message);
    // The program took it by the set of its time, which may have been replaced since.
    const isTaken = trust.last !== undefined && equalBytes(digest, trust.last.digest);
    if (set === undefined && !isTaken) return problem("SET_UNKNOWN", `set ${context.setVersion}`);
    const onChain = trust.last === undefined ? null : onChainOf(body, digest, trust.last);
    if (trust.last !== undefined && onChain === null) return problem("COMMIT_NOT_ON_CHAIN", `epoch ${body.epoch}`);
    const wrong = set === undefined ? null : this.#signatureProblem(set, digest, signatures);
    if (wrong !== null) return wrong;
    const isLane = this.#under(body.logRoot).verifyProof(laneLeafHash(this.#hash, context.pool, lane), laneProof);
    return isLane ? onChain : laneProblem(lane);
  }

  #signatureProblem(set: AttestorSet, digest: Bytes32, signatures: ReceiptCommit["signatures"]): ReceiptProblem | null {
    const signed = signedBytes("commit", digest);
    let wrong: ReceiptProblem | null = null;
    this.#isGood([signed, ...signatures.flatMap(({ key, signature }) => [key, signature])], () => {
      const found = signatureProblem(set, signed, signatures, this.#verify);
      if (found !== null) wrong = problem(found.reason, found.place < 0 ? "signatures" : `signature ${found.place}`);
      return found === null;
    });
    return wrong;
  }

  /** What is known under a root: receipts of one lane and commit share most of their paths. */
  #under(root: Bytes32): KnownNodes {
    const name = toHex(root);
    const known = this.#known.get(name) ?? new KnownNodes(this.#hash, root);
    if (!this.#known.has(name) && this.#known.size >= rootsMax) this.#known.clear();
    this.#known.set(name, known);
    return known;
  }

  /** Signatures are slow: what was good once, to the byte, stays so. */
  #isGood(parts: readonly Uint8Array[], verify: () => boolean): boolean {
    // Most often those of the receipt before.
    if (
      parts.length === this.#lastGood.length &&
      parts.every((part, i) => equalBytes(part, this.#lastGood[i] as Uint8Array))
    )
      return true;
    const name = parts.map(toHex).join(" ");
    if (!this.#good.has(name)) {
      if (!verify()) return false;
      if (this.#good.size >= goodMax) this.#good.clear();
      this.#good.add(name);
    }
    this.#lastGood = parts;
    return true;
  }

  #entries({ entries }: Receipt, { log }: Anchor): ProvedEntry[] | ReceiptProblem {
    const proved: ProvedEntry[] = [];
    for (const each of entries) {
      const found = log.prove(each);
      if (typeof found === "string") return problem(found, `entry ${each.sequence}`);
      proved.push(found);
    }
    return proved.sort((a, b) => a.sequence - b.sequence);
  }

  #facts(receipt: Receipt, entries: readonly ProvedEntry[]): ReceiptFacts | ReceiptProblem {
    const { slot, market, lane } = receipt;
    const created = only(entries, "created", () => true);
    if (created === null) return problem("ENTRY_MISSING", "created");
    if (created.entry.market !== market || created.entry.lane !== lane) return problem("ENTRY_OF_ANOTHER", "created");
    const batch = only(entries, "batchAdded", ({ first, count }) => first <= slot.task && slot.task < first + count);
    if (batch === null) return problem("ENTRY_MISSING", "batchAdded");
    const submitted = only(entries, "submitted", (entry) => isSlot(entry, slot));
    if (submitted === null) return problem("ENTRY_MISSING", "submitted");
    const { contributor, body } = submitted.entry;
    const joined = only(entries, "joined", (entry) => entry.contributor === contributor);
    if (joined === null) return problem("ENTRY_MISSING", "joined");
    if (!this.#isInBatch(receipt, batch.entry)) return problem("TASK_NOT_IN_BATCH", `task ${slot.task}`);
    const decided = lastRuling(entries, slot);
    if (decided === null) return problem("NOT_DECIDED", `slot ${slot.task}.${slot.ordinal}`);
    const promised = this.#promised(created.entry.spec, batch.entry.terms);
    if (promised === null) return problem("ENTRY_MALFORMED", "specification");
    const paid = paidBy(promised, entries, slot, decided);
    if (paid === null) return problem("ENTRY_MISSING", "verified");
    return {
      ok: true,
      specHash: promised.specHash,
      mint: promised.spec.mint ?? null,
      taskHash: receipt.task?.hash ?? null,
      bodyHash: body,
      contributor: { index: contributor, key: joined.entry.key },
      verdict: decided.ruling.verdict,
      reason: decided.ruling.reason,
      isFinal: decided.isFinal,
      submittedSequence: submitted.sequence,
      decidedSequence: decided.sequence,
      paid,
      committed: null,
    };
  }

  /** Parsing a specification costs more than all hashes of a receipt, and a market's receipts share it. */
  #promised(spec: string, terms: string): Promised | null {
    const name = `${terms} ${spec}`;
    if (this.#lastPromised?.name === name) return this.#lastPromised;
    try {
      const parsed = parseSpecText(spec);
      const own = terms === "" ? parsed.terms : parseTermsText(parsed, terms);
      this.#lastPromised = {
        name,
        specHash: jsonHash(this.#hash, tags.spec, specToJson(parsed)),
        spec: parsed,
        terms: own,
      };
      return this.#lastPromised;
    } catch {
      return null;
    }
  }

  #isInBatch({ task, slot }: Receipt, { first, count, root }: EntryOf<"batchAdded">): boolean {
    if (task === null) return true;
    const isPlaced = task.path.index === slot.task - first && task.path.size === count;
    return isPlaced && verifyPath(this.#hash, task.hash, task.path, root);
  }
}

/** Signatures and roots that are kept in mind. */
const goodMax = 1_000;
const rootsMax = 16;

type CommitTrust = NonNullable<ReceiptTrust["commits"]>;

/** What a receipt stands on. */
interface Anchor {
  readonly log: ProvedLog;
  readonly onChain: OnChain | null;
}

interface GoodCommit extends Anchor {
  readonly shared: Uint8Array;
  readonly payouts: KnownNodes;
}

interface Promised {
  readonly name: string;
  readonly specHash: Bytes32;
  readonly spec: MarketSpec;
  readonly terms: Terms;
}

/**
 * What the verdict paid: the whole reward, or in a market with a composition the units of its word on the slot, which may
 * stand before a review or an appeal that decided. Null where that word is missing.
 */
function paidBy(
  { spec, terms }: Promised,
  entries: readonly ProvedEntry[],
  slot: Slot,
  { ruling, sequence }: Decided,
): Amount | null {
  if (ruling.verdict !== "accepted") return zero;
  const decider = entries.find((each) => each.sequence === sequence)?.entry;
  if (spec.verification === undefined || decider === undefined || isOfPanel(decider, slot)) return terms.reward;
  const words = entries.flatMap(({ entry }) => (entry.kind === "verified" && isSlot(entry, slot) ? [entry.units] : []));
  const units = words.at(-1);
  return units === undefined ? null : payOf(spec, terms, units).reward;
}

/** A panel's answers are no submissions that a composition looks at. */
const isOfPanel = (entry: Entry, { ordinal }: Slot): boolean =>
  (entry.kind === "appealSettled" && entry.ordinal !== ordinal) ||
  entry.kind === "challengeSettled" ||
  (entry.kind === "judged" && entry.reason === "UNDECIDED");

/** Null where it is not there. Of what the chain no longer keeps, the attestors' signatures have to do. */
function onChainOf({ epoch, payoutRoot }: CommitBody, digest: Bytes32, last: LastCommit): OnChain | null {
  if (epoch > last.epoch) return null;
  if (epoch === last.epoch) return equalBytes(digest, last.digest) ? "commit" : null;
  const kept = BigInt(last.payoutRoots.length);
  if (last.epoch - epoch >= kept) return "epoch";
  return equalBytes(payoutRoot, last.payoutRoots[Number(epoch % kept)] as Bytes32) ? "payouts" : null;
}

const laneProblem = ({ lane }: LaneLeaf): ReceiptProblem => problem("LANE_NOT_COMMITTED", `lane ${lane}`);
const problem = (reason: ReceiptReason, where: string): ReceiptProblem => ({ ok: false, reason, where });

/** The first entry of a kind that fits. */
function only<Kind extends EntryKind>(
  entries: readonly ProvedEntry[],
  kind: Kind,
  fits: (entry: EntryOf<Kind>) => boolean,
): ProvedEntry<EntryOf<Kind> & Entry> | null {
  const found = entries.find(({ entry }) => entry.kind === kind && fits(entry as EntryOf<Kind>));
  return (found as ProvedEntry<EntryOf<Kind> & Entry> | undefined) ?? null;
}

/** One receipt alone; for many, a verifier shares what they have in common. */
export const verifyReceipt = (
  receipt: Receipt,
  trust: ReceiptTrust,
  hash: Hash,
  verify: VerifySignature,
): ReceiptFacts | ReceiptProblem => new ReceiptVerifier(trust, hash, verify).verify(receipt);
