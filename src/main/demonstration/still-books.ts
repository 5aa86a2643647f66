import type { Totals } from "../../contract/network.ts";

/** A visitor who goes on working must not keep a start from ending. */
const triesMax = 5;

/**
 * What `read` gave, and the totals that stood before it and after it: people who work at a visitors' market meanwhile earn,
 * and what is read before and after that cannot agree. `settle` brings the chain up to the books first.
 */
export async function whileStill<Seen extends Pick<Totals, "earned">, Found>(
  settle: () => Promise<void>,
  look: () => Promise<Seen>,
  read: () => Promise<Found>,
): Promise<{ readonly totals: Seen; readonly found: Found }> {
  for (let tries = 1; ; tries++) {
    await settle();
    const before = await look();
    const found = await read();
    const totals = await look();
    if (before.earned === totals.earned || tries === triesMax) return { totals, found };
  }
}
