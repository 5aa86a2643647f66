import type { FirstWork } from "../../../src/contract/open-work.ts";
import { routes } from "../../../src/contract/routes.ts";
import { enter, network, transport, watched } from "../connection.ts";
import { shownOf } from "../content/parts.ts";
import { start } from "../trouble.ts";
import { type Draft, isKnownType } from "../widgets/draft.ts";
import { isDecided, keyOf } from "./answers.ts";
import { noteOutcome } from "./outcomes.ts";

/** The task of the first page. It is looked at without a key, so nobody has a slot of it yet. */
export type FirstTask = NonNullable<FirstWork["first"]>;

export async function firstTask(): Promise<FirstTask | null> {
  network().catch(() => undefined);
  // As the server's `Link` header says it, or the browser asks again.
  const { first } = await watched(transport.call(routes.getFirstWork, { accept: "*/*" }));
  return first !== null && isKnownType(first.task.terms.answer) ? first : null;
}

const startedAtMs = Date.now();

/** Takes the task's slot and sends the answer; the key under which its outcome is noted. */
export async function answerFirst({ work, task }: FirstTask, draft: Exclude<Draft, undefined>): Promise<string> {
  const known = await enter();
  const [offer] = await watched(known.assign(work.market, { task: task.task }));
  if (offer === undefined) throw new Error("the task was given to somebody else");
  const answeredAtMs = Date.now();
  const turn = await watched(known.submit(work.market, { slot: offer.slot, body: { answer: draft } }));
  const [submission] = turn.submissions;
  if (submission === undefined) throw new Error("the answer has no outcome");
  const outcome = {
    market: work.market,
    slot: submission.slot,
    mint: work.token.mint,
    title: work.title,
    question: shownOf(task.content).question ?? task.id,
    offered: offer.reward,
    answeredAtMs,
    workMs: Math.min(120_000, answeredAtMs - startedAtMs),
    submission,
    decidedAtMs: isDecided(submission) ? Date.now() : null,
  };
  // The server has the answer: what became of it is shown before it is kept.
  start(noteOutcome(outcome));
  return keyOf(outcome);
}
