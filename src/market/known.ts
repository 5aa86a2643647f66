import type { Field } from "../core/field.ts";
import { readPlace, readWindow } from "../verification/algebra/read-case.ts";
import { hash, named, number } from "../verification/algebra/read-values.ts";
import type { Named, Place, TimeWindow } from "../verification/primitives/evidence.ts";

/**
 * What is known of a task before anybody does it, for everybody to see in the log. What is public can be copied: digests
 * and values keep out mistakes, not lies; what must stay hidden is the answer of a control task.
 */
export interface Known {
  /** When it has to be done; null: between assignment and the end of the lease. */
  readonly window: TimeWindow | null;
  readonly place: Place | null;
  /** Hashes of content, in hexadecimal. */
  readonly digests: Named<string>;
  readonly values: Named<number>;
}

export const nothingKnown: Known = { window: null, place: null, digests: {}, values: {} };

export function readKnown(field: Field): Known {
  const { window, place, digests, values } = field.fields("window", "place", "digests", "values");
  return {
    window: window.orNull(readWindow),
    place: place.orNull(readPlace),
    digests: named(digests, hash),
    values: named(values, (value) => number(value)),
  };
}
