import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import { dayOf, dayOfDate } from "../baseline/calendar.ts";
import { type Load, readingsMax } from "../baseline/load.ts";
import { eventsMax, type LoadEvent, type Season } from "../baseline/season.ts";
import { limits } from "../crashes/limits.ts";
import {
  type Attestation,
  type AuditFacts,
  type Baseline,
  type Beacon,
  type Bridged,
  type Context,
  type Control,
  type CrashFacts,
  consensusCodes,
  type Decision,
  type EarlierCrash,
  type Evidence,
  type Execution,
  emptyContext,
  emptyEvidence,
  type Observer,
  type Picture,
  type Place,
  type Quorum,
  type Reception,
  type Series,
  type Sighting,
  type TimeWindow,
} from "../primitives/evidence.ts";
import { millionPpm, quantityMaxMax } from "../primitives/finding.ts";
import { intervalsMax } from "../primitives/series.ts";
import { sightingsMax } from "../primitives/witness.ts";
import type { Spec } from "./composition.ts";
import { anyJson, cell, hash, named, number, oneOf, otherwise, quantity, timeMs } from "./read-values.ts";
import { readSpec } from "./verify.ts";

/** All that a verdict depends on, in one file. */
export interface Case {
  readonly spec: Spec;
  readonly evidence: Evidence;
  readonly context: Context;
}

const listMax = 1_000;
const malformedCase = (path: string, problem: string) => earnestError("MALFORMED_CASE", { path, problem });
const count = (field: Field): number => field.integer(0, 1_000_000_000);
const idOf = (field: Field): string => field.text(100);

/**
 * What a file leaves out of evidence or context is empty, or not known yet.
 * @throws MALFORMED_CASE that points at the field which is wrong, MALFORMED_SPEC where it is one of the specification.
 */
export function readCase(json: Json): Case {
  const { spec, evidence, context } = new Field(json, "case", malformedCase).fields("spec", "evidence", "context");
  return {
    spec: readSpec(new Field(spec.value, "spec")),
    evidence: readEvidence(evidence),
    context: readContext(context),
  };
}

const evidenceFields = Object.keys(emptyEvidence) as readonly (keyof Evidence)[];

/** @throws the root's error, by default MALFORMED_SPEC; take a root with one of your own. */
export function readEvidence(field: Field): Evidence {
  const evidence = field.fields(...evidenceFields);
  return {
    answer: otherwise(evidence.answer, emptyEvidence.answer, anyJson),
    nonce: evidence.nonce.orNull(idOf),
    takenAtMs: evidence.takenAtMs.orNull(timeMs),
    digests: named(evidence.digests, hash),
    quantities: named(evidence.quantities, quantity),
    runs: named(evidence.runs, (run) => {
      const { inputHash, outputHash } = run.fields("inputHash", "outputHash");
      return { inputHash: hash(inputHash), outputHash: outputHash.orNull(hash) };
    }),
    series: named(evidence.series, readSeries),
    loads: named(evidence.loads, readLoad),
    tracks: named(evidence.tracks, (track) => track.items(sightingsMax).map(readSighting)),
    pictures: named(evidence.pictures, readPictureFacts),
    receptions: named(evidence.receptions, readReception),
  };
}

const side = (field: Field): number => field.integer(1, 65_535);

function readPictureFacts(field: Field): Picture {
  const picture = field.fields(
    "digest",
    "width",
    "height",
    "likeness",
    "localMs",
    "offsetMinutes",
    "satelliteMs",
    "place",
  );
  return {
    digest: hash(picture.digest),
    width: side(picture.width),
    height: side(picture.height),
    likeness: hash(picture.likeness),
    localMs: picture.localMs.orNull(timeMs),
    offsetMinutes: picture.offsetMinutes.orNull((each) => each.integer(-840, 840)),
    satelliteMs: picture.satelliteMs.orNull(timeMs),
    place: picture.place.orNull(readPlace),
  };
}

/** Radio devices say a gain of up to 25.5 dB, and signals down to below any noise. */
const tenthsOfDecibel = (field: Field): number => field.integer(-3_000, 3_000);
const frequencyHz = (field: Field): number => field.integer(1, 1_000_000_000_000);
const payload = (field: Field): string => field.text(1_024);

function readReception(field: Field): Reception {
  const heard = field.fields(
    "device",
    "cell",
    "gainDdb",
    "isFull",
    "region",
    "frequencyHz",
    "signalDdbm",
    "payload",
    "receivedAtMs",
  );
  return {
    device: idOf(heard.device),
    cell: cell(heard.cell),
    gainDdb: tenthsOfDecibel(heard.gainDdb),
    isFull: heard.isFull.boolean(),
    region: idOf(heard.region),
    frequencyHz: frequencyHz(heard.frequencyHz),
    signalDdbm: tenthsOfDecibel(heard.signalDdbm),
    payload: payload(heard.payload),
    receivedAtMs: timeMs(heard.receivedAtMs),
  };
}

export function readBeacon(field: Field): Beacon {
  const beacon = field.fields(
    "device",
    "cell",
    "gainDdb",
    "powerDbm",
    "region",
    "frequencyHz",
    "payload",
    "sentAtMs",
    "lastSentAtMs",
    "firstReceivedAtMs",
    "denied",
    "deniedEdges",
  );
  return {
    device: idOf(beacon.device),
    cell: cell(beacon.cell),
    gainDdb: tenthsOfDecibel(beacon.gainDdb),
    powerDbm: beacon.powerDbm.integer(-100, 100),
    region: idOf(beacon.region),
    frequencyHz: frequencyHz(beacon.frequencyHz),
    payload: payload(beacon.payload),
    sentAtMs: timeMs(beacon.sentAtMs),
    lastSentAtMs: beacon.lastSentAtMs.orNull(timeMs),
    firstReceivedAtMs: beacon.firstReceivedAtMs.orNull(timeMs),
    denied: otherwise(beacon.denied, [], (list) => list.items(listMax).map(idOf)),
    deniedEdges: otherwise(beacon.deniedEdges, [], (list) =>
      list.items(listMax).map((pair) => {
        const [a, b, ...others] = pair.items(2).map(idOf);
        if (a === undefined || b === undefined || others.length > 0) return pair.fail("must be two devices");
        return [a, b] as const;
      }),
    ),
  };
}

function readSeries(field: Field): Series {
  const series = field.fields("timesMs", "values");
  return {
    timesMs: series.timesMs.items(intervalsMax).map(timeMs),
    values: series.values.items(intervalsMax).map((value) => value.integer(-quantityMaxMax, quantityMaxMax)),
  };
}

function readLoad(field: Field): Load {
  const load = field.fields("unit", "startMs", "intervalMs", "values");
  return {
    unit: load.unit.text(16),
    startMs: timeMs(load.startMs),
    intervalMs: load.intervalMs.integer(1, 86_400_000),
    values: load.values
      .items(readingsMax)
      .map((value) => value.orNull((each) => each.integer(-quantityMaxMax, quantityMaxMax))),
  };
}

/** Events in order, at most one a local day: what a baseline leaves out is whole days. */
export function readSeason(field: Field): Season {
  const season = field.fields("utcOffsetMinutes", "holidays", "events");
  const utcOffsetMinutes = season.utcOffsetMinutes.integer(-840, 840);
  let last = -1;
  const events = season.events.items(eventsMax).map((item): LoadEvent => {
    const { noticeMs, startMs, endMs, isOptedOut } = item.fields("noticeMs", "startMs", "endMs", "isOptedOut");
    const start = timeMs(startMs);
    const end = endMs.integer(start + 1, start + 86_400_000);
    if (dayOf(start, utcOffsetMinutes) <= last) startMs.fail("must be on a later day than the event before");
    last = dayOf(start, utcOffsetMinutes);
    if (dayOf(end - 1, utcOffsetMinutes) !== last) endMs.fail("must be on the same local day");
    return {
      noticeMs: noticeMs.integer(0, start),
      startMs: start,
      endMs: end,
      isOptedOut: otherwise(isOptedOut, false, (each) => each.boolean()),
    };
  });
  const holidays = season.holidays.items(366).map((item) => {
    const date = item.text(10);
    if (dayOfDate(date) === null) item.fail("must be a date such as 2013-09-02");
    return date;
  });
  return { utcOffsetMinutes, holidays, events };
}

const latitude = (field: Field): number => field.integer(-900_000_000, 900_000_000);
const longitude = (field: Field): number => field.integer(-1_800_000_000, 1_800_000_000);

export function readPlace(field: Field): Place {
  const { latitudeE7, longitudeE7 } = field.fields("latitudeE7", "longitudeE7");
  return { latitudeE7: latitude(latitudeE7), longitudeE7: longitude(longitudeE7) };
}

function readSighting(field: Field): Sighting {
  const sighting = field.fields("latitudeE7", "longitudeE7", "timeMs", "accuracyMm");
  return {
    latitudeE7: latitude(sighting.latitudeE7),
    longitudeE7: longitude(sighting.longitudeE7),
    timeMs: timeMs(sighting.timeMs),
    accuracyMm: sighting.accuracyMm.integer(0, 20_100_000_000),
  };
}

function readObserver(field: Field): Observer {
  const observer = field.fields("owner", "cell", "latitudeE7", "longitudeE7", "timeMs");
  return {
    owner: idOf(observer.owner),
    cell: idOf(observer.cell),
    latitudeE7: latitude(observer.latitudeE7),
    longitudeE7: longitude(observer.longitudeE7),
    timeMs: timeMs(observer.timeMs),
  };
}

const contextFields = Object.keys(emptyContext) as readonly (keyof Context)[];

export function readContext(field: Field): Context {
  const context = field.fields(...contextFields);
  return {
    nowMs: timeMs(context.nowMs),
    attestation: context.attestation.orNull(readAttestation),
    control: context.control.orNull(readControl),
    record: otherwise(context.record, emptyContext.record, readRecord),
    settled: context.settled.orNull((settled) => {
      const { answer, isDecided } = settled.fields("answer", "isDecided");
      return { answer: anyJson(answer), isDecided: isDecided.boolean() };
    }),
    scorePpm: context.scorePpm.orNull((score) => score.integer(0, millionPpm)),
    consensus: context.consensus.orNull((consensus) => {
      const { verdict, code } = consensus.fields("verdict", "code");
      return { verdict: oneOf(verdict, ["accepted", "rejected", "held"]), code: oneOf(code, consensusCodes) };
    }),
    quorums: named(context.quorums, readQuorum),
    bridged: context.bridged.orNull(readBridged),
    challenge: context.challenge.orNull((challenge) => {
      const { openedAtMs, challengedAtMs } = challenge.fields("openedAtMs", "challengedAtMs");
      return { openedAtMs: timeMs(openedAtMs), challengedAtMs: challengedAtMs.orNull(timeMs) };
    }),
    panel: context.panel.orNull((panel) => {
      const { accepted, rejected } = panel.fields("accepted", "rejected");
      return { accepted: accepted.integer(0, 99), rejected: rejected.integer(0, 99) };
    }),
    digests: named(context.digests, hash),
    canaries: named(context.canaries, hash),
    values: named(context.values, (value) => number(value)),
    quantities: named(context.quantities, quantity),
    baselines: named(context.baselines, readBaseline),
    executions: named(context.executions, (list) => list.items(listMax).map(readExecution)),
    crashes: named(context.crashes, (crash) => crash.orNull(readCrashFacts)),
    window: context.window.orNull(readWindow),
    season: context.season.orNull(readSeason),
    place: context.place.orNull(readPlace),
    lastSighting: context.lastSighting.orNull(readSighting),
    observers: otherwise(context.observers, [], (list) => list.items(listMax).map(readObserver)),
    areObserversAll: otherwise(context.areObserversAll, false, (each) => each.boolean()),
    device: context.device.orNull(idOf),
    beacon: context.beacon.orNull(readBeacon),
    earlierPictures: otherwise(context.earlierPictures, [], (list) =>
      list.items(sightingsMax).map((picture) => {
        const { slot, digest, likeness } = picture.fields("slot", "digest", "likeness");
        return { slot: idOf(slot), digest: hash(digest), likeness: hash(likeness) };
      }),
    ),
    covered: context.covered.orNull((list) =>
      list.items(sightingsMax).map((item) => {
        const { cell: at, atMs } = item.fields("cell", "atMs");
        return { cell: cell(at), atMs: timeMs(atMs) };
      }),
    ),
    acceptedNearby: context.acceptedNearby.orNull((nearby) => {
      const { ofCell, ofEdge } = nearby.fields("ofCell", "ofEdge");
      return { ofCell: count(ofCell), ofEdge: count(ofEdge) };
    }),
    audit: context.audit.orNull(readAudit),
    undecidedAtMs: context.undecidedAtMs.orNull(timeMs),
    review: context.review.orNull(readDecision),
    standing: otherwise(context.standing, emptyContext.standing, (standing) => {
      const { acceptedAtMs, checked, events } = standing.fields("acceptedAtMs", "checked", "events");
      return { acceptedAtMs: acceptedAtMs.orNull(timeMs), checked: count(checked), events: count(events) };
    }),
  };
}

function readAttestation(field: Field): Attestation {
  const known = field.fields(
    "isSigned",
    "nonce",
    "isNonceUsed",
    "assignedAtMs",
    "expiresAtMs",
    "receivedAtMs",
    "owner",
    "requesterOwner",
    "taskOwners",
    "acceptedOfOwner",
  );
  return {
    isSigned: known.isSigned.boolean(),
    nonce: known.nonce.orNull(idOf),
    isNonceUsed: known.isNonceUsed.boolean(),
    assignedAtMs: timeMs(known.assignedAtMs),
    expiresAtMs: timeMs(known.expiresAtMs),
    receivedAtMs: timeMs(known.receivedAtMs),
    owner: idOf(known.owner),
    requesterOwner: idOf(known.requesterOwner),
    taskOwners: known.taskOwners.items(listMax).map(idOf),
    acceptedOfOwner: count(known.acceptedOfOwner),
  };
}

function readControl(field: Field): Control {
  const { answer, commitment, isVoid } = field.fields("answer", "commitment", "isVoid");
  return { answer: anyJson(answer), commitment: hash(commitment), isVoid: isVoid.boolean() };
}

function readRecord(field: Field): Context["record"] {
  const { answered, right } = field.fields("answered", "right");
  const total = count(answered);
  return { answered: total, right: right.integer(0, total) };
}

function readQuorum(field: Field): Quorum {
  const { votes, isExhausted } = field.fields("votes", "isExhausted");
  return {
    votes: votes.items(listMax).map((vote) => {
      const { owner, digest } = vote.fields("owner", "digest");
      return { owner: idOf(owner), digest: hash(digest) };
    }),
    isExhausted: isExhausted.boolean(),
  };
}

function readBridged(field: Field): Bridged {
  const { groups, fit, isExhausted } = field.fields("groups", "fit", "isExhausted");
  return {
    groups: groups.items(listMax).map((item) => {
      const { group, ratings, agreeing } = item.fields("group", "ratings", "agreeing");
      const total = count(ratings);
      return { group: idOf(group), ratings: total, agreeing: agreeing.integer(0, total) };
    }),
    fit: fit.orNull((each) => {
      const { interceptPpm, factorPpm } = each.fields("interceptPpm", "factorPpm");
      return { interceptPpm: signedPpm(interceptPpm), factorPpm: signedPpm(factorPpm) };
    }),
    isExhausted: isExhausted.boolean(),
  };
}

const signedPpm = (field: Field): number => field.integer(-100 * millionPpm, 100 * millionPpm);

function readBaseline(field: Field): Baseline {
  const { quantities, errorPpm } = field.fields("quantities", "errorPpm");
  return {
    quantities: quantities.items(intervalsMax).map(quantity),
    errorPpm: errorPpm.integer(0, 1_000 * millionPpm),
  };
}

function readExecution(field: Field): Execution {
  const execution = field.fields("inputHash", "outcome", "fuel", "outputHash", "outputBytes", "hasFired");
  return {
    inputHash: hash(execution.inputHash),
    outcome: oneOf(execution.outcome, ["finished", "fuelUsedUp", "memoryUsedUp", "trapped", "fault"]),
    fuel: quantity(execution.fuel),
    outputHash: hash(execution.outputHash),
    outputBytes: quantity(execution.outputBytes),
    hasFired: execution.hasFired.orNull((fired) => fired.boolean()),
  };
}

function readCrashFacts(field: Field): CrashFacts {
  const { type, state, earlier } = field.fields("type", "state", "earlier");
  return { ...readFault(type, state), earlier: earlier.items(listMax).map(readEarlierCrash) };
}

function readEarlierCrash(field: Field): EarlierCrash {
  const { commitment, type, state } = field.fields("commitment", "type", "state");
  return { commitment: hash(commitment), ...readFault(type, state) };
}

const readFault = (type: Field, state: Field): { readonly type: string; readonly state: readonly string[] } => ({
  type: type.text(limits.typeMax),
  state: state.items(limits.stateLinesMax).map((line) => line.text(limits.castLineMax)),
});

export function readWindow(field: Field): TimeWindow {
  const { startMs, endMs } = field.fields("startMs", "endMs");
  const start = timeMs(startMs);
  return { startMs: start, endMs: endMs.integer(start + 1, Number.MAX_SAFE_INTEGER) };
}

function readAudit(field: Field): AuditFacts {
  const facts = field.fields("submissionHash", "submittedAtSlot", "slotHash", "recheck", "faults");
  return {
    submissionHash: hash(facts.submissionHash),
    submittedAtSlot: quantity(facts.submittedAtSlot),
    slotHash: facts.slotHash.orNull((slotHash) => {
      const each = slotHash.fields("slot", "hash");
      return { slot: quantity(each.slot), hash: hash(each.hash) };
    }),
    recheck: facts.recheck.orNull((recheck) => oneOf(recheck, ["agrees", "differs"])),
    faults: count(facts.faults),
  };
}

function readDecision(field: Field): Decision {
  const { isAccepted, atMs } = field.fields("isAccepted", "atMs");
  return { isAccepted: isAccepted.boolean(), atMs: timeMs(atMs) };
}
