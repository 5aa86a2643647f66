import { toBase58, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { jsonText } from "../core/json.ts";
import { formatSlot, type Slot } from "../core/slot.ts";
import { cellAt, parentOf, resolutionOf } from "../verification/places/cell.ts";
import {
  type AcceptedNearby,
  type Beacon,
  type Context,
  type CoveredCell,
  type EarlierPicture,
  type Evidence,
  type Observer,
  own,
  type Sighting,
} from "../verification/primitives/evidence.ts";
import { cellsOfTrack } from "../verification/primitives/fresh.ts";
import { outOfHours } from "../verification/primitives/guard.ts";
import type { KnownBeacon } from "./known.ts";
import type { MarketSpec, Terms } from "./spec.ts";
import { type LaneState, type Member, type SlotCheck, type SlotRecord, specOf, type TaskState } from "./state.ts";
import { verifyingOf } from "./verifying.ts";
import { lastOf, type Witnessing } from "./witnessing.ts";

/** What a lane remembers of places and pictures, so that one submission can be compared with those before it. */

/** So many of the latest pictures are compared with a new one. */
const picturesMax = 16_384;
/** Nobody is slow enough for an older sighting to say anything; nothing that a lane settled holds an exact place longer. */
const sightingMsMax = 30 * 86_400_000;
const dayMs = 86_400_000;
/** Cells at which observers count once: as wide as a house. */
const observerResolution = 12;

const witnessingOf = (state: LaneState): Witnessing | null => verifyingOf(specOf(state))?.witnessing ?? null;

/** Whether submissions say where somebody was: their bodies are then for requester and attestors alone. */
export const tellsPlaces = (spec: MarketSpec): boolean => (verifyingOf(spec)?.witnessing ?? null) !== null;

/** Where the owner was seen before this submission. */
export function lastSightingOf(state: LaneState, { owner }: Member): Sighting | null {
  const last = witnessingOf(state)?.hasTravel === true ? state.sightings.get(toHex(owner)) : undefined;
  return last === undefined || last.timeMs < state.timeMs - sightingMsMax ? null : last;
}

/** Of a committed state: lets go of what is too old to be looked at, also by a process whose clock is a day behind. */
export function forgetSightings(state: LaneState, nowMs: number): void {
  for (const owner of state.sightings.keys())
    if ((state.sightings.get(owner) as Sighting).timeMs < nowMs - sightingMsMax - dayMs) state.sightings.delete(owner);
}

/** Whether a state says of anybody where exactly they were: of whom it saw lately, and of what is not settled yet. */
export function holdsPlaces(state: LaneState): boolean {
  if (state.spec === null || !tellsPlaces(state.spec)) return false;
  const isExact = ({ check }: SlotRecord): boolean =>
    check !== null &&
    (check.lastSighting !== null ||
      lastOf(check.evidence) !== null ||
      Object.keys(check.evidence.receptions).length > 0 ||
      Object.keys(check.evidence.pictures).length > 0);
  return (
    state.sightings.size > 0 ||
    [...state.tasks.keys()].some((task) => (state.tasks.get(task) as TaskState).slots.some(isExact))
  );
}

/** Of a submission as it comes, whatever becomes of it: where its owner was, and what its pictures look like. */
export function noteSubmitted(state: LaneState, { owner }: Member, at: Slot, { evidence }: SlotCheck): void {
  const witnessing = witnessingOf(state);
  if (witnessing === null) return;
  const last = witnessing.hasTravel ? lastOf(evidence) : null;
  const before = state.sightings.get(toHex(owner));
  // What a device says of the future must not keep its owner from working until then.
  const isPast = last !== null && last.timeMs <= state.timeMs;
  if (last !== null && isPast && (before === undefined || last.timeMs > before.timeMs))
    state.sightings.set(toHex(owner), last);
  const sequence = state.tree.size + 1;
  for (const [i, { digest, likeness }] of Object.values(evidence.pictures).entries())
    state.pictures.set(sequence * 64 + i, { slot: formatSlot(at), digest, likeness });
  while (state.pictures.size > picturesMax) {
    const [oldest] = state.pictures.keys();
    state.pictures.delete(oldest as number);
  }
}

/** Of a submission that is paid, or waits for its requester only: what it covered, and what counts towards the caps. */
export function noteAccepted(state: LaneState, terms: Terms, { evidence }: SlotCheck): void {
  const witnessing = witnessingOf(state);
  if (witnessing === null) return;
  const { fresh } = witnessing;
  const track = fresh === null ? undefined : own(evidence.tracks, fresh.name);
  if (fresh !== null && track !== undefined) {
    for (const [cell, timeMs] of cellsOfTrack(fresh, track) ?? [])
      state.coveredCells.set(cell, Math.max(timeMs, state.coveredCells.get(cell) ?? 0));
  }
  for (const key of capKeys(witnessing, terms, evidence))
    state.acceptedNearby.set(key, (state.acceptedNearby.get(key) ?? 0) + 1);
}

/** What a context has of all this. */
export function witnessedFacts(
  state: LaneState,
  number: number,
  slot: SlotRecord,
  member: Member,
  terms: Terms,
): Partial<Context> {
  const witnessing = witnessingOf(state);
  if (witnessing === null) return {};
  const { evidence, lastSighting } = slot.check as SlotCheck;
  const task = state.tasks.get(number) as TaskState;
  return {
    device: toBase58(member.key),
    lastSighting,
    earlierPictures: witnessing.hasPictures ? earlierPictures(state, slot.sequence) : [],
    covered: witnessing.fresh === null ? null : coveredCells(state, witnessing, evidence),
    acceptedNearby: witnessing.cap === null ? null : acceptedNearby(state, witnessing, terms, evidence),
    beacon: terms.known?.beacon === undefined ? null : beaconOf(terms.known.beacon, task),
    observers: witnessing.hasObservers ? observersOf(state, task, slot) : [],
    areObserversAll: task.settled !== null,
  };
}

function earlierPictures(state: LaneState, sequence: number): EarlierPicture[] {
  const found: EarlierPicture[] = [];
  for (const key of state.pictures.keys()) {
    if (key >= sequence * 64) break;
    found.push(state.pictures.get(key) as EarlierPicture);
  }
  return found;
}

function coveredCells(state: LaneState, { fresh }: Witnessing, { tracks }: Evidence): CoveredCell[] {
  const track = fresh === null ? undefined : own(tracks, fresh.name);
  if (fresh === null || track === undefined) return [];
  return [...(cellsOfTrack(fresh, track) ?? new Map<string, number>()).keys()].flatMap((cell) => {
    const atMs = state.coveredCells.get(cell);
    return atMs === undefined ? [] : [{ cell, atMs }];
  });
}

/** The cell that a submission is from, and the pair of devices that it speaks of. */
function capKeys({ cap }: Witnessing, { known }: Terms, { tracks, receptions }: Evidence): readonly string[] {
  if (cap === null) return [];
  const [heard] = Object.values(receptions);
  const [track] = Object.values(tracks);
  const place = track?.[0];
  const keys: string[] = [];
  if (heard !== undefined && resolutionOf(heard.cell) >= cap.resolution)
    keys.push(parentOf(heard.cell, cap.resolution));
  else if (place !== undefined) keys.push(cellAt(place, cap.resolution));
  const beacon = known?.beacon;
  if (heard !== undefined && beacon !== undefined) keys.push(edgeKey(heard.device, beacon.device));
  return keys;
}

/** One for both directions: devices that hear each other are one pair. */
const edgeKey = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

function acceptedNearby(state: LaneState, witnessing: Witnessing, terms: Terms, evidence: Evidence): AcceptedNearby {
  const keys = capKeys(witnessing, terms, evidence);
  const countOf = (isEdge: boolean): number =>
    keys
      .filter((key) => key.includes(" ") === isEdge)
      .reduce((sum, key) => sum + (state.acceptedNearby.get(key) ?? 0), 0);
  return { ofCell: countOf(false), ofEdge: countOf(true) };
}

function beaconOf(beacon: KnownBeacon, task: TaskState): Beacon {
  const times = task.slots.flatMap(({ check }) =>
    Object.values(check?.evidence.receptions ?? {}).map(({ receivedAtMs }) => receivedAtMs),
  );
  return { ...beacon, firstReceivedAtMs: times.length === 0 ? null : Math.min(...times) };
}

/** Everybody else who answered the task, at the last place that they gave. */
function observersOf(state: LaneState, task: TaskState, slot: SlotRecord): Observer[] {
  return task.slots.flatMap((each) => {
    const last = each === slot || each.check === null || each.check.isOut ? null : lastOf(each.check.evidence);
    if (last === null) return [];
    const { latitudeE7, longitudeE7, timeMs } = last;
    const owner = toHex((state.members.get(each.contributor) as Member).owner);
    return [{ owner, cell: cellAt(last, observerResolution), latitudeE7, longitudeE7, timeMs }];
  });
}

/** @throws TASK_STATE where nobody is to be out for the task now. */
export function requireDaytime(state: LaneState, task: number, { known }: Terms): void {
  const daytime = witnessingOf(state)?.daytime ?? null;
  const place = known?.place ?? null;
  if (daytime === null || place === null) return;
  const refused = outOfHours(daytime, place, state.timeMs);
  if (refused === null) return;
  const problem = `it is ${jsonText(refused.actual)} there by the sun, and the work is done ${jsonText(refused.expected)}`;
  throw earnestError("TASK_STATE", { task: `${task}`, problem });
}
