import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of dist/, which `npm test` has built, to its end. */
export function runProgram(program: string, args: readonly string[]): Promise<Ran> {
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build`);
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk: Buffer) => {
      output[name] += chunk.toString();
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...output }));
  });
}

/** What it reports with --json, the last line that it prints; where it prints nothing, an empty object. */
export function lastJson({ stdout }: Ran): unknown {
  const text = stdout.trimEnd();
  return text === "" ? {} : (JSON.parse(text.slice(text.lastIndexOf("\n") + 1)) as unknown);
}
