import { type Amount, addAmounts, sumAmounts, zero } from "../core/amount.ts";
import { type Bytes32, equalBytes, zero32 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import type { Slot } from "../core/slot.ts";
import { runningHash } from "../core/statements.ts";
import { cover, credit, creditUncovered } from "../ledger/purse.ts";
import type { EntryOf } from "./entries.ts";
import type { Member, MemberSession, UncoveredSubmission } from "./state.ts";

/** Submissions that a session may bring with its token alone before it has to sign for them. */
export const uncoveredMax = 100;

/** Sessions of one contributor at a time: a phone, a desk, and those before them. */
const sessionsMax = 4;

/** A loop, as each request names one. */
export function findSession({ sessions }: Member, key: Bytes32): MemberSession | undefined {
  for (let at = sessions.length - 1; at >= 0; at--) {
    const session = sessions[at] as MemberSession;
    if (equalBytes(session.key, key)) return session;
  }
  return undefined;
}

const isWaiting = ({ uncovered }: MemberSession): boolean => uncovered.length > 0;

/** The newest ones, and those before them that brought what nobody signed yet. */
export function withSession(member: Member, { key, untilMs }: Pick<MemberSession, "key" | "untilMs">): MemberSession[] {
  const known = findSession(member, key) ?? { coveredCount: 0, running: zero32, uncovered: [] };
  const all = [...member.sessions.filter((session) => !equalBytes(session.key, key)), { ...known, key, untilMs }];
  return all.filter((session, at) => at >= all.length - sessionsMax || isWaiting(session));
}

/** Refuses a session that is none of the member's, has ended, or would be one too many to wait for a signature. */
export function admitCarrier(member: Member, key: Bytes32, timeMs: number): void {
  const session = findSession(member, key);
  if (session === undefined || session.untilMs < timeMs) throw notAuthorised();
  const others = member.sessions.filter((each) => each !== session && isWaiting(each));
  if (others.length >= sessionsMax) throw earnestError("UNCOVERED_EXCEEDED", { what: "sessions", max: sessionsMax });
}

/** Refuses a submission without a signature where no session carries it, or too many wait for one. */
export function admitUncovered(member: Member, timeMs: number): void {
  const session = member.carrier === null ? undefined : findSession(member, member.carrier);
  if (session === undefined)
    throw earnestError("MALFORMED_REQUEST", { where: "signature", problem: "does not cover this submission" });
  if (session.untilMs < timeMs) throw notAuthorised();
  if (session.uncovered.length >= uncoveredMax)
    throw earnestError("UNCOVERED_EXCEEDED", { what: "submissions", max: uncoveredMax });
}

const notAuthorised = () =>
  earnestError("MALFORMED_REQUEST", { where: "session", problem: "is none that the contributor authorised" });

/** Refuses a checkpoint that is not over the first submissions that the session really brought. */
export function admitCovered(member: Member, entry: EntryOf<"covered">, timeMs: number, hash: Hash): void {
  const by = findSession(member, entry.by);
  if (by === undefined || by.untilMs < timeMs) throw notAuthorised();
  const session = findSession(member, entry.session);
  if (session === undefined) throw mismatch("the market knows no such session of the contributor");
  const { coveredCount, uncovered } = session;
  const last = coveredCount + uncovered.length;
  if (entry.count <= coveredCount || entry.count > last)
    throw mismatch(`${entry.count} is not one of its submissions ${coveredCount + 1} to ${last}`);
  const running = runningHash(hash, session.running, uncovered.slice(0, entry.count - coveredCount));
  if (!equalBytes(running, entry.running)) throw mismatch("it is over other submissions");
}

const mismatch = (problem: string) => earnestError("COVERAGE_MISMATCH", { problem });

/** Adds a submission without a signature to its session. */
export function carry(member: Member, { task, ordinal }: Slot, body: Bytes32): void {
  const { carrier } = member;
  const session = carrier === null ? undefined : findSession(member, carrier);
  if (session === undefined) return;
  replaceUncovered(member, session, [...session.uncovered, { task, ordinal, body, pay: zero }]);
}

/** Credits what a submission earned: where nobody signed it yet, it waits for that. */
export function creditSlot(member: Member, slot: Slot, earned: Amount): void {
  const found = member.carrier === null ? null : findUncovered(member, slot);
  if (found === null) {
    credit(member.purse, earned);
    return;
  }
  const { session, at } = found;
  creditUncovered(member.purse, earned);
  const before = session.uncovered[at] as UncoveredSubmission;
  replaceUncovered(member, session, session.uncovered.with(at, { ...before, pay: addAmounts(before.pay, earned) }));
}

/** A loop, as each submission that is paid is looked for among a hundred. */
function findUncovered(member: Member, { task, ordinal }: Slot): { session: MemberSession; at: number } | null {
  for (const session of member.sessions) {
    const { uncovered } = session;
    for (let at = 0; at < uncovered.length; at++) {
      const each = uncovered[at] as UncoveredSubmission;
      if (each.task === task && each.ordinal === ordinal) return { session, at };
    }
  }
  return null;
}

function replaceUncovered(member: Member, session: MemberSession, uncovered: readonly UncoveredSubmission[]): void {
  member.sessions = member.sessions.with(member.sessions.indexOf(session), { ...session, uncovered });
}

/** What these submissions earned, or will, is like all other earnings from now on. */
export function coverUpTo(member: Member, { session: key, count, running }: EntryOf<"covered">): void {
  member.sessions = member.sessions.map((session) => {
    if (!equalBytes(session.key, key)) return session;
    const signed = count - session.coveredCount;
    cover(member.purse, sumAmounts(session.uncovered.slice(0, signed).map(({ pay }) => pay)));
    return { ...session, coveredCount: count, running, uncovered: session.uncovered.slice(signed) };
  });
}
