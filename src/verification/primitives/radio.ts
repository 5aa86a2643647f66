import { type Reason, reason } from "../algebra/reasons.ts";
import { cellDistance, centreOfCell, isCell, parentOf, resolutionOf } from "../places/cell.ts";
import { distanceMm } from "../places/distance.ts";
import { freeSpaceLoss } from "../places/free-space.ts";
import { brief } from "./brief.ts";
import { type Beacon, type Context, type Evidence, own, type Reception, type TimeWindow } from "./evidence.ts";
import { type Finding, failedWith, passed, waitingFor } from "./finding.ts";

/** A beacon that a device says it heard, by the rules that Helium had for its radio networks, in their order. */
export interface RadioParameters {
  readonly type: "radio";
  readonly name: string;
  /** Between two beacons of one device. */
  readonly intervalMsMin: number;
  /** From the beacon, where it was reported before any reception. */
  readonly beaconLagMsMax: number;
  /** From the first reception, where that was reported before the beacon. */
  readonly receptionLagMsMax: number;
  readonly frequencyHzMax: number;
  /** Between the cells of this resolution in which the devices stand. */
  readonly cellsMin: number;
  readonly resolution: number;
  /** Whole kilometres: less than one more is as far. */
  readonly distanceKmMax: number;
}

type Rule = (parameters: RadioParameters, heard: Reception, beacon: Beacon, window: TimeWindow) => Reason | null;

export function witnessRadio(parameters: RadioParameters, evidence: Evidence, context: Context): Finding {
  const heard = own(evidence.receptions, parameters.name);
  if (heard === undefined) {
    return failedWith(reason("EVIDENCE_MISSING", { expected: `the reception ${parameters.name}` }));
  }
  const { beacon, window, device } = context;
  if (beacon === null || window === null || device === null) return waitingFor("measurement");
  const malformed = malformedIn(parameters, heard);
  if (malformed !== null) return failedWith(reason("PLACE_MALFORMED", { actual: malformed }));
  if (heard.device !== device) {
    return failedWith(reason("DEVICE_OTHER", { expected: device, actual: brief(heard.device) }));
  }
  for (const rule of rules) {
    const refused = rule(parameters, heard, beacon, window);
    if (refused !== null) return failedWith(refused);
  }
  return passed;
}

/** What somebody sent may be anything of its type. */
function malformedIn({ resolution }: RadioParameters, { cell, ...heard }: Reception): string | null {
  if (!isCell(cell)) return "no cell";
  if (resolutionOf(cell) < resolution) return `a cell of resolution ${resolutionOf(cell)}`;
  const numbers = [heard.gainDdb, heard.frequencyHz, heard.signalDdbm, heard.receivedAtMs];
  return numbers.every(Number.isSafeInteger) && heard.frequencyHz > 0 ? null : "numbers that are none";
}

function checkDenied(_: RadioParameters, { device }: Reception, beacon: Beacon): Reason | null {
  const denied = [device, beacon.device].find((each) => beacon.denied.includes(each));
  return denied === undefined ? null : reason("DENIED", { actual: denied });
}

function checkEdge(_: RadioParameters, { device }: Reception, beacon: Beacon): Reason | null {
  const isDenied = beacon.deniedEdges.some(
    ([a, b]) => (a === device && b === beacon.device) || (b === device && a === beacon.device),
  );
  return isDenied ? reason("EDGE_DENIED", { actual: device, expected: beacon.device }) : null;
}

const checkSelf: Rule = (_, { device }, beacon) => (device === beacon.device ? reason("SELF_WITNESS") : null);

/** Both ends belong to it, to the second. */
function checkWindow(_: RadioParameters, { receivedAtMs }: Reception, __: Beacon, window: TimeWindow): Reason | null {
  const second = (timeMs: number): number => Math.floor(timeMs / 1_000);
  if (second(receivedAtMs) < second(window.startMs))
    return reason("TOO_EARLY", { actual: receivedAtMs, limit: window.startMs });
  if (second(receivedAtMs) > second(window.endMs))
    return reason("TOO_LATE", { actual: receivedAtMs, limit: window.endMs });
  return null;
}

function checkSchedule({ intervalMsMin }: RadioParameters, _: Reception, beacon: Beacon): Reason | null {
  const { sentAtMs, lastSentAtMs } = beacon;
  if (lastSentAtMs === null || sentAtMs - lastSentAtMs >= intervalMsMin) return null;
  return reason("BEACON_IRREGULAR", { actual: sentAtMs - lastSentAtMs, limit: intervalMsMin });
}

function checkLag(parameters: RadioParameters, { receivedAtMs }: Reception, beacon: Beacon): Reason | null {
  const firstMs = beacon.firstReceivedAtMs ?? receivedAtMs;
  const isBeaconFirst = beacon.sentAtMs <= firstMs;
  const actual = receivedAtMs - (isBeaconFirst ? beacon.sentAtMs : firstMs);
  const limit = isBeaconFirst ? parameters.beaconLagMsMax : parameters.receptionLagMsMax;
  return actual > limit ? reason("LAG_LONG", { actual, limit }) : null;
}

const checkPayload: Rule = (_, { payload }, beacon) =>
  payload === beacon.payload
    ? null
    : reason("PAYLOAD_DIFFERS", { expected: brief(beacon.payload), actual: brief(payload) });

const checkCapability: Rule = (_, { isFull }) => (isFull ? null : reason("CAPABILITY_MISSING"));

function checkFrequency({ frequencyHzMax }: RadioParameters, heard: Reception, { frequencyHz }: Beacon): Reason | null {
  if (Math.abs(heard.frequencyHz - frequencyHz) <= frequencyHzMax) return null;
  return reason("FREQUENCY_DIFFERS", { expected: frequencyHz, actual: heard.frequencyHz, limit: frequencyHzMax });
}

const checkRegion: Rule = (_, { region }, beacon) =>
  region === beacon.region ? null : reason("REGION_DIFFERS", { expected: beacon.region, actual: brief(region) });

/** Cells whose distance cannot be counted are not known to be far enough. */
function checkCells({ cellsMin, resolution }: RadioParameters, heard: Reception, beacon: Beacon): Reason | null {
  const apart = cellDistance(parentOf(heard.cell, resolution), parentOf(beacon.cell, resolution));
  return apart !== null && apart >= cellsMin ? null : reason("CELLS_NEAR", { actual: apart, limit: cellsMin });
}

/** Between the middles of the cells, in whole metres. */
export const metresBetween = (a: string, b: string): number =>
  Math.round(distanceMm(centreOfCell(a), centreOfCell(b)) / 1_000);

function checkDistance({ distanceKmMax }: RadioParameters, heard: Reception, beacon: Beacon): Reason | null {
  const metres = metresBetween(heard.cell, beacon.cell);
  if (Math.floor(metres / 1_000) <= distanceKmMax) return null;
  return reason("PLACE_FAR", { actual: metres * 1_000, limit: distanceKmMax * 1_000_000 });
}

const millionths = 1_000_000;
const perTenth = millionths / 10;

/** What can arrive at most, in millionths of a decibel over a milliwatt; gains count in whole decibels. */
export function expectedSignal(
  powerDbm: number,
  frequencyHz: number,
  metres: number,
  beaconGainDdb: number,
  gainDdb: number,
): number {
  const whole = Math.trunc(beaconGainDdb / 10) + Math.trunc(gainDdb / 10);
  return (powerDbm + whole) * millionths - freeSpaceLoss(frequencyHz, metres);
}

function checkSignal(_: RadioParameters, heard: Reception, beacon: Beacon): Reason | null {
  const metres = metresBetween(heard.cell, beacon.cell);
  const limit = expectedSignal(beacon.powerDbm, heard.frequencyHz, metres, beacon.gainDdb, heard.gainDdb);
  const actual = heard.signalDdbm * perTenth;
  return actual > limit ? reason("SIGNAL_STRONG", { actual, limit }) : null;
}

/** The first that refuses is the reason. */
const rules: readonly Rule[] = [
  checkDenied,
  checkEdge,
  checkSelf,
  checkWindow,
  checkSchedule,
  checkLag,
  checkPayload,
  checkCapability,
  checkFrequency,
  checkRegion,
  checkCells,
  checkDistance,
  checkSignal,
];
