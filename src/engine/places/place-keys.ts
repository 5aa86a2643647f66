import type { MarketId } from "../../core/market-id.ts";

/** A market's key of one day: everything exact that came on that day lies under it. */
export interface PlaceKeyId {
  readonly market: MarketId;
  /** Days since 1970. */
  readonly day: number;
}

/** Keeps keys apart from the database: copies of the one are worth nothing without the other. */
export interface PlaceKeys {
  /** The key, made at random where there is none; it is durable before it is given. */
  make(id: PlaceKeyId): Promise<Uint8Array>;
  /** Null where there never was one, or once it is gone. */
  find(id: PlaceKeyId): Promise<Uint8Array | null>;
  all(): Promise<readonly PlaceKeyId[]>;
  /** Gone for good, and with it all that lies under it. */
  forget(id: PlaceKeyId): Promise<void>;
}

const dayMs = 86_400_000;
export const dayOf = (timeMs: number): number => Math.floor(timeMs / dayMs);

/** A key lives for so long after its day, and then what lies under it is forgotten. */
export const keptDays = 30;
/** For so long a copy of the database can be gone back to: its checkpoints need no older keys. */
export const copyDays = 14;

/** Keys that end with the process. */
export function placeKeysInMemory(random: (length: number) => Uint8Array): PlaceKeys {
  const keys = new Map<string, { readonly id: PlaceKeyId; readonly key: Uint8Array }>();
  const nameOf = ({ market, day }: PlaceKeyId): string => `${market} ${day}`;
  return {
    async make(id) {
      const known = keys.get(nameOf(id)) ?? { id, key: random(32) };
      keys.set(nameOf(id), known);
      return known.key;
    },
    find: async (id) => keys.get(nameOf(id))?.key ?? null,
    all: async () => [...keys.values()].map(({ id }) => id),
    async forget(id) {
      keys.delete(nameOf(id));
    },
  };
}
