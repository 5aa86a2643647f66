import { type Bytes32, bytes32, equalBytes, fromBase58, fromHex, toBase58, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Pinned } from "../market/settlement/chain-view.ts";

/**
 * What an attestor was set up for, fixed at its first start: a server or a node that later says something else is not
 * followed.
 */
export interface Pins extends Pinned {
  /** Its own: what it signed before stands in the folder, and belongs to one key. */
  readonly key: Bytes32;
}

interface Field {
  readonly name: keyof Pins;
  readonly what: string;
  readonly show: (bytes: Uint8Array) => string;
  readonly read: (text: string) => Uint8Array;
}

const base58 = { show: toBase58, read: fromBase58 } as const;
const hex = { show: toHex, read: fromHex } as const;

const fields: readonly Field[] = [
  { name: "key", what: "the attestor's key", ...base58 },
  { name: "cluster", what: "the cluster's genesis hash", ...base58 },
  { name: "program", what: "the escrow program", ...base58 },
  { name: "programHash", what: "the SHA-256 of the program", ...hex },
  { name: "network", what: "the network's account", ...base58 },
  { name: "pool", what: "the pool's account", ...base58 },
];

export const pinsText = (pins: Pins): string =>
  `${JSON.stringify(Object.fromEntries(fields.map(({ name, show }) => [name, show(pins[name])])), null, 2)}\n`;

/** Null where it is none. */
export function parsePins(text: string): Pins | null {
  try {
    const json = JSON.parse(text) as { readonly [name: string]: Json };
    const pairs = fields.map(({ name, read }) => [name, bytes32(read(json[name] as string))] as const);
    return Object.fromEntries(pairs) as unknown as Pins;
  } catch {
    return null;
  }
}

/** Each pin in words, for people. */
export const pinLines = (pins: Pins): string[] => fields.map(({ name, what, show }) => `${what}: ${show(pins[name])}`);

/** @throws PIN_MISMATCH naming the first thing that is not what was pinned */
export function checkPins(path: string, pinned: Pins, found: Partial<Pins>): void {
  for (const { name, what, show } of fields) {
    const now = found[name];
    if (now === undefined || equalBytes(now, pinned[name])) continue;
    throw earnestError("PIN_MISMATCH", { what, found: show(now), pinned: show(pinned[name]), path });
  }
}
