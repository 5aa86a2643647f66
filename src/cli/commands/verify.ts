import { explainReason } from "../../verification/algebra/reasons.ts";
import { verifyCase } from "../../verification/kinds/cases.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { kindFile, loadKind, readJsonFile } from "../kinds/find-kind.ts";
import type { AddCommand } from "../options.ts";

export const addVerify: AddCommand = (program, run) => {
  examples(
    program
      .command("verify")
      .description("The verdict on a case of a kind of work, without asking any server")
      .argument("<kind>", "A kind that comes along, or the path of a kind's file")
      .argument("<case>", "JSON of spec (may be left out), evidence and context")
      .action(run(verify)),
    "earnest verify label case.json",
  );
};

async function verify(context: CommandContext, _: object, name: string, file: string): Promise<ExitCode> {
  const { output } = context;
  const kind = await loadKind(await kindFile(name, context.path(name)));
  const found = verifyCase(kind, await readJsonFile(context.path(file)));
  output.line(`${found.verdict}${found.units > 0 ? `, ${found.units} ${found.unit}` : ""}`);
  for (const reason of found.reasons) output.line(`  ${reason.code}: ${explainReason(reason).what}`);
  for (const need of found.needs) output.line(`  needs ${need.for}`);
  output.result({ ok: true, kind: kind.kind, ...found });
  return exitCodes.ok;
}
