#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createProgram } from "../cli/create-program.ts";
import { attestCommand } from "./attest-command.ts";
import { devCommand } from "./dev-command.ts";
import { readEnvironment } from "./environment.ts";
import { gatewayCommand } from "./gateway-command.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { networkCommand } from "./network-command.ts";
import { nodeCommand } from "./node-command.ts";
import { serveCommand } from "./serve-command.ts";
import { demoCommand } from "./tamper-command.ts";

const packageFile = new URL("../../package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
const environment = readEnvironment(process.env, process.getuid?.());
const interrupts = listenForInterrupts();

const program = createProgram({
  io: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  settings: environment,
  version,
  workingFolder: process.cwd(),
  clock: Date.now,
  interrupted: interrupts.signal,
  whileBlocked: interrupts.whileBlocked,
  extraCommands: [
    devCommand(environment),
    serveCommand(environment),
    attestCommand,
    networkCommand,
    gatewayCommand(environment),
    nodeCommand(version),
    demoCommand,
  ],
});

process.exitCode = await program.run(process.argv.slice(2));
