import type { Market } from "../../../src/contract/markets.ts";
import { routes } from "../../../src/contract/routes.ts";
import type { Task } from "../../../src/contract/tasks.ts";
import { enter, network, transport, watched } from "../connection.ts";
import { shownOf } from "../content/parts.ts";
import { type Draft, isKnownType } from "../widgets/draft.ts";
import { isDecided, keyOf } from "./answers.ts";
import { openWork } from "./open-work.ts";
import { noteOutcome } from "./outcomes.ts";

/**
 * The task of the first page. It is looked at without a key, so nobody has a slot of it yet: one of the first few of a
 * market that set money aside for newcomers, so that its requester decides what strangers see first.
 */
const showcaseMax = 8;
/** Markets that are looked at, the best paid first. */
const marketsMax = 5;

export interface FirstTask {
  readonly market: Market;
  readonly task: Task;
}

export async function firstTask(): Promise<FirstTask | null> {
  network().catch(() => undefined);
  const found = await watched(openWork(1));
  const open = found.filter(({ eligibility, answer }) => eligibility.length === 0 && isKnownType(answer));
  for (const { market: id } of open.slice(0, marketsMax)) {
    const params = { market: id };
    const [market, tasks] = await watched(
      Promise.all([
        transport.call(routes.getMarket, { params }),
        transport.call(routes.listTasks, { params, query: { limit: showcaseMax } }),
      ]),
    );
    const known = tasks.items.filter(({ terms }) => isKnownType(terms.answer) && terms.eligibility.length === 0);
    const task = known[Math.floor(Math.random() * known.length)];
    if (isForNewcomers(market) && task !== undefined) return { market, task };
  }
  return null;
}

const isForNewcomers = ({ newcomer, escrow, rewardMax }: Market): boolean =>
  newcomer !== null && Number(escrow.newcomerBudget) >= Number(rewardMax);

const startedAtMs = Date.now();

/** Takes the task's slot and sends the answer; the key under which its outcome is noted. */
export async function answerFirst(market: Market, task: Task, draft: Exclude<Draft, undefined>): Promise<string> {
  const known = await enter();
  const [offer] = await watched(known.assign(market.id, { task: task.task }));
  if (offer === undefined) throw new Error("the task was given to somebody else");
  const answeredAtMs = Date.now();
  const turn = await watched(known.submit(market.id, { slot: offer.slot, body: { answer: draft } }));
  const [submission] = turn.submissions;
  if (submission === undefined) throw new Error("the answer has no outcome");
  const outcome = {
    market: market.id,
    slot: submission.slot,
    title: market.title,
    question: shownOf(task.content).question ?? task.id,
    offered: offer.reward,
    answeredAtMs,
    workMs: Math.min(120_000, answeredAtMs - startedAtMs),
    submission,
    decidedAtMs: isDecided(submission) ? Date.now() : null,
  };
  await noteOutcome(outcome);
  return keyOf(outcome);
}
