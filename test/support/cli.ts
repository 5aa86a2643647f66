import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { onTestFinished } from "vitest";
import { createProgram } from "../../src/cli/create-program.ts";
import type { CliSettings, Commands, OutputStream } from "../../src/cli/options.ts";

/** The command line as somebody runs it, with everything it writes. */
export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever a command gives
  readonly json: any;
}

export interface CliParts {
  readonly folder?: string;
  readonly settings?: Partial<CliSettings>;
  readonly isTerminal?: boolean;
  readonly input?: string;
  readonly interrupted?: AbortSignal;
  readonly stdout?: OutputStream;
  readonly nowMs?: number;
  readonly extraCommands?: Commands;
  /** Sees each piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
}

export async function runCli(args: readonly string[], parts: CliParts = {}): Promise<CliRun> {
  const { isTerminal = false, folder = tmpdir() } = parts;
  const out = new Kept(isTerminal, parts.onOutput);
  const err = new Kept(isTerminal, parts.onOutput);
  const stdin = Object.assign(Readable.from(parts.input === undefined ? [] : [parts.input]), { isTTY: isTerminal });
  const program = createProgram({
    io: { stdin, stdout: parts.stdout ?? out, stderr: err },
    settings: {
      dataFolder: join(folder, "data"),
      server: null,
      apiKey: null,
      profile: null,
      isColourWanted: true,
      ...parts.settings,
    },
    version: "0.0.0-test",
    workingFolder: folder,
    clock: () => parts.nowMs ?? Date.now(),
    interrupted: parts.interrupted ?? new AbortController().signal,
    extraCommands: parts.extraCommands ?? {},
  });
  const exitCode = await program.run(args);
  const last = out.text.trimEnd().split("\n").at(-1) ?? "";
  return {
    exitCode,
    stdout: out.text,
    stderr: err.text,
    get json() {
      // oxlint-disable-next-line typescript/no-unsafe-return -- tests look into whatever a command gives
      return JSON.parse(last);
    },
  };
}

class Kept extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 120;
  readonly #onOutput: ((text: string) => void) | undefined;

  constructor(isTerminal: boolean, onOutput?: (text: string) => void) {
    super({ decodeStrings: false });
    this.isTTY = isTerminal;
    this.#onOutput = onOutput;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.#onOutput?.(chunk.toString());
    done();
  }
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "earnest-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
