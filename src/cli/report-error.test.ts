import { Writable } from "node:stream";
import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { earnestError } from "../core/errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { Output } from "./output.ts";
import { reportError } from "./report-error.ts";

function told(error: unknown): { readonly exitCode: number; readonly text: string } {
  let text = "";
  const stream = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  const output = new Output(
    { stdin: process.stdin, stdout: stream, stderr: stream },
    { isJson: false, isColourWanted: false },
  );
  return { exitCode: reportError(output, error, false, "earnest ask --help"), text };
}

describe("an error on the command line", () => {
  it("says what happened, what to do next, and the code", () => {
    const { text, exitCode } = told(earnestError("MARKET_NOT_FOUND", { market: "abc" }));
    expect(text).toMatch(/^✗ .*abc.*\n→ .+\nMARKET_NOT_FOUND\n$/);
    expect(exitCode).not.toBe(exitCodes.ok);
  });

  it.each(["ENOSPC", "EDQUOT"])("is a full disk wherever %s struck", (code) => {
    const { text } = told(Object.assign(new Error(`${code}: write`), { code, path: "/data/results.csv" }));
    expect(text).toContain("The disk that holds /data/results.csv is full");
    expect(text).toContain("DISK_FULL_EXCEEDED");
  });

  it("is told alike where the command line was not understood, with the help that says how it is used", () => {
    const { text, exitCode } = told(
      new CommanderError(1, "commander.unknownCommand", "error: unknown command 'aks'\n(Did you mean ask?)"),
    );
    expect(text).toBe("✗ Unknown command 'aks'. Did you mean ask?\n→ See `earnest ask --help`.\nMALFORMED_COMMAND\n");
    expect(exitCode).toBe(exitCodes.usage);
  });

  it("stays unknown where nobody knows it", () => {
    expect(told(Object.assign(new Error("odd"), { code: "EODD" })).text).toMatch(/^✗ odd\n→ .*--verbose.*\nUNKNOWN\n$/);
  });
});
