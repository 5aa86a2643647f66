import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Demonstration {
  readonly url: string;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL("../../main/earnest.js", import.meta.url));

/** What `npm start` starts, on a data folder of its own and ports that are free. */
export async function startDemonstration(): Promise<Demonstration> {
  // Not mkdtemp's mode 700: as root, PostgreSQL runs as another account.
  const data = join(tmpdir(), `earnest-screenshots-${process.pid}`);
  mkdirSync(data, { recursive: true, mode: 0o755 });
  const child = spawn(process.execPath, [program, "dev", "--port", "0", "--data", data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      const found = /Earnest is at [^h]*(http:\/\/[\w.:]+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on("close", () => reject(new Error(`it ended before it was ready:\n${said}`)));
  });
  return {
    url,
    async stop() {
      child.kill("SIGINT");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
