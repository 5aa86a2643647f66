#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createProgram } from "../cli/create-program.ts";
import { processCommands } from "./commands.ts";
import { readEnvironment } from "./environment.ts";
import { listenForInterrupts } from "./interrupts.ts";

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
  extraCommands: processCommands(environment, version),
});

process.exitCode = await program.run(process.argv.slice(2));
