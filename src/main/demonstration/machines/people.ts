import { Contributor } from "../../../client/contributor.ts";
import { isApiError } from "../../../client/errors.ts";
import { signerFromSeed } from "../../../client/keys.ts";
import type { Offer } from "../../../contract/work.ts";
import { concatBytes, toUtf8 } from "../../../core/bytes.ts";
import { sha256 } from "../../crypto.ts";
import { patientRetries } from "../patience.ts";

/** Refusals that say: answered before, or settled meanwhile. */
const isDone = (error: unknown): boolean =>
  isApiError(error, "DUPLICATE_ANSWER", "TASK_STATE", "OVERLAP_EXCEEDED", "WORK_NOT_FOUND");

/** How often a simulated person slips: so many times in 256. */
export const slips = 32;

/**
 * What a simulated person answers: the right choice, or at a slip another one. The same dice for the same name and
 * task, so that every demonstration gives the same answers.
 */
export function simulatedAnswer(name: string, task: string, choices: readonly string[], right: string): string {
  const dice = sha256(toUtf8(`${name}/${task}`));
  const wrong = choices.filter((choice) => choice !== right);
  if ((dice[0] as number) >= slips || wrong.length === 0) return right;
  return wrong[(dice[1] as number) % wrong.length] as string;
}

/** A contributor with a key of its own, the same at every start of one data folder. It is a program, and says so. */
export async function automated(server: string, seed: Uint8Array, name: string): Promise<Contributor> {
  const signer = await signerFromSeed(sha256(concatBytes(seed, toUtf8(`machines/${name}`))));
  return new Contributor({ server, signer, automated: true, retriesMax: patientRetries });
}

/** Takes a task by its number, or whatever there is; null where it was answered before, or there is nothing. */
export async function take(contributor: Contributor, market: string, task?: number): Promise<Offer | null> {
  try {
    const [offer] = await contributor.assign(market, task === undefined ? {} : { task });
    return offer ?? null;
  } catch (error) {
    if (isDone(error)) return null;
    throw error;
  }
}
