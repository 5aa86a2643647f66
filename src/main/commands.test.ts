import { expect, it } from "vitest";
import { runCli } from "../../test/support/cli.ts";
import { processCommands } from "./commands.ts";
import { readEnvironment } from "./environment.ts";

const extraCommands = processCommands(readEnvironment({ HOME: "/nowhere" }, undefined), "0.0.0-test");

it.each(Object.keys(extraCommands))("%s is the name under which the command is found", async (name) => {
  const { exitCode, stdout, stderr } = await runCli([name, "--help"], { extraCommands });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^Usage: earnest ${name} `));
});
