import type { Planted } from "../world/node.ts";
import type { World } from "../world/parts.ts";

/** A fault that is planted on purpose: the simulator has to find it. */
export interface Mutation {
  readonly name: string;
  /** What is broken, in a sentence. */
  readonly what: string;
  /** Puts substitutes where functions of the product are called, or spoils what is simulated. */
  readonly plant: (world: World) => void;
  /** Spoils what every process is given. */
  readonly parts?: Planted;
}

export const nothing = (): void => undefined;

/** True now and then: a fault that shows always would be found by anybody. */
export function everyNth(n: number): () => boolean {
  let count = 0;
  return () => ++count % n === 0;
}
