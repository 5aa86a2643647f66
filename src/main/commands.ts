import type { AddCommand } from "../cli/options.ts";
import { attestCommand } from "./attest-command.ts";
import { devCommand } from "./dev-command.ts";
import type { Environment } from "./environment.ts";
import { gatewayCommand } from "./gateway-command.ts";
import { networkCommand } from "./network-command.ts";
import { nodeCommand } from "./node-command.ts";
import { serveCommand } from "./serve-command.ts";
import { demoCommand } from "./tamper-command.ts";

/** The commands that start processes of a network, beside those of the command line itself. */
export const processCommands = (environment: Environment, version: string): readonly AddCommand[] => [
  devCommand(environment),
  serveCommand(environment),
  attestCommand,
  networkCommand,
  gatewayCommand(environment),
  nodeCommand(version),
  demoCommand,
];
