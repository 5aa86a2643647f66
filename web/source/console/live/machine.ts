import { Contributor } from "../../../../src/client/contributor.ts";
import { isApiError } from "../../../../src/client/errors.ts";
import type { Signer } from "../../../../src/client/keys.ts";
import type { Predictions } from "../../../../src/client/predictions.ts";
import { sha256 } from "../../../../src/client/sha256.ts";
import { toBase58, toUtf8 } from "../../../../src/core/bytes.ts";
import { network, server } from "../../connection.ts";
import { newSessionKey, signerOfSeed } from "../../keys/wallet.ts";

/** What came of predictions: how many became answers, and how many are of tasks that have no room for this machine now. */
export interface Brought {
  readonly answers: number;
  readonly left: number;
}

/** So many in a row without room, and the rest waits: a newcomer may not answer all of a market. */
const leftInRowMax = 60;

/**
 * Brings in what a model said before, as the answers of a machine contributor with a key of its own. The key follows from
 * this browser's wallet and the market, so that none has to be kept; what it earns is paid to the wallet.
 */
export async function bringIn(
  wallet: Signer,
  market: string,
  predictions: Predictions,
  onBrought: (brought: Brought) => void,
): Promise<Brought> {
  const signer = await signerOfSeed(sha256(await wallet.sign(toUtf8(`earnest/machine/1 ${market}`))));
  const machine = new Contributor({ server, signer, automated: true, newKey: newSessionKey, network, retriesMax: 2 });
  let brought: Brought = { answers: 0, left: 0 };
  let leftInRow = 0;
  for (const [id, answerOf] of predictions) {
    if (leftInRow >= leftInRowMax) break;
    const isAnswered = await answerOne(machine, market, id, answerOf);
    leftInRow = isAnswered ? 0 : leftInRow + 1;
    brought = isAnswered ? { ...brought, answers: brought.answers + 1 } : { ...brought, left: brought.left + 1 };
    onBrought(brought);
  }
  if (brought.answers > 0) await machine.payTo(toBase58(wallet.publicKey));
  await machine.signOut();
  return { answers: brought.answers, left: predictions.size - brought.answers };
}

type AnswerOf = Predictions extends ReadonlyMap<string, infer Each> ? Each : never;

/** False where the task has no room for this machine, or is none. */
async function answerOne(machine: Contributor, market: string, taskId: string, answerOf: AnswerOf): Promise<boolean> {
  try {
    const [offer] = await machine.assign(market, { taskId });
    if (offer === undefined || offer.task.id !== taskId) return false;
    await machine.submit(market, { slot: offer.slot, body: { answer: answerOf(offer.task.terms.answer) } });
    return true;
  } catch (error) {
    if (isApiError(error, "WORK_NOT_FOUND", "TASK_NOT_FOUND", "NOT_ELIGIBLE", "MALFORMED_ANSWER")) return false;
    throw error;
  }
}
