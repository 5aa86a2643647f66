import { Contributor } from "../../client/contributor.ts";
import type { Earnest } from "../../client/earnest.ts";
import { isApiError } from "../../client/errors.ts";
import { signerFromSeed } from "../../client/keys.ts";
import type { Task } from "../../contract/tasks.ts";
import { concatBytes, toUtf8 } from "../../core/bytes.ts";
import { sha256 } from "../crypto.ts";
import { patientRetries } from "./patience.ts";

export interface SimulatedPeople {
  readonly server: string;
  readonly client: Earnest;
  /** The standing market whose questions they answer. */
  readonly market: string;
  /** The newest entry that is none of their business any more. */
  readonly after: number;
  readonly seed: Uint8Array;
  readonly count: number;
  readonly stopped: AbortSignal;
  readonly onError: (error: unknown) => void;
}

const thinkMs = { least: 300, spread: 1_200 } as const;
/** One answer in so many is a slip. */
const slipEvery = 7;

/**
 * Stand-ins for people, so that a question asked on a laptop gets an answer. They say that they are automated, work in
 * the given market only, and read what they are shown in a simple way: of two texts the one that says more.
 */
export async function simulatePeople(options: SimulatedPeople): Promise<void> {
  const { client, market, after, stopped, onError } = options;
  const people = await Promise.all(Array.from({ length: options.count }, (_, i) => personOf(options, i)));
  try {
    for await (const { kind, data } of client.markets.events(market, { after, signal: stopped })) {
      if (kind !== "batchAdded") continue;
      const { first, count } = data as unknown as { first: number; count: number };
      for (let task = first; task < first + count; task++) {
        for (const [i, person] of people.entries()) void answer(options, person, task, i).catch(onError);
      }
    }
  } catch (error) {
    if (!stopped.aborted) onError(error);
  }
}

async function personOf({ server, seed }: SimulatedPeople, i: number): Promise<Contributor> {
  const signer = await signerFromSeed(sha256(concatBytes(seed, toUtf8(`simulated/${i}`))));
  return new Contributor({ server, signer, automated: true, retriesMax: patientRetries });
}

async function answer(
  { market, stopped }: SimulatedPeople,
  person: Contributor,
  task: number,
  i: number,
): Promise<void> {
  // The same dice for the same person and task, so that a demonstration repeats itself.
  const dice = sha256(toUtf8(`${person.address}/${task}`));
  try {
    const [offer] = await person.assign(market, { task });
    if (offer === undefined) return;
    await pause(thinkMs.least + i * 150 + ((dice[0] as number) / 256) * thinkMs.spread, stopped);
    await person.submit(market, { slot: offer.slot, body: { answer: judge(offer.task, dice) } });
  } catch (error) {
    const isTaken = isApiError(
      error,
      "OVERLAP_EXCEEDED",
      "TASK_STATE",
      "DUPLICATE_ANSWER",
      "SLOT_STATE",
      "MARKET_STATE",
    );
    if (!isTaken && !stopped.aborted) throw error;
  }
}

function judge({ content, terms }: Task, dice: Uint8Array): string {
  const { choices = [] } = terms.answer;
  const shown = (content as { content?: readonly { label: string; text?: string }[] } | null)?.content ?? [];
  const words = (choice: string): number =>
    new Set(
      shown
        .find(({ label }) => label === choice)
        ?.text?.toLowerCase()
        .match(/\p{L}{3,}/gu) ?? [],
    ).size;
  const ranked = [...choices].sort((a, b) => words(b) - words(a));
  const isSlip = (dice[1] as number) % slipEvery === 0;
  return (isSlip ? ranked[1] : ranked[0]) as string;
}

function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stopped.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stopped.addEventListener("abort", end);
  });
}
