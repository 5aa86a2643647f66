import type { Bytes32 } from "../core/bytes.ts";
import type { VerifySignature } from "../core/commit/attestors.ts";
import { earnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { logRoot } from "../core/log-tree.ts";
import type { MarketId } from "../core/market-id.ts";
import { type Entry, isInputNumber } from "../market/entries.ts";
import { Replay, type StoredRecord } from "../market/replay.ts";
import { cutOf, type LaneCut } from "../market/settlement/lane-cut.ts";
import { emptyLaneState, type LaneState, type Member, specOf } from "../market/state.ts";
import { MapTable } from "../market/table.ts";
import { type ClaimedExecution, claimedExecution, decodedOrNull } from "./claimed-execution.ts";
import type { SourceRecord } from "./log-source.ts";
import type { ClaimedDraw } from "./reexecution.ts";
import { SignatureCheck } from "./signature-check.ts";

/** Which members were changed since somebody asked: what a cut has to say. */
class WatchedMembers extends MapTable<Member> {
  changed = new Set<number>();

  override edit(key: number): Member | undefined {
    this.changed.add(key);
    return super.edit(key);
  }

  override set(key: number, value: Member): void {
    this.changed.add(key);
    super.set(key, value);
  }
}

export interface LaneRules {
  readonly hash: Hash;
  readonly verify: VerifySignature;
  readonly pool: Bytes32;
  /** What the specifications of the pool's markets name as their token; absent in the home pool, whose name none. */
  readonly mint?: string | undefined;
}

/** One lane, as far as it was followed: its own replay and the signatures in its log. */
export class LaneReplay {
  readonly market: MarketId;
  readonly lane: number;
  readonly state: LaneState;
  readonly #members: WatchedMembers;
  readonly #replay: Replay;
  readonly #signatures: SignatureCheck;
  readonly #hash: Hash;
  readonly #mint: string | undefined;
  #endsInCut = true;
  /** What the log claims was executed, or has of the chain, as far as nobody repeated it here. */
  readonly #claimed: (ClaimedExecution | ClaimedDraw)[] = [];
  /** Entries that were given: the state is ahead by what follows from the last of them. */
  #fed: number;
  /** How far the copy on the disk is. */
  storedSize: number;
  /** Where a message that was signed has it; −1 where none has. */
  signedSize = -1;

  /** From its first entry, or from the state after one of its cuts. */
  constructor(market: MarketId, lane: number, rules: LaneRules, stored: LaneState | null = null) {
    const state = stored ?? emptyLaneState();
    this.market = market;
    this.lane = lane;
    this.#members = new WatchedMembers((state.members as MapTable<Member>).map);
    for (const contributor of this.#members.keys()) this.#members.changed.add(contributor);
    this.state = { ...state, members: this.#members };
    this.#hash = rules.hash;
    this.#mint = rules.mint;
    this.#replay = new Replay(this.state, rules.hash);
    this.#signatures = new SignatureCheck(rules.pool, rules.verify);
    this.#fed = state.tree.size;
    this.storedSize = this.#fed;
  }

  /** How many entries were given. */
  get size(): number {
    return this.#fed;
  }

  /** Of all that was given; meaningless in the middle of a step. */
  root(): Bytes32 {
    return logRoot(this.#hash, this.state.tree);
  }

  /** @throws REPLAY_MISMATCH naming the entry that cannot stand there; then this replay is good for nothing */
  feed(records: readonly SourceRecord[]): void {
    const first = this.#fed + 1;
    for (const [i, { sequence }] of records.entries()) {
      if (sequence !== first + i) this.#differs(first + i, `entry ${sequence} stands in its place`);
    }
    const inputs: (Entry | null)[] = [];
    this.#replay.feedStored(this.#decoded(records, inputs));
    for (const input of inputs) this.#check(input, ++this.#fed);
  }

  /**
   * Decodes inputs for the rules and for signatures alike; consequences are bytes that the rules come to, or not. Notes what
   * was executed, and of what, just before it is replayed: afterwards a task may be gone.
   */
  *#decoded(records: readonly SourceRecord[], inputs: (Entry | null)[]): Iterable<StoredRecord> {
    for (const { sequence, encoded, attachment } of records) {
      const entry = isInputNumber(encoded[0]) ? decodedOrNull(encoded) : null;
      inputs.push(entry);
      const execution = claimedExecution(this.state, entry, sequence);
      if (execution !== null) this.#claimed.push(execution);
      if (entry?.kind === "drawn") this.#claimed.push({ sequence, entry });
      yield { encoded, attachment, entry };
    }
  }

  /** The next of them to repeat, or to look up; `repeated` when that came to the same. */
  get toRepeat(): ClaimedExecution | ClaimedDraw | undefined {
    return this.#claimed[0];
  }

  repeated(): void {
    this.#claimed.shift();
  }

  #check(input: Entry | null, place: number): void {
    if (place === 1 && (this.state.market !== this.market || this.state.lane !== this.lane)) {
      this.#differs(1, "the log is of another market or lane");
    }
    if (place === 1 && specOf(this.state).mint !== this.#mint) this.#differs(1, "the market pays in another token");
    if (input !== null) this.#signatures.take(this.state, input, place);
    this.#endsInCut = input?.kind === "cut";
  }

  /**
   * What settlement takes from the lane now: those members who changed since the last time.
   *
   * @throws REPLAY_MISMATCH where the lane was not cut here
   */
  cut(): LaneCut {
    this.#replay.end();
    if (!this.#endsInCut) this.#differs(this.size, "the lane was not cut here");
    const { changed } = this.#members;
    this.#members.changed = new Set();
    return cutOf(this.#hash, this.state, changed);
  }

  #differs(sequence: number, what: string): never {
    throw earnestError("REPLAY_MISMATCH", { lane: this.lane, sequence, what });
  }
}
