import { Option } from "commander";
import { explainReason } from "../../verification/algebra/reasons.ts";
import { verify as verdictOf } from "../../verification/algebra/verify.ts";
import { endOf, type Load } from "../../verification/baseline/load.ts";
import { type MethodName, methodNames, methods } from "../../verification/baseline/methods.ts";
import { type Reduced, type Reduction, reductionOf } from "../../verification/baseline/reduction.ts";
import type { Season } from "../../verification/baseline/season.ts";
import { composed } from "../../verification/kinds/compose.ts";
import type { Kind } from "../../verification/kinds/kind.ts";
import { emptyContext, emptyEvidence } from "../../verification/primitives/evidence.ts";
import type { ReducedParameters } from "../../verification/primitives/reduced.ts";
import type { CommandContext } from "../context.ts";
import { localDate, plotOf } from "../energy/plot.ts";
import { type MeterFileUnit, meterFileUnits, readEventsFile, readMeterFile } from "../energy/read-meter.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { writeFileWhole } from "../files.ts";
import { kindFile, loadKind } from "../kinds/find-kind.ts";
import type { AddCommand } from "../options.ts";
import { parseNumbers, parseOffset, parsePositive } from "../parse-options.ts";

interface EnergyOptions {
  readonly events: string;
  readonly unit: MeterFileUnit;
  readonly interval: number;
  readonly utcOffset: number;
  readonly holidays: string;
  readonly noticeMinutes: number;
  readonly method: MethodName;
  readonly set?: Readonly<Record<string, number>>;
  readonly plot?: string;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export const addEnergy: AddCommand = (program, run) => {
  examples(
    program
      .command("energy")
      .description("What a meter saved in events, against baselines of its own earlier days, by the rules of `energy`")
      .argument("<readings>", "The meter's readings: CSV of local times and numbers, or a load in JSON")
      .requiredOption("--events <file>", "CSV: begin, end and perhaps notice of each event, in local time")
      .addOption(new Option("--unit <unit>", "Of the readings").choices([...meterFileUnits]).makeOptionMandatory())
      .requiredOption("--interval <minutes>", "How long a reading counts", parsePositive)
      .option("--utc-offset <minutes>", "Of the local standard time, such as -480", parseOffset, 0)
      .option("--holidays <dates>", "Days that are like weekends, with commas between", "")
      .option("--notice-minutes <n>", "Notice before an event that does not say it", parsePositive, 1_440)
      .addOption(new Option("--method <name>", "Of the baseline").choices([...methodNames]).default("caiso10in10"))
      .option("--set <name=number,...>", "Other values of the kind's parameters", parseNumbers)
      .option("--plot <file>", "Draw baseline and actual of each event as an SVG")
      .action(run(energy)),
    "earnest energy meter.csv --events events.csv --unit kW --interval 15 --utc-offset -480 --plot events.svg",
  );
};

async function energy(context: CommandContext, options: EnergyOptions, readings: string): Promise<ExitCode> {
  const { output } = context;
  const { utcOffset: utcOffsetMinutes } = options;
  const intervalMs = options.interval * minuteMs;
  const load = await readMeterFile(context.path(readings), { unit: options.unit, intervalMs, utcOffsetMinutes });
  const season = await readEventsFile(context.path(options.events), {
    utcOffsetMinutes,
    holidays: options.holidays.split(",").filter((date) => date !== ""),
    noticeMs: options.noticeMinutes * minuteMs,
  });
  const kind = await loadKind(await kindFile("energy", "energy"));
  const parameters = parametersOf(kind, options);
  const reduction = reductionOf(load, season, { ...parameters, method: methods[options.method] });
  const found = verifiedOf(parameters, load, season);
  output.line(methods[options.method].title);
  tell(context, load, season, reduction);
  output.line(`${found.verdict}: ${kilowattHours(found.units)} kWh are payable`);
  for (const reason of found.reasons)
    if (reason.code !== "EVENT_LOAD") output.line(`  ${reason.code}: ${explainReason(reason).what}`);
  if (options.plot !== undefined) {
    const plot = { title: "Baseline and actual", intervalMs, utcOffsetMinutes };
    await writeFileWhole(context.path(options.plot), plotOf(reduction, plot));
    output.line(`Drawn in ${options.plot}`);
  }
  const { verdict, units, unit, reasons } = found;
  const { placebo, deadBandPpm } = reduction;
  const events = reduction.events.map((event) => jsonOf(event, utcOffsetMinutes));
  output.result({ ok: true, method: options.method, placebo, deadBandPpm, events, verdict, units, unit, reasons });
  return exitCodes.ok;
}

type Meter = ReducedParameters & { readonly name: string; readonly quantityMin: number; readonly quantityMax: number };

/** The composition of kinds/energy.json: its last check is the meter. */
interface Written {
  readonly holdback: { readonly of: { readonly all: readonly object[] } };
}

/** Those of the kind's own meter, with other values where they were set. */
function parametersOf(kind: Kind, { set, method }: EnergyOptions): Meter {
  const { composition } = composed(kind, set ?? {});
  const { holdback } = JSON.parse(JSON.stringify(composition)) as Written;
  return { ...(holdback.of.all.at(-1) as { readonly meter: Meter }).meter, method };
}

function verifiedOf(parameters: Meter, load: Load, season: Season) {
  const spec = {
    version: 1,
    composition: { meter: { type: "reduced" as const, unit: "mWh" as const, ...parameters } },
  };
  const evidence = { ...emptyEvidence, loads: { [parameters.name]: load } };
  return verdictOf(spec, evidence, { ...emptyContext, nowMs: endOf(load), season });
}

function tell({ output }: CommandContext, load: Load, season: Season, reduction: Reduction): void {
  const { placebo, deadBandPpm, problem } = reduction;
  const gaps = load.values.filter((value) => value === null).length;
  output.line(`${load.values.length} readings of ${load.intervalMs / minuteMs} minutes, ${gaps} gaps`);
  output.line(
    `${placebo.days} days without an event: error ${percent(placebo.errorPpm)}, bias ${percent(placebo.biasPpm)}; dead-band ${percent(deadBandPpm)}`,
  );
  output.table(
    ["event", "hours", "baseline kWh", "actual kWh", "adjusted", "counts kWh"],
    reduction.events.map((each) => rowOf(each, season.utcOffsetMinutes)),
  );
  if (problem === null) return;
  const date = localDate(problem.event.startMs, season.utcOffsetMinutes);
  const why = problem.type === "days" ? `${problem.days} days to compare with` : percent(problem.coveragePpm);
  output.line(`${date} does not count: ${problem.type} (${why})`);
}

function rowOf({ event, expectedSum, actualSum, saved, baseline }: Reduced, utcOffsetMinutes: number): string[] {
  const hours = (event.endMs - event.startMs) / hourMs;
  const date = localDate(event.startMs, utcOffsetMinutes);
  const [expected, actual, counts] = [expectedSum, actualSum, saved].map(kilowattHours) as [string, string, string];
  return [date, `${hours}`, expected, actual, percent(baseline.adjustmentPpm), counts];
}

const jsonOf = ({ event, expectedSum, actualSum, saved, baseline }: Reduced, utcOffsetMinutes: number) => ({
  date: localDate(event.startMs, utcOffsetMinutes),
  ...event,
  expectedMwh: expectedSum,
  actualMwh: actualSum,
  savedMwh: saved,
  adjustmentPpm: baseline.adjustmentPpm,
  days: baseline.days.length,
});

const kilowattHours = (milliwattHours: number): string => (milliwattHours / 1_000_000).toFixed(2);
const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(1)} %`;
