import { marketEvents } from "../../../src/client/market-events.ts";
import { parseSlot } from "../../../src/core/slot.ts";
import { transport } from "../connection.ts";
import { askAgain, outcomes, waiting } from "./outcomes.ts";
import { isTelling } from "./tell.ts";

/**
 * Follows the logs of the markets in which answers wait for a verdict, so that it is on the screen as soon as it is in
 * the log. One stream a market, and none while nothing waits, or while nobody looks and nobody wants to be told.
 */
const streams = new Map<string, AbortController>();

export function watchVerdicts(): void {
  outcomes.subscribe(follow);
  document.addEventListener("visibilitychange", follow);
  follow();
}

function follow(): void {
  const wanted = new Set(document.hidden && !isTelling() ? [] : waiting(outcomes.value).map(({ market }) => market));
  for (const [market, controller] of streams) {
    if (wanted.has(market)) continue;
    controller.abort();
    streams.delete(market);
  }
  for (const market of wanted) {
    if (streams.has(market)) continue;
    const controller = new AbortController();
    streams.set(market, controller);
    void stream(market, controller.signal).catch(() => {
      if (streams.get(market) === controller) streams.delete(market);
    });
  }
}

const telling: ReadonlySet<string> = new Set([
  "judged",
  "verified",
  "settled",
  "appealSettled",
  "challengeSettled",
  "released",
  "expired",
  "voided",
  "faulted",
]);

async function stream(market: string, signal: AbortSignal): Promise<void> {
  const mine = () => waiting(outcomes.value).filter((each) => each.market === market);
  const after = Math.min(...mine().map(({ submission }) => submission.sequence));
  // What was decided while nobody looked.
  for (const each of mine()) await askAgain(each);
  for await (const { kind, task } of marketEvents(transport, market, { after, signal })) {
    if (!telling.has(kind)) continue;
    const meant = mine().filter(({ slot }) => parseSlot(slot).task === task);
    for (const each of meant) await askAgain(each).catch(() => undefined);
  }
}
