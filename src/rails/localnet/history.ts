import { open } from "node:fs/promises";
import { base58 } from "@scure/base";
import { decode } from "../../core/codec.ts";
import { plain } from "./files.ts";
import type { Place } from "./journal.ts";
import { recordCodec, type TransactionRecord } from "./record.ts";
import { scanSegment, segmentPath } from "./segment.ts";
import { readTransaction } from "./wire-transaction.ts";

export interface HistoryEntry {
  readonly signature: string;
  readonly slot: number;
  readonly blockTime: number;
  /** JSON of the error, "null" for success. */
  readonly error: string;
  readonly memo: string;
  readonly place: Place;
}

interface SegmentIndex {
  readonly bySignature: Map<string, HistoryEntry>;
  readonly byAddress: Map<string, HistoryEntry[]>;
  /** Slots and their transactions in the order of the chain. */
  readonly bySlot: Map<number, HistoryEntry[]>;
}

const emptyIndex = (): SegmentIndex => ({ bySignature: new Map(), byAddress: new Map(), bySlot: new Map() });

/**
 * Where each transaction stands in the journal. Segments older than the snapshot are indexed when somebody first asks
 * for something that the newer ones do not hold, so a long history costs nothing at start.
 */
export class History {
  readonly #folder: string;
  readonly #segments = new Map<number, SegmentIndex | null>();

  constructor(folder: string, olderSegments: readonly number[]) {
    this.#folder = folder;
    for (const segment of olderSegments) this.#segments.set(segment, null);
  }

  add(record: TransactionRecord, addresses: readonly string[], place: Place): HistoryEntry {
    let index = this.#segments.get(place.segment);
    if (index === undefined || index === null) {
      index = emptyIndex();
      this.#segments.set(place.segment, index);
    }
    return addTo(index, record, addresses, place);
  }

  /** `deep` also looks where reading a whole segment may be needed. */
  find(signature: string, deep: boolean): HistoryEntry | null {
    for (const index of this.#newestFirst(deep)) {
      const entry = index.bySignature.get(signature);
      if (entry !== undefined) return entry;
    }
    return null;
  }

  /** Newest first. */
  *of(address: string): Generator<HistoryEntry> {
    for (const index of this.#newestFirst(true)) {
      const entries = index.byAddress.get(address) ?? [];
      for (let i = entries.length - 1; i >= 0; i--) yield entries[i] as HistoryEntry;
    }
  }

  /** The transactions of a slot, in their order. */
  atSlot(slot: number): HistoryEntry[] {
    const found: HistoryEntry[][] = [];
    for (const { bySlot } of this.#newestFirst(true)) {
      found.push(bySlot.get(slot) ?? []);
      const [first = slot] = bySlot.keys();
      if (first < slot) break;
    }
    return found.reverse().flat();
  }

  async read(entry: HistoryEntry): Promise<TransactionRecord> {
    const { segment, offset, length } = entry.place;
    const handle = await open(segmentPath(this.#folder, segment), "r");
    try {
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
      return decode(recordCodec, plain(buffer), "a transaction record");
    } finally {
      await handle.close();
    }
  }

  segments(): number[] {
    return [...this.#segments.keys()].sort((a, b) => a - b);
  }

  forget(segment: number): void {
    this.#segments.delete(segment);
  }

  *#newestFirst(deep: boolean): Generator<SegmentIndex> {
    for (const segment of this.segments().reverse()) {
      let index = this.#segments.get(segment);
      if (index === undefined || (index === null && !deep)) continue;
      if (index === null) {
        index = this.#load(segment);
        this.#segments.set(segment, index);
      }
      yield index;
    }
  }

  #load(segment: number): SegmentIndex {
    const index = emptyIndex();
    scanSegment(this.#folder, segment, (payload, place) => {
      const record = decode(recordCodec, payload, "a transaction record");
      addTo(index, record, addressesOf(record), place);
    });
    return index;
  }
}

export const addressesOf = (record: TransactionRecord): string[] => [
  ...readTransaction(record.wire).message.addresses,
  ...record.loaded,
];

function addTo(
  index: SegmentIndex,
  record: TransactionRecord,
  addresses: readonly string[],
  place: Place,
): HistoryEntry {
  const entry: HistoryEntry = {
    signature: base58.encode(record.signature),
    slot: record.slot,
    blockTime: Math.floor(record.slotStartMs / 1000),
    error: record.error,
    memo: record.memo,
    place,
  };
  index.bySignature.set(entry.signature, entry);
  for (const address of addresses) addAt(index.byAddress, address, entry);
  addAt(index.bySlot, entry.slot, entry);
  return entry;
}

function addAt<K>(entries: Map<K, HistoryEntry[]>, key: K, entry: HistoryEntry): void {
  const here = entries.get(key);
  if (here === undefined) entries.set(key, [entry]);
  else here.push(entry);
}
