import { Contributor } from "../../client/contributor.ts";
import type { Earnest } from "../../client/earnest.ts";
import { isApiError } from "../../client/errors.ts";
import { signerFromSeed } from "../../client/keys.ts";
import type { MarketEvent } from "../../contract/events.ts";
import { concatBytes, toUtf8 } from "../../core/bytes.ts";
import { formatSlot } from "../../core/slot.ts";
import { chunksOf, inParallel } from "../../rails/solana/parallel.ts";
import { sha256 } from "../crypto.ts";
import type { RecordedAnswer } from "./dataset.ts";
import { patientRetries } from "./patience.ts";
import { PaymentClock } from "./payment-clock.ts";

export interface CrowdOptions {
  readonly server: string;
  readonly client: Earnest;
  readonly market: string;
  /** Each contributor's key is made of this and its name: the same crowd at every start. */
  readonly seed: Uint8Array;
  readonly answers: ReadonlyMap<string, readonly RecordedAnswer[]>;
  /** How many devices work at a time. */
  readonly atOnce: number;
  /** The newest entry when work begins. */
  readonly after: number;
  readonly onAnswer: (done: number) => void;
  readonly stopped: AbortSignal;
}

/** Who gave more works on several devices at once: the whole crowd would wait for the few with hundreds of answers. */
const answersPerDevice = 100;

/** Refusals that say: this answer is in, or the task is settled without it. */
const settledAlready = ["DUPLICATE_ANSWER", "TASK_STATE", "OVERLAP_EXCEEDED"] as const;

/**
 * A recorded crowd at work over the public API: every contributor signs in with its own key, takes the tasks it once
 * answered, by name, and gives the answers it once gave.
 */
export async function replayCrowd(options: CrowdOptions): Promise<PaymentClock> {
  const clock = new PaymentClock();
  const following = new AbortController();
  const follower = followPayments(options, clock, following.signal);
  const devices = [...options.answers].flatMap(([name, all]) =>
    chunksOf(all, answersPerDevice).map((answers) => ({ name, answers })),
  );
  let done = 0;
  try {
    await inParallel(devices, options.atOnce, async ({ name, answers }) => {
      const contributor = await contributorOf(options, name);
      for (const answer of answers) {
        options.stopped.throwIfAborted();
        await give(options, contributor, answer, clock);
        options.onAnswer(++done);
      }
    });
    await closeRecorded(options.client, options.market);
    await untilSettled(options);
  } finally {
    following.abort();
    await follower;
  }
  return clock;
}

async function contributorOf({ server, seed }: CrowdOptions, name: string): Promise<Contributor> {
  const signer = await signerFromSeed(sha256(concatBytes(seed, toUtf8(`contributor/${name}`))));
  return new Contributor({ server, signer, automated: false, retriesMax: patientRetries });
}

async function give(
  { market }: CrowdOptions,
  contributor: Contributor,
  { task, label }: RecordedAnswer,
  clock: PaymentClock,
): Promise<void> {
  try {
    const [offer] = await contributor.assign(market, { taskId: task });
    if (offer === undefined) return;
    const sentMs = performance.now();
    const { submissions } = await contributor.submit(market, { slot: offer.slot, body: { answer: label } });
    for (const { slot, state } of submissions) clock.answered(slot, sentMs, performance.now(), state !== "held");
  } catch (error) {
    if (!isApiError(error, ...settledAlready)) throw error;
  }
}

/** Notes each payment as the market's event stream tells of it. */
async function followPayments(
  { client, market, after }: CrowdOptions,
  clock: PaymentClock,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of client.markets.events(market, { after, signal })) {
      for (const slot of paidSlots(event)) clock.paid(slot, performance.now());
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

interface RulingData {
  readonly task: number;
  readonly ordinal: number;
  readonly verdict: string;
}

function paidSlots({ kind, data }: MarketEvent): string[] {
  const { task, rulings = [] } = data as unknown as { task: number; rulings?: readonly RulingData[] };
  if (kind === "judged")
    return (data as unknown as RulingData).verdict === "accepted" ? [formatSlot(data as unknown as RulingData)] : [];
  if (kind !== "settled") return [];
  return rulings.filter(({ verdict }) => verdict === "accepted").map(({ ordinal }) => formatSlot({ task, ordinal }));
}

/** The recording is at its end: what waits for a better model has its verdict now. */
export async function closeRecorded(client: Earnest, market: string): Promise<void> {
  const { status } = await client.markets.get(market);
  if (status === "open") await client.markets.close(market);
}

/** The last answers may still be on their way through a batch; nothing stays held for ever. */
async function untilSettled({ client, market, stopped }: CrowdOptions): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    stopped.throwIfAborted();
    const { escrow } = await client.markets.get(market);
    if (escrow.held === "0" && escrow.assigned === "0") return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
