import { EarnestConnectionError, isApiError } from "../../../src/client/errors.ts";
import { enter, online, watched } from "../connection.ts";
import { readAll, remove, write } from "../database.ts";
import { Store } from "../store.ts";
import { start, trouble } from "../trouble.ts";
import { type Answered, isDecided, keyOf } from "./answers.ts";
import { noteOutcome } from "./outcomes.ts";

/**
 * Answers that the server does not have yet. Each is kept before anything else happens with it, sent when its time to
 * be taken back is over, and again and again until it is acknowledged: the same answer to the same slot counts once.
 * What the server refuses stays, with its reason, until somebody has read it.
 */
export const outbox = new Store<readonly Answered[]>([]);

const retryMs = 4_000;
let timer: ReturnType<typeof setTimeout> | undefined;
let isSending = false;

export async function loadOutbox(): Promise<void> {
  const kept = await readAll<Answered>("outbox");
  outbox.update((now) => [...kept.filter((each) => !now.some((other) => keyOf(other) === keyOf(each))), ...now]);
  plan();
  online.subscribe(() => {
    if (online.value) plan(0);
  });
}

export async function put(answered: Answered): Promise<void> {
  outbox.update((now) => [...now.filter((each) => keyOf(each) !== keyOf(answered)), answered]);
  await write("outbox", keyOf(answered), answered);
  plan();
}

/** Takes an answer back that was not sent yet; false where it is too late. */
export async function takeBack(answered: Answered): Promise<boolean> {
  const isThere = outbox.value.some((each) => keyOf(each) === keyOf(answered) && each.refused === null);
  if (!isThere || sending.has(keyOf(answered))) return false;
  await drop(answered);
  return true;
}

export async function drop(answered: Answered): Promise<void> {
  outbox.update((now) => now.filter((each) => keyOf(each) !== keyOf(answered)));
  await remove("outbox", keyOf(answered));
}

/** Sends what may be taken back now too: the page is about to be left, or a verdict is wanted. */
export async function sendNow(): Promise<void> {
  await send(Number.POSITIVE_INFINITY);
}

const sending = new Set<string>();

function plan(afterMs?: number): void {
  clearTimeout(timer);
  const open = outbox.value.filter(({ refused }) => refused === null);
  if (open.length === 0) return;
  const due = Math.min(...open.map(({ sendAtMs }) => sendAtMs)) - Date.now();
  timer = setTimeout(() => start(send(Date.now())), Math.max(0, afterMs ?? due));
}

async function send(dueAtMs: number): Promise<void> {
  if (isSending) return;
  isSending = true;
  let isCutOff = false;
  try {
    for (const answered of outbox.value) {
      if (answered.refused !== null || answered.sendAtMs > dueAtMs) continue;
      isCutOff = !(await sendOne(answered));
      if (isCutOff) break;
    }
  } finally {
    isSending = false;
    plan(isCutOff ? retryMs : undefined);
  }
}

/** False where it could not be sent now, so that there is no use in trying the next. */
async function sendOne(answered: Answered): Promise<boolean> {
  const key = keyOf(answered);
  sending.add(key);
  try {
    const { market, slot, body } = answered;
    const turn = await watched((await enter()).submit(market, { slot, body }));
    const [submission] = turn.submissions;
    if (submission === undefined) return true;
    const { mint, title, question, answeredAtMs, workMs, reward } = answered;
    const decidedAtMs = isDecided(submission) ? Date.now() : null;
    const kept = { market, slot: submission.slot, mint, title, question, offered: reward, answeredAtMs, workMs };
    await noteOutcome({ ...kept, submission, decidedAtMs });
    await drop(answered);
    return true;
  } catch (error) {
    if (!isApiError(error) || error.status >= 500 || error.status === 429) {
      // What is neither the server's word nor the way to it is a fault of this page or browser: said, and tried again.
      if (!isApiError(error) && !(error instanceof EarnestConnectionError)) trouble.set(error);
      return false;
    }
    await refuse(answered, error.code, `${error.message} ${error.next}`);
    return true;
  } finally {
    sending.delete(key);
  }
}

async function refuse(answered: Answered, code: string, text: string): Promise<void> {
  const refused: Answered = { ...answered, refused: { code, text } };
  outbox.update((now) => now.map((each) => (keyOf(each) === keyOf(answered) ? refused : each)));
  await write("outbox", keyOf(answered), refused);
}
