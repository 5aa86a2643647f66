import type { SessionCoverage } from "../contract/coverage.ts";
import { type Bytes32, bytes32, fromBase58, fromHex, toHex, zero32 } from "../core/bytes.ts";
import { marketId } from "../core/market-id.ts";
import { parseSlot, type Slot } from "../core/slot.ts";
import { coverageStatement, runningHash } from "../core/statements.ts";
import { sha256 } from "./sha256.ts";

/** The server shows submissions that were not sent, or another order than it showed before. Nothing was signed. */
export class UnsentSubmission extends Error {
  override readonly name = "UnsentSubmission";
}

/** What is to be signed for a session's submissions, and where that leads. */
export interface CheckpointToSign {
  readonly session: string;
  readonly count: number;
  readonly running: Bytes32;
  readonly statement: Uint8Array;
}

/** After so many submissions a checkpoint is due: half of what may wait, so that those on their way have room. */
const dueAfter = 50;

interface Chain {
  count: number;
  running: Bytes32;
  /** Signed, and perhaps not heard of: the answer can be lost. */
  asked: { readonly count: number; readonly running: Bytes32 } | null;
  /** Slot → hash of the body that was sent. */
  readonly sent: Map<string, string>;
}

/**
 * What this client's sessions brought with their tokens alone. It signs for what it sent itself, in whichever order the log
 * took it, and for nothing else: a server that adds a submission gets no signature.
 */
export class Coverage {
  readonly #chains = new Map<string, Chain>();

  sent(session: string, market: string, submissions: readonly (Slot & { readonly body: Bytes32 })[]): void {
    const key = `${session}/${market}`;
    const chain = this.#chains.get(key) ?? { count: 0, running: zero32, asked: null, sent: new Map<string, string>() };
    for (const { task, ordinal, body } of submissions) chain.sent.set(`${task}.${ordinal}`, toHex(body));
    this.#chains.set(key, chain);
  }

  /** The server took none of them. */
  refused(session: string, market: string, submissions: readonly Slot[]): void {
    const chain = this.#chains.get(`${session}/${market}`);
    for (const { task, ordinal } of submissions) chain?.sent.delete(`${task}.${ordinal}`);
  }

  isDue(session: string, market: string): boolean {
    return (this.#chains.get(`${session}/${market}`)?.sent.size ?? 0) >= dueAfter;
  }

  /** Where something was sent that is not signed for. */
  get markets(): readonly string[] {
    const waiting = [...this.#chains].filter(([, { sent }]) => sent.size > 0);
    return [...new Set(waiting.map(([key]) => key.slice(key.indexOf("/") + 1)))];
  }

  /**
   * Null where there is nothing to sign for, or it was brought by a session that is not this client's.
   *
   * @throws UnsentSubmission
   */
  toSign(market: string, shown: SessionCoverage): CheckpointToSign | null {
    const chain = this.#chains.get(`${shown.session}/${market}`);
    if (chain === undefined || shown.submissions.length === 0) return null;
    adoptAsked(chain, shown);
    if (shown.count !== chain.count || shown.running !== toHex(chain.running))
      throw new UnsentSubmission(`the server says that ${shown.count} are signed for, we know of ${chain.count}`);
    for (const { slot, bodyHash } of shown.submissions) {
      if (chain.sent.get(slot) !== bodyHash) throw new UnsentSubmission(`nobody sent this answer in slot ${slot}`);
    }
    return checkpointOf(market, shown);
  }

  /** The server took what was signed. */
  covered(market: string, { submissions }: SessionCoverage, { session, count, running }: CheckpointToSign): void {
    const chain = this.#chains.get(`${session}/${market}`);
    if (chain === undefined) return;
    Object.assign(chain, { count, running, asked: null });
    for (const { slot } of submissions) chain.sent.delete(slot);
  }

  asked(market: string, { session, count, running }: CheckpointToSign): void {
    const chain = this.#chains.get(`${session}/${market}`);
    if (chain !== undefined) chain.asked = { count, running };
  }
}

function adoptAsked(chain: Chain, { count, running }: SessionCoverage): void {
  const { asked } = chain;
  if (asked !== null && asked.count === count && toHex(asked.running) === running) Object.assign(chain, asked);
}

function checkpointOf(market: string, shown: SessionCoverage): CheckpointToSign {
  const submissions = shown.submissions.map(({ slot, bodyHash }) => ({
    ...parseSlot(slot),
    body: bytes32(fromHex(bodyHash)),
  }));
  const running = runningHash(sha256, bytes32(fromHex(shown.running)), submissions);
  const count = shown.count + submissions.length;
  const session = bytes32(fromBase58(shown.session));
  const statement = coverageStatement({ market: marketId(market), lane: 0, session, count, running });
  return { session: shown.session, count, running, statement };
}
