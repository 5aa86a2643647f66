import { readOptions, usage } from "./options.ts";
import { type CrashReport, runCrashTest } from "./run.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => interrupted.abort(new Error("interrupted")));
}

process.exitCode = await main();
// Whatever may still hold a timer or a socket must not keep a test that is over from ending.
setTimeout(() => process.exit(), 3_000).unref();

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nusage: ${usage}\n`);
    return 2;
  }
  try {
    const report = await runCrashTest(options, interrupted.signal);
    show(report);
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.ok ? 0 : 1;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    throw error;
  }
}

function show(report: CrashReport): void {
  const {
    kills,
    kinds,
    acknowledged,
    checkpointed,
    lost,
    paidTwice,
    replayedEntries,
    chainTotal,
    ledgerTotal,
    commits,
    seconds,
  } = report;
  for (const failure of report.failures) process.stderr.write(`FAILED ${failure}\n`);
  process.stderr.write(
    `${report.ok ? "ok" : "NOT OK"}: ${kills} kills (${kinds.api} API, ${kinds.postgres} PostgreSQL), ` +
      `${acknowledged} submissions acknowledged (${checkpointed} by token, signed for later), ${lost ?? "?"} lost, ${paidTwice ?? "?"} paid twice; ` +
      `${replayedEntries} entries ` +
      `replayed, ${ledgerTotal} earned, ${chainTotal} on chain by ${commits} commits; ${seconds} s, seed ${report.seed}\n`,
  );
}
