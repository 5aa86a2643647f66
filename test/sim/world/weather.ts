import type { Random } from "../../crash/random.ts";
import type { Wire } from "../database/pool.ts";

/** How bad it is, by the seed: some runs see one sort of trouble only, and some none. */
export interface Weather {
  /** Of everything that is sent over a network. */
  delayMs(): number;
  /** The share of messages between people and processes that are lost, one way or the other. */
  messageLoss: number;
  chainLoss: number;
  /** Of round trips to the database in which the connection breaks. */
  breakShare: number;
  /** Between two crashes of one of each; null where there are none. */
  processCrashMs: number | null;
  databaseCrashMs: number | null;
  attestorCrashMs: number | null;
  chainAwayMs: number | null;
}

const often = (random: Random, share: number, value: () => number): number => (random.chance(share) ? value() : 0);

const every = (random: Random, share: number, min: number, max: number): number | null =>
  random.chance(share) ? random.between(min, max) : null;

export function weatherOf(random: Random): Weather {
  const slow = random.chance(0.3);
  return {
    delayMs: () => {
      if (random.chance(slow ? 0.05 : 0.01)) return 50 + 2_000 * random.next();
      return 0.2 + (slow ? 20 : 2) * random.next();
    },
    messageLoss: often(random, 0.6, () => 0.1 * random.next()),
    chainLoss: often(random, 0.5, () => 0.1 * random.next()),
    breakShare: often(random, 0.6, () => 0.02 * random.next()),
    processCrashMs: every(random, 0.7, 4_000, 30_000),
    databaseCrashMs: every(random, 0.4, 10_000, 40_000),
    attestorCrashMs: every(random, 0.4, 5_000, 30_000),
    chainAwayMs: every(random, 0.3, 10_000, 40_000),
  };
}

/** In the end everything works again. */
export function clearUp(weather: Weather): void {
  const none = { messageLoss: 0, chainLoss: 0, breakShare: 0 };
  const nobody = { processCrashMs: null, databaseCrashMs: null, attestorCrashMs: null, chainAwayMs: null };
  Object.assign(weather, none, nobody);
}

/** The way to the database, as the weather is at each moment. */
export const wireIn = (weather: Weather, random: Random): Wire => ({
  random,
  delayMs: () => weather.delayMs(),
  get breakShare() {
    return weather.breakShare;
  },
});
