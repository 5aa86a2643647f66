import type { Commands } from "../cli/options.ts";
import type { Environment } from "./environment.ts";

/** The commands that start processes of a network, beside those of the command line itself. */
export const processCommands = (environment: Environment, version: string): Commands => ({
  dev: async () => (await import("./dev-command.ts")).devCommand(environment),
  serve: async () => (await import("./serve-command.ts")).serveCommand(environment),
  attest: async () => (await import("./attest-command.ts")).attestCommand,
  network: async () => (await import("./network-command.ts")).networkCommand,
  gateway: async () => (await import("./gateway-command.ts")).gatewayCommand(environment),
  node: async () => (await import("./node-command.ts")).nodeCommand(version),
  demo: async () => (await import("./tamper-command.ts")).demoCommand,
});
