import { isEarnestError } from "#src/core/errors";
import type { Engine } from "#src/engine/engine";
import type { Once } from "#src/engine/idempotency";
import { sha256 } from "./crypto.ts";
import { type ApiNode, Unanswered } from "./node.ts";
import type { World } from "./parts.ts";

/** Neither done nor refused, as far as anybody knows: it may be asked again. */
export const mayBeAskedAgain = (error: unknown): boolean =>
  error instanceof Unanswered || (isEarnestError(error) && error.kind === "unavailable");

/** Asks until there is an answer, of whichever process gives one. */
export async function insist<T>(
  world: World,
  nodes: readonly ApiNode[],
  ask: (node: ApiNode) => Promise<T>,
): Promise<T> {
  for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 3_000)) {
    try {
      return await ask(world.random.pick(nodes));
    } catch (error) {
      if (!mayBeAskedAgain(error)) throw error;
      await world.scheduler.sleep(pauseMs);
    }
  }
}

export interface Keyed<T> {
  readonly who: string;
  readonly what: string;
  readonly key: string;
  readonly work: (engine: Engine, once: Once) => Promise<T>;
  /** What a repetition makes of the note. */
  readonly again: (engine: Engine, note: string) => Promise<T> | T;
}

const scope = new Uint8Array(32).fill(1);

/** A request with an idempotency key, as the API treats it: however often it is asked, it is done once. */
export function insistOnce<T>(world: World, nodes: readonly ApiNode[], keyed: Keyed<T>): Promise<T> {
  const { who, what, key, work, again } = keyed;
  return insist(world, nodes, (node) =>
    node.call(who, what, async ({ engine, keys }) => {
      const done = async (): Promise<{ readonly response: string } | null> => await keys.find(scope, key);
      const found = await done();
      if (found !== null) return await again(engine, found.response);
      try {
        return await work(engine, keys.once(scope, key, sha256(new TextEncoder().encode(key))));
      } catch (error) {
        if (!(error instanceof Error && error.name === "KeyClaimed")) throw error;
        const claimed = await done();
        if (claimed === null) throw new Error("a key is claimed and not there", { cause: error });
        return await again(engine, claimed.response);
      }
    }),
  );
}
