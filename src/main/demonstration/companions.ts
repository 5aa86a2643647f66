import type { Contributor } from "../../client/contributor.ts";
import type { Earnest } from "../../client/earnest.ts";
import { pause } from "../../client/pause.ts";
import { knownTasks } from "./judge.ts";
import { automated, simulatedAnswer, take } from "./machines/people.ts";

export interface CompanionOptions {
  readonly server: string;
  readonly client: Earnest;
  /** The market for visitors. */
  readonly market: string;
  /** The newest entry that is none of their business any more. */
  readonly after: number;
  readonly seed: Uint8Array;
  readonly stopped: AbortSignal;
  readonly onError: (error: unknown) => void;
}

const names = ["companion 1", "companion 2"];
/** As long as somebody needs who reads. */
const thinkMs = { least: 3_000, spread: 3_000 } as const;

/**
 * Two stand-ins who answer the task that a visitor has just answered, so that whoever tries this alone on a laptop sees
 * tasks settle and verdicts come. They say that they are automated, slip as the simulated people do, and never begin.
 */
export async function keepCompany(options: CompanionOptions): Promise<void> {
  const { server, client, market, after, seed, stopped, onError } = options;
  const rights = new Map((await knownTasks()).map(({ task, answer }) => [task.id, answer]));
  const people = await Promise.all(names.map((name) => automated(server, seed, name)));
  const own = new Set((await Promise.all(people.map((each) => each.signIn()))).map(({ contributor }) => contributor));
  const answer = async (person: Contributor, name: string, task: number): Promise<void> => {
    const offer = await take(person, market, task);
    if (offer === null) return;
    const { id, terms } = offer.task;
    await pause(thinkMs.least + Math.random() * thinkMs.spread, stopped);
    const choices = terms.answer.choices ?? [];
    // Where nobody has written down what is right, the first choice is as good as any.
    const body = { answer: simulatedAnswer(name, id, choices, rights.get(id) ?? choices[0] ?? "") };
    await person.submit(market, { slot: offer.slot, body });
  };
  try {
    for await (const { kind, task, data } of client.markets.events(market, { after, signal: stopped })) {
      const { contributor } = data as { readonly contributor?: number };
      if (kind !== "submitted" || task === null || contributor === undefined || own.has(contributor)) continue;
      for (const [i, person] of people.entries()) {
        answer(person, names[i] as string, task).catch((error: unknown) => {
          if (!stopped.aborted) onError(error);
        });
      }
    }
  } catch (error) {
    if (!stopped.aborted) onError(error);
  }
}
