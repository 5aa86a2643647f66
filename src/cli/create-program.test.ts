import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../test/support/cli.ts";
import { cliServer } from "../../test/support/cli-server.ts";
import { builtInCommands } from "./commands.ts";
import { createProgram } from "./create-program.ts";
import type { AddCommand, CliOptions, Commands } from "./options.ts";

describe("help", () => {
  it("is shown for the program and for every command, with an example", async () => {
    const command = await createProgram(inert()).whole();
    const leaves = command.commands.flatMap((each) =>
      each.commands.length === 0 ? [[each.name()]] : each.commands.map((sub) => [each.name(), sub.name()]),
    );
    expect(leaves.length).toBeGreaterThan(10);
    for (const path of [[], ...leaves]) {
      const { exitCode, stdout, stderr } = await runCli([...path, "--help"]);
      expect({ path, exitCode, stderr }).toEqual({ path, exitCode: 0, stderr: "" });
      expect(stdout, path.join(" ")).toMatch(/Examples?:\n {2}\$ earnest /);
      expect(stdout).toContain("--json");
    }
  });

  it("also by the help command", async () => {
    expect((await runCli(["help", "ask"])).stdout).toContain("--overlap");
  });

  it("the version", async () => {
    expect(await runCli(["--version"])).toMatchObject({ exitCode: 0, stdout: "0.0.0-test\n" });
  });
});

describe("what a command line does not name", () => {
  const untouched = { broken: () => Promise.reject(new Error("it was loaded")) };

  it("is not loaded: neither beside a command, nor for the version", async () => {
    for (const args of [
      ["keys", "list"],
      ["keys", "--help"],
      ["--json", "--profile", "broken", "keys"],
      ["--version"],
    ]) {
      const { stderr } = await runWith(untouched, args);
      expect(stderr, args.join(" ")).not.toContain("it was loaded");
    }
    for (const args of [["broken"], ["--help"], ["help"], ["brokn"]])
      expect(await runWith(untouched, args)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("it was loaded"),
      });
  });

  it("each command by the name under which it is found", async () => {
    const { commands } = await createProgram(inert()).whole();
    expect(commands.map((each) => each.name())).toEqual(
      builtInCommands.flatMap((group) => Object.keys(group.commands)),
    );
  });
});

describe("what is not understood is exit code 2", () => {
  it.each([
    ["an unknown command, with the nearest", ["markest"], "Did you mean markets?"],
    ["an unknown subcommand", ["markets", "lst"], "Did you mean list?"],
    ["an unknown flag", ["keys", "list", "--jsn"], "--jsn"],
    ["a missing argument", ["markets", "show"], "→ See `earnest markets show --help`."],
    ["a missing option", ["ask", "q"], "--pay"],
    ["an argument too many", ["keys", "list", "now"], "✗ Too many arguments"],
    ["an option without its value", ["keys", "list", "--server"], "--server"],
    ["no command", [], "Usage"],
    ["half a command", ["markets"], "Usage"],
    ["a server that is none", ["markets", "list", "--server", "localhost:4500"], "not the address of a server"],
    ["a file as the server", ["markets", "list", "--server", "file:///etc/passwd"], "not the address of a server"],
    ["a profile that is not there", ["keys", "list", "--profile", "nobody"], 'no profile "nobody"'],
  ])("%s", async (_, args, text) => {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(text);
  });

  it("and programs get it as JSON too", async () => {
    const { exitCode, json, stdout } = await runCli(["markest", "--json"]);
    expect(exitCode).toBe(2);
    expect(json).toMatchObject({ ok: false, error: { code: "MALFORMED_COMMAND" } });
    expect(json.error.message).toContain("Unknown command");
    expect(stdout.split("\n")).toHaveLength(2);
    expect((await runCli(["--json"])).json.error.message).toBe("No command was given.");
  });
});

describe("errors", () => {
  it("a server that is not there", async () => {
    const { exitCode, stderr } = await runCli(["markets", "list", "--server", "http://127.0.0.1:1007"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^✗ The server at http:\/\/127\.0\.0\.1:1007 does not answer: \S+\n→ Start one .+\nSERVER_UNAVAILABLE\n$/,
    );
  });

  it("what nobody foresaw shows its message, and the stack only where it is wanted", async () => {
    const failing: AddCommand = (program, run) => {
      program.command("fail").action(
        run(async () => {
          throw new Error("boom", { cause: new Error("spark") });
        }),
      );
    };
    const quiet = await runWith({ fail: async () => failing }, ["fail"]);
    expect(quiet).toMatchObject({ exitCode: 1 });
    expect(quiet.stderr).toContain("✗ boom");
    expect(quiet.stderr).not.toContain("create-program.test.ts");
    const loud = await runWith({ fail: async () => failing }, ["fail", "--verbose"]);
    expect(loud.stderr).toMatch(/at .*create-program\.test\.ts/);
    expect(loud.stderr).toContain("caused by Error: spark");
  });

  it("an added command's exit code and result stand", async () => {
    const added: AddCommand = (program, run) => {
      program
        .command("add")
        .argument("<n>")
        .option("--twice")
        .action(
          run<[string], { twice?: true }>(async ({ output }, { twice }, n) => {
            output.line("for people");
            output.result({ ok: true, n, twice });
            return 5;
          }),
        );
    };
    const run = await runWith({ add: async () => added }, ["add", "7", "--twice", "--json"]);
    expect(run).toEqual({ exitCode: 5, stdout: '{"ok":true,"n":"7","twice":true}\n', stderr: "for people\n" });
  });
});

describe("colours", () => {
  const server = () => cliServer();

  it("are for terminals", async () => {
    const { run } = await server();
    expect((await run(["keys", "list"], { isTerminal: true })).stdout).toContain("\u001b[2m");
  });

  it.each([
    ["not into a pipe", [], {}],
    ["not with --no-color", ["--no-color"], { isTerminal: true }],
    ["not where the environment says so", [], { isTerminal: true, settings: { isColourWanted: false } }],
    ["not with --json", ["--json"], { isTerminal: true }],
  ])("%s", async (_, args, parts) => {
    const { run } = await server();
    const { stdout, stderr } = await run(["keys", "list", ...args], parts);
    expect(stdout + stderr).not.toContain("\u001b");
  });
});

describe("ends that come from outside", () => {
  it("Ctrl-C is exit code 130, without an error", async () => {
    const controller = new AbortController();
    const { run } = await cliServer({
      listMarkets: async () => {
        controller.abort();
        return await new Promise(() => {});
      },
    });
    const { exitCode, stderr } = await run(["markets", "list"], { interrupted: controller.signal });
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: "Interrupted.\n" });
  });

  it("and with --json still ends with an object", async () => {
    const interrupted = AbortSignal.abort();
    const { run } = await cliServer();
    const { exitCode, json } = await run(["markets", "list", "--json"], { interrupted });
    expect(exitCode).toBe(130);
    expect(json).toMatchObject({ ok: false, error: { code: "INTERRUPTED" } });
  });

  it("a reader that has gone is quiet", async () => {
    const { run } = await cliServer();
    const { exitCode, stderr } = await run(["keys", "list"], { stdout: new Closed() });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });
});

describe("credentials", () => {
  it("go to the server they are for, and to no other", async () => {
    const own = await cliServer();
    const other = await cliServer();
    const folder = temporaryFolder();
    await own.run(["login"], { folder });
    const settings = { server: null, apiKey: null };
    expect((await own.run(["keys", "list"], { folder, settings })).exitCode).toBe(0);
    expect((await other.run(["keys", "list", "--server", `${own.url}/`], { folder, settings })).exitCode).toBe(0);
    expect((await other.run(["keys", "list", "--server", other.url], { folder, settings })).exitCode).toBe(3);
  });
});

/** A pipe whose other end was closed. */
class Closed extends Writable {
  override _write(_chunk: unknown, _encoding: string, done: (error: Error) => void): void {
    done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  }
}

class Kept extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const inert = (parts: Partial<CliOptions> = {}): CliOptions => ({
  io: { stdin: process.stdin, stdout: new Kept(), stderr: new Kept() },
  settings: { dataFolder: "/nowhere", server: null, apiKey: null, profile: null, isColourWanted: false },
  version: "0.0.0-test",
  workingFolder: "/",
  clock: () => 0,
  interrupted: new AbortController().signal,
  ...parts,
});

async function runWith(extraCommands: Commands, args: readonly string[]) {
  const stdout = new Kept();
  const stderr = new Kept();
  const program = createProgram(inert({ io: { stdin: process.stdin, stdout, stderr }, extraCommands }));
  const exitCode = await program.run(args);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
