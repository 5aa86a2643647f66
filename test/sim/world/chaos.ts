import type { AttestorNode } from "./attestor-node.ts";
import type { ApiNode } from "./node.ts";
import type { World } from "./parts.ts";

/** Crashes of everything that can crash, as often as the weather has it, until it clears up. */
export function stir(world: World, nodes: readonly ApiNode[], attestors: readonly AttestorNode[]): void {
  const { random, scheduler, database, chain, weather, trace } = world;
  const crashNode = (): void => {
    const node = random.pick(nodes);
    if (!node.isUp) return;
    node.kill();
    scheduler.after(random.between(10, 4_000), () => node.start());
  };
  const crashDatabase = (): void => {
    if (!database.isUp) return;
    trace.say("database", "crashes");
    database.crash();
    scheduler.after(random.between(50, 3_000), () => {
      database.restart();
      trace.say("database", "is up");
    });
  };
  const crashAttestor = (): void => {
    const attestor = random.pick(attestors);
    if (!attestor.isUp) return;
    attestor.kill();
    scheduler.after(random.between(10, 6_000), () => attestor.start());
  };
  const loseChain = (): void => {
    trace.say("chain", "is away");
    chain.isAway = true;
    scheduler.after(random.between(500, 6_000), () => {
      chain.isAway = false;
      trace.say("chain", "is back");
    });
  };
  const again = (everyMs: () => number | null, happen: () => void): void => {
    const pause = everyMs();
    if (pause === null) return;
    scheduler.after(pause * (0.2 + 1.6 * random.next()), () => {
      if (everyMs() === null) return;
      happen();
      again(everyMs, happen);
    });
  };
  again(() => weather.processCrashMs, crashNode);
  again(() => weather.databaseCrashMs, crashDatabase);
  again(() => weather.attestorCrashMs, crashAttestor);
  again(() => weather.chainAwayMs, loseChain);
}
