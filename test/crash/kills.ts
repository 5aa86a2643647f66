import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet } from "./fleet.ts";
import type { Journal } from "./journal.ts";
import { isPostgresRunning, killPostgres } from "./postgres.ts";
import type { Random } from "./random.ts";

export type KillKind = "api" | "postgres";

export interface KillOptions {
  readonly kills: number;
  readonly dataFolder: string;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onKill: (done: number, kind: KillKind) => void;
}

/** One kill in so many comes while the last victim is still starting or recovering. */
const hastyShare = 0.2;
/** Otherwise so many submissions must have been acknowledged since the last kill, and a moment more passes. */
const acknowledgedMin = 15;
const acknowledgedMax = 45;
const momentMsMax = 40;
const recoveryMsMax = 60_000;

/** Kills by turns, at instants that nobody can foresee, and starts again what was killed. */
export async function killAll(options: KillOptions): Promise<Record<KillKind, number>> {
  const kinds = { api: 0, postgres: 0 };
  for (let done = 0; done < options.kills; ) {
    await untilInstant(options, done === 0);
    const kind: KillKind = done % 2 === 0 ? "api" : "postgres";
    await kill(options, kind);
    kinds[kind]++;
    options.onKill(++done, kind);
  }
  return kinds;
}

async function untilInstant({ random, journal, signal, fleet }: KillOptions, isFirst: boolean): Promise<void> {
  if (!isFirst && random.chance(hastyShare)) {
    await sleep(random.between(0, 800), undefined, { signal });
    return;
  }
  const wanted = journal.acknowledged.size + random.between(acknowledgedMin, acknowledgedMax);
  const deadline = Date.now() + recoveryMsMax;
  while (journal.acknowledged.size < wanted) {
    const [ended] = fleet.processes.flatMap((each) => each.surprises);
    if (ended !== undefined) throw new Error(ended);
    if (Date.now() > deadline) {
      const missing = wanted - journal.acknowledged.size;
      throw new Error(`no recovery: ${missing} further submissions were not acknowledged in ${recoveryMsMax / 1000} s`);
    }
    await sleep(5, undefined, { signal });
  }
  await sleep(random.between(0, momentMsMax), undefined, { signal });
}

async function kill({ fleet, dataFolder, random, signal }: KillOptions, kind: KillKind): Promise<void> {
  if (kind === "api") {
    const victim = random.pick(fleet.processes);
    await victim.kill();
    await sleep(random.between(0, 200), undefined, { signal });
    victim.start();
    return;
  }
  // A kill of nothing is none: the server may still be on its way up.
  while (!isPostgresRunning(dataFolder)) await sleep(1, undefined, { signal });
  killPostgres(dataFolder);
}
