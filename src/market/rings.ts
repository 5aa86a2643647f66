import type { LaneState } from "./state.ts";

/** Devices that hear each other, every pair or nearly, and nobody else: a chance of the streets, or one shelf. */
export interface Ring {
  /** Their keys in base58, in order. */
  readonly devices: readonly string[];
  /** Reports between them that were paid. */
  readonly reports: number;
}

/** Two are a pair; a network that grew has more devices than all of them can hear. */
const devicesMin = 3;
const devicesMax = 32;
/** Of the pairs that there could be. */
const pairsPpmMin = 800_000;

/** The rings among those whose reports a lane paid for. */
export function ringsOf({ acceptedNearby }: Pick<LaneState, "acceptedNearby">): readonly Ring[] {
  const heard = new Map<string, Map<string, number>>();
  for (const key of acceptedNearby.keys()) {
    const [a, b] = key.split(" ");
    if (a === undefined || b === undefined) continue;
    const reports = acceptedNearby.get(key) ?? 0;
    heard.set(a, (heard.get(a) ?? new Map<string, number>()).set(b, reports));
    heard.set(b, (heard.get(b) ?? new Map<string, number>()).set(a, reports));
  }
  const seen = new Set<string>();
  const rings: Ring[] = [];
  for (const first of [...heard.keys()].sort()) {
    const devices = connectedTo(first, heard, seen);
    if (devices.length < devicesMin || devices.length > devicesMax) continue;
    const sums = devices.map((device) => [...(heard.get(device) ?? [])].reduce((sum, [, count]) => sum + count, 0));
    const pairs = devices.reduce((sum, device) => sum + (heard.get(device)?.size ?? 0), 0);
    if (pairs * 1_000_000 < devices.length * (devices.length - 1) * pairsPpmMin) continue;
    rings.push({ devices: devices.sort(), reports: sums.reduce((sum, each) => sum + each, 0) / 2 });
  }
  return rings;
}

function connectedTo(
  first: string,
  heard: ReadonlyMap<string, ReadonlyMap<string, number>>,
  seen: Set<string>,
): string[] {
  const found: string[] = [];
  const open = [first];
  for (let device = open.pop(); device !== undefined; device = open.pop()) {
    if (seen.has(device)) continue;
    seen.add(device);
    found.push(device);
    open.push(...(heard.get(device)?.keys() ?? []));
  }
  return found;
}
