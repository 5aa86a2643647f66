import { type Done, runJobs } from "./crew.ts";
import { knownSeeds } from "./mutations/known-seeds.ts";
import { readOptions, type SimOptions, usage } from "./options.ts";
import type { Job } from "./worker.ts";

export interface SimReport {
  readonly seeds: number;
  readonly failures: readonly { readonly seed: number; readonly violation: string }[];
  readonly mutationsPlanted: number;
  readonly mutationsCaught: number;
  readonly caught: Readonly<Record<string, { readonly seed: number; readonly violation: string } | null>>;
  readonly acknowledged: number;
  readonly entries: number;
  readonly commits: number;
  readonly simulatedHours: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The one that took longest. */
  readonly worstSeed: { readonly seed: number; readonly cpuMs: number } | null;
  readonly ok: boolean;
}

/** How many seeds a planted fault may take before it counts as not found, where its known one does not find it. */
const seedsPerMutation = 60;

process.exitCode = await main();

async function main(): Promise<number> {
  let options: SimOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nusage: ${usage}\n`);
    return 2;
  }
  const report = await simulate(options);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.ok ? 0 : 1;
}

async function simulate(options: SimOptions): Promise<SimReport> {
  const { first, seeds, processes, mutation, trace } = options;
  const startedMs = performance.now();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const done: Done[] = [];
  const planted = options.mutations ? Object.keys(knownSeeds) : [];
  const caught = new Map<string, { readonly seed: number; readonly violation: string }>();
  const asked = plan({ first, seeds, mutation, isTraced: trace }, planted, caught);
  await runJobs(asked, processes, {
    onLine: say,
    onDone: (each) => {
      const { seed, violation, trace: lines } = each.result;
      const name = each.job.mutation;
      if (name !== null && mutation === null) {
        if (violation === null || caught.has(name)) return;
        caught.set(name, { seed, violation });
        say(`caught   ${name} by seed ${seed}: ${violation}`);
        return;
      }
      done.push(each);
      if (violation === null) {
        if (options.trace) say(`seed ${seed}: all held`);
        return;
      }
      if (!options.trace) for (const line of lines.slice(-60)) say(line);
      say(`FAILED seed ${seed}: ${violation}`);
      say(`replay:  npm run sim -- --seed ${seed} --trace${name === null ? "" : ` --mutation ${name}`}`);
    },
  });
  const sum = (of: (each: Done) => number): number => done.reduce((total, each) => total + of(each), 0);
  const failures = done.flatMap(({ result: { seed, violation } }) => (violation === null ? [] : [{ seed, violation }]));
  const worst = done.reduce<Done | null>(
    (most, each) => (most === null || each.cpuMs > most.cpuMs ? each : most),
    null,
  );
  for (const name of planted) if (!caught.has(name)) say(`MISSED   ${name}`);
  const report: SimReport = {
    seeds: done.length,
    failures,
    mutationsPlanted: planted.length,
    mutationsCaught: caught.size,
    caught: Object.fromEntries(planted.map((name) => [name, caught.get(name) ?? null])),
    acknowledged: sum(({ result }) => result.acknowledged),
    entries: sum(({ result }) => result.entries),
    commits: sum(({ result }) => result.commits),
    simulatedHours: Math.round(sum(({ result }) => result.simulatedMs) / 36_000) / 100,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    cpuSeconds: Math.round(sum(({ cpuMs }) => cpuMs) / 100) / 10,
    worstSeed: worst === null ? null : { seed: worst.result.seed, cpuMs: worst.cpuMs },
    ok: failures.length === 0 && caught.size === planted.length,
  };
  say(
    `${report.ok ? "ok" : "NOT OK"}: ${report.seeds} seeds, ${failures.length} failed, ` +
      `${report.mutationsCaught} of ${report.mutationsPlanted} planted faults found; ${report.acknowledged} submissions, ` +
      `${report.entries} entries, ${report.commits} commits in ${report.simulatedHours} simulated hours; ${report.seconds} s`,
  );
  return report;
}

function* plan(
  { first, seeds, mutation, isTraced }: { first: number; seeds: number; mutation: string | null; isTraced: boolean },
  planted: readonly string[],
  caught: ReadonlyMap<string, unknown>,
): Generator<Job, undefined> {
  for (const name of planted) yield { seed: knownSeeds[name] as number, mutation: name, isTraced: false };
  for (let i = 0; i < seeds; i++) yield { seed: first + i, mutation, isTraced };
  for (const name of planted) {
    for (let i = 0; i < seedsPerMutation && !caught.has(name); i++)
      yield { seed: 1 + i, mutation: name, isTraced: false };
  }
  return undefined;
}
