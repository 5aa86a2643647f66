import type { Output } from "../../cli/output.ts";
import type { DemonstrationReport } from "./demonstrate.ts";
import { machineRows } from "./machines/machine-rows.ts";

/** What the demonstration showed, for people. */
export function printReport(output: Output, report: DemonstrationReport, seconds: number): void {
  const { colours } = output;
  const { own, deciding } = report.submitToPaidMs;
  const rows: readonly (readonly [string, string])[] = [
    ["answers", `${report.submissions} from ${report.contributors} contributors on ${report.tasks} tasks`],
    ["accuracy", accuracyText(report)],
    ["paid", `${report.paidAnswers} answers, ${report.cost} EARN with fee, to ${report.contributorsPaid} contributors`],
    ["submit → paid", `p50 ${deciding.p50} ms, p99 ${deciding.p99} ms from the deciding answer`],
    ["", `p50 ${own.p50} ms, p99 ${own.p99} ms from one's own`],
    ["ledger", `${report.ledgerTotal} EARN in all markets`],
    ["chain", `${report.chainTotal} EARN`],
    ["receipts", `${report.receiptsTotal} EARN in ${report.receipts} verified receipts`],
  ];
  output.line();
  for (const [name, text] of rows) output.line(`  ${colours.dim(name.padEnd(14))} ${text}`);
  output.line();
  output.line("  A machine that reads, beside simulated people, on a second market:");
  for (const [name, text] of machineRows(report.machine)) output.line(`  ${colours.dim(name.padEnd(14))} ${text}`);
  output.line();
  for (const name of report.failed) output.line(`${colours.red("✗")} not true: ${name}`);
  if (report.ok) output.line(`${colours.green("✓")} ledger, chain and receipts agree (${seconds} s)`);
  for (const path of report.exports) output.line(colours.dim(`  ${path}`));
}

const accuracyText = ({ accuracy, tasks, controls }: DemonstrationReport): string =>
  accuracy === null
    ? "no truth is known"
    : `${(accuracy * 100).toFixed(1)}% of ${tasks - controls} tasks against the known truth`;
