import type { Bytes32 } from "../core/bytes.ts";

/** The root of a lane's log at a place where it was cut. */
export interface LaneRoot {
  readonly size: number;
  readonly root: Bytes32;
}

/** More messages than that are not under way at once. */
const rootsPerLane = 32;

/**
 * What the lanes' roots were at their last cuts, as they were replayed: so that a message which lands later than it was
 * looked at can still be compared.
 */
export class KnownRoots {
  readonly #lanes = new Map<string, LaneRoot[]>();

  note(name: string, size: number, root: Bytes32): void {
    const known = this.#lanes.get(name) ?? [];
    if (known.some((each) => each.size === size)) return;
    this.#lanes.set(name, [...known, { size, root }].slice(-rootsPerLane));
  }

  at(name: string, size: number): Bytes32 | null {
    return this.#lanes.get(name)?.find((each) => each.size === size)?.root ?? null;
  }

  of(name: string): readonly LaneRoot[] {
    return this.#lanes.get(name) ?? [];
  }

  clear(): void {
    this.#lanes.clear();
  }
}
