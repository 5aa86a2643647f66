import { type Bytes32, toUtf8 } from "../core/bytes.ts";
import type { VerifySignature } from "../core/commit/attestors.ts";
import { earnestError } from "../core/errors.ts";
import { coverageStatement, payToStatement, submissionsStatement } from "../core/statements.ts";
import type { Entry, EntryOf } from "../market/entries.ts";
import type { LaneState } from "../market/state.ts";

interface Open {
  readonly signed: EntryOf<"signed">;
  readonly sequence: number;
  readonly submissions: { readonly task: number; readonly ordinal: number; readonly body: Bytes32 }[];
}

/**
 * The signatures of contributors that a lane's log holds. The rules of a market do not look at them, as replay needs no
 * keys: whoever could write into the log could answer for others, or have them paid elsewhere, but for this.
 */
export class SignatureCheck {
  readonly #pool: Bytes32;
  readonly #verify: VerifySignature;
  /** Requests whose submissions have not all come. */
  readonly #open = new Map<number, Open>();

  constructor(pool: Bytes32, verify: VerifySignature) {
    this.#pool = pool;
    this.#verify = verify;
  }

  /**
   * Takes the lane's next entry; `state` is that after it, or after later ones.
   *
   * @throws REPLAY_MISMATCH naming the entry that holds a wrong signature
   */
  take(state: LaneState, entry: Entry, sequence: number): void {
    if (entry.kind === "signed") this.#begin(state, entry, sequence);
    else if (entry.kind === "submitted") this.#add(state, entry, sequence);
    else if (entry.kind === "covered") this.#checkCovered(state, entry, sequence);
    else if (entry.kind === "authorised") this.#checkAuthorised(state, entry, sequence);
    else if (entry.kind === "payTo") this.#checkPayTo(state, entry, sequence);
    else if (entry.kind === "cut") this.#checkWhole(state);
  }

  #begin(state: LaneState, signed: EntryOf<"signed">, sequence: number): void {
    this.#checkWhole(state);
    this.#open.set(signed.contributor, { signed, sequence, submissions: [] });
  }

  #add(state: LaneState, { contributor, task, ordinal, body }: EntryOf<"submitted">, sequence: number): void {
    const open = this.#open.get(contributor);
    if (open === undefined) {
      // The rules hold what a session's token alone brought, until the session signs for it.
      if (state.members.get(contributor)?.carrier) return;
      throw difference(state, sequence, "no signature covers it");
    }
    open.submissions.push({ task, ordinal, body });
    const { session, timeMs, count, signature } = open.signed;
    if (open.submissions.length < count) return;
    this.#open.delete(contributor);
    const statement = submissionsStatement(state.market, timeMs, open.submissions);
    if (this.#verify(session, statement, signature)) return;
    throw difference(state, open.sequence, "the session's signature is not over the submissions that follow it");
  }

  /** A request is answered as a whole: what was signed and does not stand in the log was left out. */
  #checkWhole(state: LaneState): void {
    for (const { sequence, signed, submissions } of this.#open.values()) {
      throw difference(state, sequence, `${signed.count} submissions were signed, ${submissions.length} follow`);
    }
  }

  #checkCovered(state: LaneState, { by, signature, ...covered }: EntryOf<"covered">, sequence: number): void {
    const statement = coverageStatement({ market: state.market, lane: state.lane, ...covered });
    if (this.#verify(by, statement, signature)) return;
    throw difference(state, sequence, "the checkpoint is not signed by a session of the contributor");
  }

  #checkAuthorised(state: LaneState, { contributor, text, signature }: EntryOf<"authorised">, sequence: number): void {
    const key = state.members.get(contributor)?.key;
    if (key !== undefined && this.#verify(key, toUtf8(text), signature)) return;
    throw difference(state, sequence, "the session is not authorised by the contributor's key");
  }

  #checkPayTo(state: LaneState, { contributor, number, wallet, signature }: EntryOf<"payTo">, sequence: number): void {
    const key = state.members.get(contributor)?.key;
    const statement = payToStatement({ pool: this.#pool, number, wallet });
    if (key !== undefined && this.#verify(key, statement, signature)) return;
    throw difference(state, sequence, "the paying address is not signed by the contributor's key");
  }
}

const difference = ({ lane }: LaneState, sequence: number, what: string) =>
  earnestError("REPLAY_MISMATCH", { lane, sequence, what });
