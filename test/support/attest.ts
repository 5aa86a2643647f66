import { setTimeout as sleep } from "node:timers/promises";
import { signedBytes } from "../../src/core/commit/commit-message.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { type TestAttestor, testAttestors } from "../../src/rails/solana/escrow/fixture.ts";

export interface Attesting {
  stop(): Promise<void>;
}

/** Attestors who sign whatever they are shown: for tests of what comes after. The real ones have tests of their own. */
export function attestBlindly(
  engine: Engine,
  attestors: readonly TestAttestor[] = testAttestors.slice(0, 2),
  pauseMs = 10,
): Attesting {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // The database may be away, which is what some tests are about.
      const tokens = await engine.network().then(
        (network) => network.tokens,
        () => [],
      );
      for (const { mint } of tokens) {
        const [newest] = await engine.listCommits({ mint, limit: 1 }).then(
          ({ items }) => items,
          () => [],
        );
        if (newest?.state !== "proposed" || newest.signatures.length >= attestors.length) continue;
        for (const each of attestors) {
          await engine
            .signCommit(newest.digest, each.sign(signedBytes("commit", newest.digest)))
            .catch(() => undefined);
        }
      }
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
