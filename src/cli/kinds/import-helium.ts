import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import { parseUtcMs } from "../../core/utc.ts";
import { cellDistance, isCell, parentOf } from "../../verification/places/cell.ts";
import { expectedSignal, metresBetween } from "../../verification/primitives/radio.ts";
import { readJsonFile } from "./find-kind.ts";
import { importedAttestation } from "./imported-attestation.ts";

/** Vectors of the kind `coverage`, and what became of each of the source's cases. */
export interface ImportedRadio {
  readonly file: object;
  readonly cases: number;
  readonly agreeing: number;
  /** Numbers that are computed otherwise. */
  readonly differing: readonly string[];
  /** Cases of functions that the rules of `coverage` do not have. */
  readonly unknown: readonly string[];
}

const casesMax = 1_000;
const beaconAtMs = 1_700_000_000_000;
/** So weak that the strength of the signal decides nothing. */
const faintDdbm = -2_000;

type Patch = { readonly [name: string]: Json };

/** What a case changes in a report that passes every check. */
interface Change {
  readonly parameters?: Patch;
  readonly heard?: Patch;
  readonly beacon?: Patch;
  readonly context?: Patch;
}

interface Case {
  readonly fn: string;
  readonly field: Field;
  readonly cellOf: (name: string) => string;
}

/** What the source calls a refusal, and what we call it. */
const reasons: { readonly [verdict: string]: string } = {
  Denied: "DENIED",
  DeniedEdge: "EDGE_DENIED",
  SelfWitness: "SELF_WITNESS",
  IrregularInterval: "BEACON_IRREGULAR",
  InvalidPacket: "PAYLOAD_DIFFERS",
  InvalidCapability: "CAPABILITY_MISSING",
  InvalidFrequency: "FREQUENCY_DIFFERS",
  InvalidRegion: "REGION_DIFFERS",
  BelowMinDistance: "CELLS_NEAR",
  MaxDistanceExceeded: "PLACE_FAR",
  BadRssi: "SIGNAL_STRONG",
};

/** Each function of the source's rules is tested alone: the checks before it are made to pass. */
const anywhere: Patch = { cellsMin: 0, distanceKmMax: 20_100 };

const changes: { readonly [fn: string]: (given: Case) => Change } = {
  cell_distance_r11: ({ field, cellOf }) => ({
    heard: { cell: cellOf(field.get("b").text()) },
    beacon: { cell: cellOf(field.get("a").text()) },
  }),
  witness_distance: ({ field, cellOf }) => ({
    parameters: { cellsMin: 0 },
    heard: { cell: cellOf(field.get("b").text()) },
    beacon: { cell: cellOf(field.get("a").text()) },
  }),
  witness_rssi: ({ field, cellOf }) => ({
    parameters: anywhere,
    heard: {
      cell: cellOf(field.get("b").text()),
      signalDdbm: integerAt(field, "signal"),
      frequencyHz: integerAt(field, "freq_hz"),
      gainDdb: integerAt(field, "witness_gain_ddb"),
    },
    beacon: {
      cell: cellOf(field.get("a").text()),
      frequencyHz: integerAt(field, "freq_hz"),
      powerDbm: integerAt(field, "tx_dbm"),
      gainDdb: integerAt(field, "beacon_gain_ddb"),
    },
  }),
  witness_freq: ({ field }) => ({
    heard: { frequencyHz: integerAt(field, "beacon_hz") + integerAt(field, "delta_hz") },
    beacon: { frequencyHz: integerAt(field, "beacon_hz") },
  }),
  witness_region: ({ field }) => ({
    heard: { region: field.get("witness").text() },
    beacon: { region: field.get("beacon").text() },
  }),
  witness_data: ({ field }) => ({
    heard: { payload: field.get("witness").text() },
    beacon: { payload: field.get("beacon").text() },
  }),
  gw_capability: ({ field }) => ({ heard: { isFull: field.get("is_full_hotspot").boolean() } }),
  beacon_schedule: ({ field }) => {
    const [lastMs, atMs] = [timeAt(field, "last"), timeAt(field, "at")];
    return {
      parameters: { intervalMsMin: integerAt(field, "interval_s") * 1_000 },
      heard: { receivedAtMs: atMs },
      beacon: { sentAtMs: atMs, lastSentAtMs: lastMs },
      context: { window: { startMs: atMs - 60_000, endMs: atMs + 60_000 } },
    };
  },
};

const integerAt = (field: Field, name: string): number =>
  field.get(name).integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

function timeAt(field: Field, name: string): number {
  const text = field.get(name).text();
  return parseUtcMs(text.replace(/^([^.]*)Z$/, "$1.000Z")) ?? field.get(name).fail("must be a time in UTC");
}

/**
 * Cases as they stand in the tests of Helium's verifier: `{"constants", "cells", "cases": [{"fn", …, "expect" or
 * "verdict"}]}`. A case with a verdict becomes a vector; a number is computed and compared here.
 *
 * @throws MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function importRadio(path: string): Promise<ImportedRadio> {
  const misfit = (at: string, problem: string) => earnestError("MALFORMED_FILE", { path, problem: `${at} ${problem}` });
  const root = new Field(await readJsonFile(path), "file", misfit);
  const cells = root.get("cells");
  const cellOf = (name: string): string => cellFrom(cells.get(name));
  const vectors: Json[] = [];
  const differing: string[] = [];
  const unknown: string[] = [];
  const list = root.get("cases").items(casesMax);
  for (const [i, field] of list.entries()) {
    const fn = field.get("fn").text();
    const name = `${i + 1}: ${fn}`;
    const given = { fn, field, cellOf };
    const isKnownNumber = field.get("expect").value === undefined || isAsExpected(given);
    if (isKnownNumber === false) differing.push(name);
    const change = Object.hasOwn(changes, fn) && field.get("verdict").value !== undefined ? changes[fn] : undefined;
    if (change !== undefined) vectors.push(vectorOf(name, field.get("verdict"), change(given), constantsOf(root)));
    else if (isKnownNumber === null || field.get("expect").value === undefined) unknown.push(name);
  }
  const file = { evidence: {}, context: {}, vectors };
  const agreeing = list.length - differing.length - unknown.length;
  return { file, cases: list.length, agreeing, differing, unknown };
}

/** A cell as the source writes it, in decimal digits. */
function cellFrom(field: Field): string {
  const text = field.text();
  const cell = /^\d{1,20}$/.test(text) ? BigInt(text).toString(16) : text;
  return isCell(cell) ? cell : field.fail("must be an H3 cell");
}

/** Null for what is no number of ours. */
function isAsExpected({ fn, field, cellOf }: Case): boolean | null {
  const expect = field.get("expect").value;
  const [a, b] = ["a", "b"].map((name) => (field.get(name).value === undefined ? "" : cellOf(field.get(name).text())));
  switch (fn) {
    case "distance_m":
      return metresBetween(a as string, b as string) === expect;
    case "cell_distance_r11":
      return cellDistance(parentOf(a as string, 11), parentOf(b as string, 11)) === expect;
    case "expected_rssi": {
      const [power, frequency, metres] = ["tx_dbm", "freq_hz", "dist_m"].map((name) => integerAt(field, name));
      const [beacon, witness] = ["beacon_gain_ddb", "witness_gain_ddb"].map((name) => integerAt(field, name));
      const all = [power, frequency, metres, beacon, witness] as [number, number, number, number, number];
      return Math.abs(expectedSignal(...all) - (expect as number) * 1e6) < 2;
    }
    default:
      return null;
  }
}

/** What the source's constants say of our parameters. */
function constantsOf(root: Field): Patch {
  const constants = root.get("constants");
  if (constants.value === undefined) return {};
  const named = {
    distanceKmMax: "poc_distance_limit_km",
    cellsMin: "poc_cell_distance_min",
    resolution: "poc_cell_parent_res",
    receptionLagMsMax: "max_witness_lag_ms",
    beaconLagMsMax: "max_beacon_to_witness_lag_ms",
    frequencyHzMax: "freq_tolerance_hz",
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([parameter, name]) =>
      constants.get(name).value === undefined ? [] : [[parameter, integerAt(constants, name)]],
    ),
  );
}

function vectorOf(name: string, verdict: Field, change: Change, constants: Patch): Json {
  const said = verdict.text();
  const isRefused = said !== "ok";
  const code = Object.hasOwn(reasons, said) ? reasons[said] : undefined;
  if (isRefused && code === undefined) verdict.fail("is a refusal that nobody knows");
  const common = { region: "EU868", frequencyHz: 867_900_000, payload: "00", gainDdb: 0 };
  return {
    name,
    parameters: { ...constants, intervalMsMin: 0, ...change.parameters },
    evidence: {
      answer: "heard",
      receptions: {
        heard: {
          ...common,
          device: "witness",
          cell: "8b3f304e4032fff",
          isFull: true,
          signalDdbm: faintDdbm,
          receivedAtMs: beaconAtMs,
          ...change.heard,
        },
      },
    },
    context: {
      nowMs: beaconAtMs,
      device: "witness",
      window: { startMs: beaconAtMs - 60_000, endMs: beaconAtMs + 60_000 },
      beacon: {
        ...common,
        device: "beaconer",
        cell: "8c3f304e42e4bff",
        powerDbm: 27,
        sentAtMs: beaconAtMs,
        ...change.beacon,
      },
      acceptedNearby: { ofCell: 0, ofEdge: 0 },
      attestation: importedAttestation({ assignedAtMs: 0, expiresAtMs: 0, receivedAtMs: 0 }),
      ...change.context,
    },
    verdict: isRefused ? "rejected" : "accepted",
    reasons: code === undefined ? [] : [code],
  };
}
