import type { NodeStanding } from "../../store/nodes/standings.ts";
import { isLost, isSlow, type SessionReceipt } from "./session.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** With so many a node rests. */
export const strikesMax = 3;
const lie = { strikes: strikesMax, restsMs: dayMs };
/** Its owner may know nothing of it. */
const wrongClock = { strikes: strikesMax, restsMs: hourMs };
/** It may happen to anybody, and not always. */
const slackness = { strikes: 1, restsMs: hourMs };

/** Every check that finds a fault in what a node did, and what that costs. */
const costs = {
  CANARY_MISSED: lie,
  DIGEST_DIFFERS: lie,
  METERS_DIFFER: lie,
  TOO_EARLY: wrongClock,
  TOO_LATE: wrongClock,
  BROKEN_OFF: slackness,
  LINE_FAILED: slackness,
  LINE_SLOW: slackness,
} as const;

export type Check = keyof typeof costs;

/** What a gateway notes of a node. */
export type Shown =
  | { readonly kind: "good" }
  | {
      readonly kind: "fault";
      readonly check: Check;
      readonly strikes: number;
      readonly strikesMax: number;
      readonly demotedUntilMs: number;
    }
  /** Another owner had its line first; 0 once it has one to itself. */
  | { readonly kind: "sharing"; readonly untilMs: number };

export const faultShown = (check: Check, now: number): Shown => ({
  kind: "fault",
  check,
  strikes: costs[check].strikes,
  strikesMax,
  demotedUntilMs: now + costs[check].restsMs,
});

export const sharingShown = (now: number): Shown => ({ kind: "sharing", untilMs: now + hourMs });

/** What a whole session shows: a lie, a line that fails or lags where others do not, or nothing. */
export function faultIn({ pages, heard, measured }: SessionReceipt): Check | null {
  if (heard.canary !== null && heard.canary !== measured.canaries["canary"]) return "CANARY_MISSED";
  // Whoever answers the hidden checks and little else can do better.
  const isBroken = isLost(pages) && heard.canary === null;
  if (isBroken) return "LINE_FAILED";
  if (heard.content !== measured.digests["content"]) return "DIGEST_DIFFERS";
  return isSlow(pages) ? "LINE_SLOW" : null;
}

/** What the verdict shows beside: a count that is made up, or a clock that is wrong. */
export function faultOf({ state, reason }: { readonly state: string; readonly reason: string | null }): Check | null {
  const isShown = reason === "METERS_DIFFER" || reason === "TOO_LATE" || reason === "TOO_EARLY";
  return state === "rejected" && isShown ? reason : null;
}

const isSharing = ({ sharingUntilMs }: NodeStanding, now: number): boolean => sharingUntilMs > now;

/** How far a node stands behind those without. */
export const faultsOf = (standing: NodeStanding, now: number): number =>
  standing.strikes + (isSharing(standing, now) ? 1 : 0);

/** Why it does, by the check that found it; null where it does not. */
export function checkOf(standing: NodeStanding, now: number): string | null {
  if (standing.strikes > 0) return standing.foundBy;
  return isSharing(standing, now) ? "NETWORK_TAKEN" : null;
}
