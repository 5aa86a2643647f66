import type { NewMarket } from "../../src/contract/markets.ts";
import type { Offer } from "../../src/contract/work.ts";
import { toBase64 } from "../../src/core/bytes.ts";
import type { Json } from "../../src/core/json.ts";
import type { KindMarket } from "./kind-markets.ts";
import { pictureOf, taggedPicture } from "./pictures.ts";

/** Markets of what happens at a place, with the evidence of devices that were there, and of some that were not. */

const vienna = { latitudeE7: 482_082_000, longitudeE7: 163_738_000 };
const dayMs = 86_400_000;
const near = (north: number, east: number, timeMs: number) => ({
  latitudeE7: vienna.latitudeE7 + north,
  longitudeE7: vienna.longitudeE7 + east,
  timeMs,
  accuracyMm: 8_000,
});
const assignedAtMs = ({ expiresAtMs }: Offer, leaseSeconds: number): number => expiresAtMs - leaseSeconds * 1_000;
/** Whenever the tests run: by day and by night, and by contributors who say nothing of their age. */
const anybody: Partial<NewMarket> = { policy: null, eligibility: [], reward: "0.10" };
const anyHour = { fromMinute: 0, toMinute: 1_440 };

const walk = (startMs: number, north = 0): Json => [0, 1, 2].map((i) => near(north, 0, startMs + i));

const reported = (offer: Offer, north = 0): Json => {
  const startMs = assignedAtMs(offer, dayMs / 1_000);
  return { takenAtMs: startMs, tracks: { walk: walk(startMs, north) } };
};

const utc = (timeMs: number): readonly [string, number, number, number] => {
  const date = new Date(timeMs);
  const day = date.toISOString().slice(0, 10).replaceAll("-", ":");
  return [day, date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
};

function visited(offer: Offer, picture: string): Json {
  const startMs = assignedAtMs(offer, 172_800);
  const jpeg = taggedPicture(pictureOf(picture), { satellites: utc(startMs), place: vienna });
  return {
    nonce: offer.code,
    takenAtMs: startMs,
    tracks: { walk: walk(startMs) },
    pictures: { shot: { data: toBase64(jpeg) } },
  };
}

const nowMs = Date.now();
/** Cells of Malta, 28 of resolution 11 apart. */
const [here, there] = ["8c3f304e42e4bff", 627_111_975_465_463_807n.toString(16)];
const air = { region: "EU868", frequencyHz: 867_900_000, payload: "1c991241" };
const beacon = {
  ...air,
  device: "11111111111111111111111111111111",
  cell: here,
  gainDdb: 12,
  powerDbm: 8,
  sentAtMs: nowMs - 60_000,
};
const heard =
  (cell: string) =>
  (_: Offer, device: string): Json => ({
    receptions: {
      heard: { ...air, device, cell, gainDdb: 20, isFull: true, signalDdbm: -1_080, receivedAtMs: nowMs - 59_500 },
    },
  });

/** Forty sightings along a street, one every five seconds. */
const drive: Json = {
  tracks: { drive: Array.from({ length: 40 }, (_, i) => near(0, i * 6_000, nowMs - 900_000 + i * 5_000)) },
};

const wave = (base: number, size: number): Json => ({
  timesMs: Array.from({ length: 199 }, (_, i) => nowMs - 12_000_000 + (i + 1) * 60_000),
  values: Array.from({ length: 199 }, (_, i) => base + Math.round(size * Math.sin(i / 9)) + (i % 3)),
});
const station = { station: [near(100, 100, nowMs - 6_000_000)] };

const paid = (reward: string) => ({ state: "accepted", reward }) as const;
const unpaid = { state: "rejected", reward: "0" } as const;

export const witnessMarkets: readonly KindMarket[] = [
  {
    kind: "report",
    set: anyHour,
    market: { ...anybody, overlap: { min: 2, max: 2, target: 0.5 } },
    task: { id: "t", content: { text: "The bakery at the corner: is it open?" } },
    sent: [
      { answer: "open", evidence: (offer) => reported(offer), expected: paid("0.1") },
      { answer: "open", evidence: (offer) => reported(offer, 900_000), expected: unpaid },
      { answer: "open", evidence: (offer) => reported(offer, 200), expected: paid("0.1") },
    ],
  },
  {
    kind: "visit",
    set: anyHour,
    market: { ...anybody, overlap: { min: 2, max: 2, target: 0.5 } },
    task: { id: "t", content: { text: "The charging station at the town hall." } },
    sent: [
      { answer: "in order", evidence: (offer) => visited(offer, "stones"), expected: paid("0.1") },
      { answer: "in order", evidence: (offer) => visited(offer, "stones-worse"), expected: unpaid },
      { answer: "in order", evidence: (offer) => visited(offer, "whirl"), expected: paid("0.1") },
    ],
  },
  {
    kind: "coverage",
    market: { ...anybody, overlap: { min: 1, max: 5, target: 0 } },
    task: () => ({
      id: "t",
      content: { text: "A beacon in Malta." },
      terms: { known: { beacon, window: { startMs: nowMs - 61_000, endMs: nowMs + 120_000 } } },
    }),
    sent: [
      { answer: "heard", evidence: heard(here), expected: unpaid },
      { answer: "heard", evidence: heard(there), expected: paid("0.1") },
    ],
  },
  {
    kind: "mapping",
    set: { quantityMax: 160 },
    market: { ...anybody, overlap: { min: 2, max: 2, target: 0 } },
    task: () => ({
      id: "t",
      content: { text: "Streets east of the cathedral." },
      terms: { known: { place: vienna, window: { startMs: nowMs - dayMs, endMs: nowMs + dayMs } } },
    }),
    sent: [
      { answer: "streets", evidence: drive, expected: paid("0.09") },
      { answer: "streets", evidence: drive, expected: unpaid },
    ],
  },
  {
    kind: "sensing",
    set: { quantityMax: 200 },
    market: { ...anybody, overlap: { min: 2, max: 2, target: 0 } },
    task: () => ({
      id: "t",
      content: { text: "The weather of this morning." },
      terms: { known: { place: vienna, window: { startMs: nowMs - 12_000_000, endMs: nowMs } } },
    }),
    sent: [
      {
        answer: "in the open",
        evidence: { series: { temperature: wave(850, 60), humidity: wave(710, 40) }, tracks: station },
        expected: paid("0.0995"),
      },
      {
        answer: "in the open",
        evidence: { series: { temperature: wave(29_000, 60), humidity: wave(710, 40) }, tracks: station },
        expected: unpaid,
      },
    ],
  },
];
