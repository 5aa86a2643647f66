import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone, whatever folder a script was started from. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

export const inRoot = (...parts) => join(root, ...parts);

/** Standard output belongs to the program (with --json its last line is the result), so progress goes elsewhere. */
export function say(line) {
  process.stderr.write(`earnest: ${line}\n`);
}

/** A failure that needs a sentence, not a stack trace. */
export class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A signal ended the work: whoever holds something lets go of it, then this process ends by the same signal. */
export class Interrupted extends Error {
  constructor(signal) {
    super(signal);
    this.signal = signal;
  }
}
