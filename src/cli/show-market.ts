import type { Market } from "../contract/markets.ts";
import type { Network } from "../contract/network.ts";
import type { Warning } from "../contract/warnings.ts";
import { type Output, printable } from "./output.ts";
import { showDuration, showKey, showPercent, showTime } from "./show.ts";

export const marketHead = ["id", "status", "title", "reward", "tasks", "answers", "free", "earned"] as const;

export const marketRow = (market: Market): string[] => [
  market.id,
  market.status,
  market.title,
  market.terms.reward,
  `${market.taskCount}`,
  `${market.answers}`,
  market.escrow.free,
  market.escrow.earned,
];

export function showMarket(output: Output, market: Market): void {
  const { colours } = output;
  const { terms, escrow } = market;
  output.line(`${colours.bold(market.title)}  ${market.status}`);
  output.line(colours.dim(market.id));
  output.line();
  const facts: [string, string][] = [
    ["owner", market.owner],
    ["answers", answersText(terms.answer)],
    ["reward", `${terms.reward}, fee ${market.feeBasisPoints / 100}%`],
    ["overlap", `${terms.overlap.min}-${terms.overlap.max}, until ${showPercent(terms.overlap.target)} certain`],
    ["assignment", showDuration(terms.leaseSeconds)],
    ["tasks", `${market.taskCount}, ${market.answers} answers`],
    ["created", showTime(market.createdAtMs)],
    ...(market.closesAtMs === null ? [] : [["refund after", showTime(market.closesAtMs)] as [string, string]]),
    ...(market.review === null ? [] : [["review", showDuration(market.review.windowSeconds)] as [string, string]]),
    ["refund to", showKey(market.refundTo)],
  ];
  output.table(["", ""], facts);
  output.line();
  const money = Object.entries(escrow).filter(([, amount]) => amount !== "0");
  output.table(["escrow", ""], money.length === 0 ? [["free", "0"]] : money);
  showWarnings(output, market.warnings ?? []);
}

/** What the owner should know, with what can be done about it. */
export function showWarnings(output: Output, warnings: readonly Warning[]): void {
  for (const { what, next } of warnings) output.note(output.colours.yellow(`! ${printable(what)} ${printable(next)}`));
}

/** A deposit is a transfer of the token to the network's vault, with a memo that names the market. */
export function showHowToFund(output: Output, market: Market, network: Network): void {
  output.line(`To fund it, transfer tokens of mint ${network.mint}`);
  output.line(`  to     ${network.vault}`);
  output.line(`  memo   earnest:deposit:${market.id}`);
  output.line(`  then   earnest markets fund ${market.id} <signature of the transfer>`);
}

const namesShown = 8;

function answersText({ type, choices, labels, items }: Market["terms"]["answer"]): string {
  const names = choices ?? labels ?? items ?? [];
  const shown = `${names.slice(0, namesShown).join(", ")}${names.length > namesShown ? ", …" : ""}`;
  return type === "choice" ? shown : [type, ...(shown === "" ? [] : [shown])].join(": ");
}
