import type { Submission, Verdict } from "../../../src/contract/work.ts";
import { contributor, refreshMe, watched } from "../connection.ts";
import { readAll, write } from "../database.ts";
import { Store } from "../store.ts";
import { isDecided, keyOf, type Outcome } from "./answers.ts";
import { announce } from "./news.ts";

/** What became of the answers of this browser, by slot. */
export const outcomes = new Store<ReadonlyMap<string, Outcome>>(new Map());

export async function loadOutcomes(): Promise<void> {
  const kept = await readAll<Outcome>("outcomes");
  outcomes.update((now) => new Map([...kept.map((each) => [keyOf(each), each] as const), ...now]));
}

/** Notes what the server says of an answer; a verdict that is new is told. */
export async function noteOutcome(outcome: Outcome): Promise<void> {
  const key = keyOf(outcome);
  const before = outcomes.value.get(key);
  outcomes.update((now) => new Map(now).set(key, outcome));
  const wasDecided = before !== undefined && isDecided(before.submission);
  const isNews = isDecided(outcome.submission) && (!wasDecided || before.submission.state !== outcome.submission.state);
  if (isNews) {
    announce(outcome);
    refreshMe().catch(() => undefined);
  }
  await write("outcomes", key, outcome);
}

const withVerdict = (outcome: Outcome, submission: Submission): Outcome => ({
  ...outcome,
  submission,
  decidedAtMs: isDecided(submission) ? Date.now() : null,
});

/** Asks what became of an answer. */
export async function askAgain(outcome: Outcome): Promise<void> {
  const known = contributor.value;
  if (known === null) return;
  const submission = await watched(known.slot(outcome.market, outcome.slot));
  const now = outcomes.value.get(keyOf(outcome)) ?? outcome;
  if (submission.state !== now.submission.state) await noteOutcome(withVerdict(now, submission));
}

/** The verdict on an answer with all that explains it; null where it is not among the latest. */
export async function verdictOn(outcome: Outcome): Promise<Verdict | null> {
  const known = contributor.value;
  if (known === null) return null;
  const { items } = await watched(known.verdicts({ limit: 100 }).page());
  return items.find((each) => keyOf(each) === keyOf(outcome)) ?? null;
}

/** One tap: a second verdict on a rejection. */
export async function appeal(outcome: Outcome): Promise<void> {
  const known = contributor.value;
  if (known === null) return;
  await noteOutcome(withVerdict(outcome, await watched(known.appeal(outcome.market, outcome.slot))));
}

export const waiting = (all: ReadonlyMap<string, Outcome>): Outcome[] =>
  [...all.values()].filter(({ submission }) => !isDecided(submission));
