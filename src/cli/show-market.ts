import type { Market } from "../contract/markets.ts";
import type { Warning } from "../contract/warnings.ts";
import { formatAmount } from "../core/amount.ts";
import { nodesOf } from "../market/composition.ts";
import type { Composition } from "../verification/algebra/composition.ts";
import { partsOf } from "../verification/algebra/units.ts";
import type { AccountSight } from "./chain/requester-market.ts";
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
    ...(market.verification === null ? [] : [["verified by", checksText(market.verification)] as [string, string]]),
    ...guideFacts(market),
    ["assignment", showDuration(terms.leaseSeconds)],
    ["tasks", `${market.taskCount}, ${market.answers} answers`],
    ["created", showTime(market.createdAtMs)],
    ...(market.closesAtMs === null ? [] : [["refund after", showTime(market.closesAtMs)] as [string, string]]),
    ...(market.review === null ? [] : [["review", showDuration(market.review.windowSeconds)] as [string, string]]),
    ["refund to", showKey(market.refundTo)],
    ["account", market.account],
  ];
  output.table(["", ""], facts);
  output.line();
  const money = Object.entries(escrow).filter(([, amount]) => amount !== "0");
  output.table(["escrow", ""], money.length === 0 ? [["free", "0"]] : money);
  showWarnings(output, market.warnings ?? []);
}

/** What contributors are shown beside the tasks. */
function guideFacts({ guide, examples, template }: Market): [string, string][] {
  const good = examples.filter((example) => example.good).length;
  return [
    ...(guide === null ? [] : [["guide", `${guide.length} characters`] as [string, string]]),
    ...(examples.length === 0 ? [] : [["examples", `${good} good, ${examples.length - good} bad`] as [string, string]]),
    ["asked by", template.id],
  ];
}

/** The checks of a composition in their order, such as "witness track, match control, agree share". */
function checksText(composition: NonNullable<Market["verification"]>): string {
  const checks = [...nodesOf(composition as Composition)].flatMap(({ node }) => {
    if (partsOf(node).length > 0) return [];
    const [[name, { type }]] = Object.entries(node) as [[string, { readonly type?: string }]];
    return [type === undefined ? name : `${name} ${type}`];
  });
  return [...new Set(checks)].join(", ");
}

/** What the owner should know, with what can be done about it. */
export function showWarnings(output: Output, warnings: readonly Warning[]): void {
  for (const { what, next } of warnings) output.note(output.colours.yellow(`! ${printable(what)} ${printable(next)}`));
}

/** Deposits go through the escrow program, from the wallet that gets back what is left. */
export function showHowToFund(output: Output, { id, refundTo, status, token: { mint } }: Market): void {
  output.line(`To fund it:  earnest markets deposit ${id} AMOUNT --keypair FILE`);
  output.line(output.colours.dim(`  FILE is the keypair of ${refundTo}, which needs SOL and tokens of ${mint}`));
  if (status === "draft") output.line(`Then:        earnest markets open ${id}`);
}

/** What the chain says of a market's account. */
export function showAccount(output: Output, { account }: Market, sight: AccountSight, decimals: number): void {
  output.line();
  output.table(
    ["on chain", ""],
    [
      ["account", account],
      ["deposited", formatAmount(sight.account?.deposited ?? 0n, decimals)],
      ["state", accountState(sight)],
    ],
  );
}

/** In a few words: "open", "ended; …". */
export function accountState({ account }: AccountSight): string {
  if (account === null) return "not opened, or refunded";
  return account.closesAt === 0n ? "open" : `ended; ${refundText(account.closesAt)}`;
}

export const refundText = (closesAt: bigint): string =>
  `the refund comes with the first commit after ${showTime(1_000 * Number(closesAt))}`;

const namesShown = 8;

function answersText({ type, choices, labels, items }: Market["terms"]["answer"]): string {
  const names = choices ?? labels ?? items ?? [];
  const shown = `${names.slice(0, namesShown).join(", ")}${names.length > namesShown ? ", …" : ""}`;
  return type === "choice" ? shown : [type, ...(shown === "" ? [] : [shown])].join(": ");
}
