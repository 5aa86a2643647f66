import { pagesOf } from "../../client/pages.ts";
import { routes } from "../../contract/routes.ts";
import type { Verdict } from "../../contract/work.ts";
import type { CommandContext } from "../context.ts";
import { asContributor, type ContributorOptions, keypairOption } from "../contributor.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { printable } from "../output.ts";
import { parseMarket, parsePositive, parseSlotText } from "../parse-options.ts";
import { showPercent, showTime } from "../show.ts";

interface ListOptions extends ContributorOptions {
  readonly limit: number;
}

export const addVerdicts: AddCommand = (program, run) => {
  const verdicts = program.command("verdicts").description("What became of a contributor's own submissions");
  examples(
    verdicts
      .command("list")
      .description("A contributor's verdicts, newest first")
      .option("--limit <n>", "At most so many", parsePositive, 20)
      .option(...keypairOption)
      .action(run(list)),
    "earnest verdicts list --limit 5",
  );
  examples(
    verdicts
      .command("appeal")
      .description("Ask for a second verdict on a rejection")
      .argument("<market>", "The market's id", parseMarket)
      .argument("<slot>", "The slot, as `earnest verdicts list` shows it", parseSlotText)
      .option(...keypairOption)
      .action(run(appeal)),
    "earnest verdicts appeal 00112233445566778899aabbccddeeff 17.2",
  );
};

async function list(context: CommandContext, { limit, ...options }: ListOptions): Promise<ExitCode> {
  const found = await asContributor(context, options, async (transport, token) => {
    const verdicts: Verdict[] = [];
    const query = { limit: Math.min(limit, 100) };
    for await (const verdict of pagesOf((after) =>
      transport.call(routes.listVerdicts, { query: { after, ...query }, token }),
    )) {
      verdicts.push(verdict);
      if (verdicts.length >= limit) break;
    }
    return verdicts;
  });
  if (found.length === 0) context.output.line("No verdicts.");
  else context.output.table(["market", "slot", "state", "reason", "reward", "at"], found.map(rowOf));
  for (const verdict of found) showWhy(context, verdict);
  context.output.result({ ok: true, verdicts: found });
  return exitCodes.ok;
}

const rowOf = ({ market, slot, state, reason, reward, decidedAtMs }: Verdict): string[] => [
  market,
  slot,
  state,
  reason ?? "",
  reward,
  showTime(decidedAtMs),
];

/** Of what was rejected: the rule, what proves it, and what can still be done. */
function showWhy({ output }: CommandContext, { market, slot, explanation }: Verdict): void {
  const { rule, appeal: way, note } = explanation;
  if (way === null) return;
  output.line();
  output.line(`${output.colours.bold(slot)}  ${printable(rule)}`);
  for (const line of evidenceLines(explanation)) output.line(output.colours.dim(`  ${printable(line)}`));
  if (note !== null && note !== "") output.line(`  The requester: ${printable(note)}`);
  if (way.isOpen) {
    const cost = way.cost === null || way.cost === "0" ? "costs nothing" : `costs ${way.cost} of the reserve`;
    output.line(`  An appeal ${cost}, until ${showTime(way.untilMs ?? 0)}: earnest verdicts appeal ${market} ${slot}`);
  } else if (way.problem !== null) output.line(output.colours.dim(`  No appeal: ${way.problem}.`));
}

function evidenceLines({ findings, label, control, record, model, panel }: Verdict["explanation"]): string[] {
  return [
    ...findings.map(({ what, next }) => `${what} ${next}`),
    ...(label === null
      ? []
      : [`settled on ${textOf(label.label)}, ${showPercent(label.confidence)} certain, by entry ${label.sequence}`]),
    ...(control === null ? [] : [`committed to by entry ${control.committedSequence} as ${control.commitment}`]),
    ...(control === null || control.openedSequence === null
      ? []
      : [`shown by entry ${control.openedSequence}: ${textOf(control.answer)}`]),
    ...(record === null
      ? []
      : [`${record.right} of ${record.answered} known answers right; asked for: ${showPercent(record.accuracyMin)}`]),
    ...(model === null ? [] : [`by model ${model.version}, entry ${model.sequence}`]),
    ...(panel === null ? [] : [`a panel of ${panel.votes} says ${textOf(panel.label)}`]),
  ];
}

const textOf = (answer: unknown): string => (typeof answer === "string" ? answer : JSON.stringify(answer));

async function appeal(
  context: CommandContext,
  options: ContributorOptions,
  market: string,
  slot: string,
): Promise<ExitCode> {
  const { output } = context;
  const submission = await asContributor(context, options, (transport, token) =>
    transport.call(routes.appeal, { params: { market, slot }, token }),
  );
  output.line(`${output.colours.green("✓")} ${slot} is ${submission.state}`);
  output.result({ ok: true, market, submission });
  return exitCodes.ok;
}
