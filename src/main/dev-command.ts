import type { AddCommand } from "../cli/options.ts";
import { parsePort } from "../cli/parse-options.ts";
import type { Environment } from "./environment.ts";
import { defaultPort } from "./serve-command.ts";

export interface DevFlags {
  readonly once?: true;
  readonly dataset?: string;
  readonly port: number;
  readonly fresh?: true;
  readonly lan?: true;
}

/** `earnest dev`: everything on one machine, and a demonstration with real recorded answers. */
export const devCommand =
  (environment: Environment): AddCommand =>
  (program, run) => {
    program
      .command("dev")
      .description("Run everything on this machine and show it at work on real recorded answers")
      .option("--once", "End when all checks are done; exit code 1 names the one that failed")
      .option("--dataset <dir>", "Folder with answers.csv and truth.csv (default: the rte recording that ships)")
      .option("--port <number>", "Port of the API; the next free one if it is taken", parsePort, defaultPort)
      .option("--fresh", "Forget all earlier data first")
      .option("--lan", "Let phones in the same network in too, without HTTPS, and show a code for their cameras")
      .action(
        run<[], DevFlags>(async (context, options) => {
          const { dev } = await import("./dev.ts");
          return await dev(environment, context, options);
        }),
      );
  };
