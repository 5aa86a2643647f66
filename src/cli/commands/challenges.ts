import type { Challengeable } from "../../contract/challenge-routes.ts";
import { routes } from "../../contract/routes.ts";
import type { CommandContext } from "../context.ts";
import { asContributor, type ContributorOptions, keypairOption } from "../contributor.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { parseCount, parseMarket } from "../parse-options.ts";
import { showTime } from "../show.ts";

export const addChallenges: AddCommand = (program, run) => {
  const challenges = program.command("challenges").description("What may be objected to, and the panels that decide");
  examples(
    challenges
      .command("list")
      .description("Settled tasks of a market that can be challenged, or whose challenge is heard")
      .argument("<market>", "The market's id", parseMarket)
      .action(run(list)),
    "earnest challenges list 00112233445566778899aabbccddeeff",
  );
  examples(
    challenges
      .command("open")
      .description("Object to what a task settled on, with reserve at stake; a panel that is drawn decides")
      .argument("<market>", "The market's id", parseMarket)
      .argument("<task>", "The task's number", parseCount)
      .option(...keypairOption)
      .action(run(open)),
    "earnest challenges open 00112233445566778899aabbccddeeff 17",
  );
};

async function list(context: CommandContext, _: object, market: string): Promise<ExitCode> {
  const { output } = context;
  const { transport } = await context.client();
  const { items } = await transport.call(routes.listChallenges, { params: { market } });
  if (items.length === 0) output.line("Nothing can be challenged now.");
  else
    output.table(
      ["task", "settled on", "may be challenged until", "stake", "panel"],
      items.map((each) => [
        String(each.task),
        each.decided ? JSON.stringify(each.label) : "nothing: it split",
        showTime(each.endsAtMs),
        each.stake,
        panelText(each),
      ]),
    );
  output.result({ ok: true, items });
  return exitCodes.ok;
}

const panelText = ({ challenge }: Challengeable): string => {
  if (challenge === null) return "";
  return challenge.outcome ?? `${challenge.votes} of ${challenge.seats}, until ${showTime(challenge.endsAtMs)}`;
};

async function open(
  context: CommandContext,
  options: ContributorOptions,
  market: string,
  task: number,
): Promise<ExitCode> {
  const { output } = context;
  const item = await asContributor(context, options, (transport, token) =>
    transport.call(routes.challengeTask, { params: { market }, body: { task }, token }),
  );
  output.line(
    `${output.colours.green("✓")} task ${task} is challenged: ${item.stake} are at stake until ${panelText(item)}`,
  );
  output.result({ ok: true, market, ...item });
  return exitCodes.ok;
}
