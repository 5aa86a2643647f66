import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Interrupted, root } from "./paths.mjs";

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program to its end and returns its exit code. A signal to this process is passed to the child; once the child
 * has ended, this process ends by the same signal, so a shell, npm or CI sees what really happened and nothing stays
 * behind.
 *
 * `output: "stderr"` keeps what the child prints off standard output. `finishes: true` is for a child that must not be
 * cut off half-way (a compiler that writes files): the signal then waits for its end.
 */
export async function runChild(command, args, { output = "inherit", finishes = false, env = process.env } = {}) {
  const stdio = output === "stderr" ? ["ignore", 2, 2] : "inherit";
  const child = spawn(command, args, { cwd: root, stdio, env });
  let received;
  const pass = (signal) => {
    received = signal;
    if (!finishes) child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, pass);
  try {
    const { code, signal } = await ended(child);
    if (received !== undefined) throw new Interrupted(received);
    return signal === null ? code : 128 + constants.signals[signal];
  } finally {
    for (const signal of forwarded) process.off(signal, pass);
  }
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}
