/**
 * Where the simulator meets the product: every exported function of the store and the ledger is called through here.
 * A function of the store that is handed a simulated database goes to its model; any function may have a substitute,
 * which is how faults are planted.
 */
type Fn = (...values: never[]) => unknown;

/** A simulated pool or connection. */
export interface Simulated {
  /** Calls the model of a store function of this name. */
  readonly call: (place: string, real: Fn, rest: readonly unknown[]) => unknown;
}

export const isSimulated = (value: unknown): value is Simulated =>
  typeof value === "object" && value !== null && typeof (value as Partial<Simulated>).call === "function";

/** Gets what would have been called, and its arguments. */
export type Substitute = (original: Fn, values: readonly unknown[]) => unknown;

const substitutes = new Map<string, Substitute>();
const known = new Set<string>();

/** @throws Error where nothing of that name is called through a seam: then a fault would not be planted at all */
export function substitute(place: string, by: Substitute): void {
  if (!known.has(place)) throw new Error(`there is no ${place}: has it moved, or got another name?`);
  substitutes.set(place, by);
}

export const restoreAll = (): void => substitutes.clear();

export function seam(place: string, real: unknown): unknown {
  if (typeof real !== "function") return real;
  known.add(place);
  const fn = real as Fn;
  const isOfStore = place.startsWith("store/");
  const original = (...values: never[]): unknown => {
    const [on, ...rest] = values as readonly unknown[];
    return isOfStore && isSimulated(on) ? on.call(place, fn, rest) : fn(...values);
  };
  return (...values: never[]): unknown => {
    const by = substitutes.get(place);
    return by === undefined ? original(...values) : by(original, values);
  };
}
