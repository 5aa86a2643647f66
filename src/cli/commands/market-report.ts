import type { Command } from "commander";
import type { MarketReport } from "../../contract/report.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Run } from "../options.ts";
import { parseMarket } from "../parse-options.ts";
import { showKey, showPercent } from "../show.ts";
import { showWarnings } from "../show-market.ts";

export function addMarketReport(markets: Command, run: Run): void {
  examples(
    markets
      .command("report")
      .description("What a market of yours came to: what machines saved, and what people added")
      .argument("<market>", "The market's id", parseMarket)
      .action(run(showReport)),
    "earnest markets report 00112233445566778899aabbccddeeff",
  );
}

async function showReport(context: CommandContext, _: object, id: string): Promise<ExitCode> {
  const { output } = context;
  const report = await (await context.client()).markets.report(id);
  output.line(output.colours.bold(report.title));
  output.line(output.colours.dim(report.market));
  output.line();
  output.table(["", ""], rowsOf(report));
  showWarnings(output, report.warnings);
  output.result({ ok: true, report });
  return exitCodes.ok;
}

type Row = [name: string, text: string];

function rowsOf(report: MarketReport): Row[] {
  const { tasks, answers, confidence, people, cost } = report;
  const certain = confidence === null ? "" : `, ${showPercent(confidence)} certain on the mean`;
  return [
    ["tasks", `${tasks.settled} of ${tasks.asked} settled, ${tasks.decided} as certain as wanted${certain}`],
    ["answers", `${answers.people} of people, ${answers.machines} of machines${perTaskText(answers.perTask)}`],
    ...report.machines.map(machineRow),
    ["people", `${people.contributors}; ${measuredText(people.measured)}`],
    ...(report.machines.length === 0 ? [] : together(report)),
    ...report.rings.map(ringRow),
    ["cost", `${cost} without fee`],
  ];
}

const perTaskText = (perTask: number | null): string => (perTask === null ? "" : `; ${perTask.toFixed(2)} to a task`);

const machineRow = ({ contributor, answers, measured, judged, agreed }: MarketReport["machines"][number]): Row => [
  "machine",
  `${showKey(contributor)}: ${answers} answers, ${agreed} of ${judged} as the label; ${measuredText(measured)}`,
];

const ringRow = ({ devices, reports }: MarketReport["rings"][number]): Row => [
  "ring",
  `${devices.map(showKey).join(", ")} hear each other and nobody else: ${reports} reports paid`,
];

const measuredText = ({ tasks, right, interval: [low, high] }: MarketReport["people"]["measured"]): string =>
  tasks === 0
    ? "no control task met"
    : `${right} of ${tasks} control tasks right (${showPercent(low)} to ${showPercent(high)})`;

function together({ settledBy, added, saved }: MarketReport): Row[] {
  return [
    [
      "settled",
      `${settledBy.machines} by machines alone, ${settledBy.people} by people alone, ${settledBy.both} by both`,
    ],
    [
      "people added",
      `${added.corrected} labels corrected, ${added.helped} chosen between machines, ${added.confirmed} confirmed`,
    ],
    ["machines saved", savedText(saved)],
  ];
}

const savedText = (saved: MarketReport["saved"]): string =>
  saved === null
    ? "not known before there is a model"
    : `about ${Math.round(saved.answers)} of ${Math.round(saved.peopleAlone)} answers of people (${showPercent(saved.share)}), by the forecast`;
