import { InvalidArgumentError } from "commander";
import { examples } from "../cli/examples.ts";
import type { AddCommand } from "../cli/options.ts";
import { type Tampering, tamperings } from "../market/settlement/tampering.ts";
import { addTokens } from "./tokens-command.ts";

export interface TamperFlags {
  readonly what: Tampering;
  readonly entry?: number;
}

/** `earnest demo tamper`: what becomes of an operator that alters its log. */
export const demoCommand: AddCommand = (program, run) => {
  const demo = program.command("demo").description("Small shows of what Earnest promises, and what it takes to try it");
  examples(
    demo
      .command("tamper")
      .description("An operator alters one entry of its log; three attestors replay it, and refuse to sign")
      .option("--what <thing>", `What it alters: ${tamperings.join(", ")}`, parseTampering, "verdict")
      .option("--entry <number>", "Which entry (default: one that shows it well)", parseEntry)
      .action(
        run<[], TamperFlags>(async (context, options) => {
          const { showTampering } = await import("./tamper/show-tampering.ts");
          return await showTampering(context, options);
        }),
      ),
    "earnest demo tamper",
    "earnest demo tamper --what drop --entry 120",
  );
  addTokens(demo, run);
};

function parseTampering(text: string): Tampering {
  const known = tamperings.find((each) => each === text);
  if (known === undefined) throw new InvalidArgumentError(`It must be one of ${tamperings.join(", ")}.`);
  return known;
}

function parseEntry(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be the number of an entry, from 1.");
  return Number(text);
}
