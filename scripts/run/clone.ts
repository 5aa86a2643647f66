import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Stands in for the compiler: logs each run, refuses what says "broken", copies the rest; -p hangs when told to. */
const compiler = `
const fs = require("fs");
if (process.argv.includes("-p")) {
  if (process.env.HANG) { console.log("hanging " + process.pid); setInterval(() => {}, 1000); }
} else {
  fs.mkdirSync("dist/main", { recursive: true });
  fs.appendFileSync("builds.log", "built\\n");
  const source = fs.readFileSync("src/main/earnest.ts", "utf8");
  console.log("output of the compiler");
  if (source.includes("broken")) process.exit(2);
  setTimeout(() => fs.writeFileSync("dist/main/earnest.js", source), 300);
}
`;

/** The program: prints its arguments; "exit N" ends with N, "wait" ends with 7 on SIGTERM. */
export const program = `
const [verb, code] = process.argv.slice(2);
if (verb === "exit") process.exitCode = Number(code);
if (verb === "wait") {
  const idle = setInterval(() => {}, 1000);
  process.on("SIGTERM", () => { clearInterval(idle); process.exitCode = 7; });
}
console.log(JSON.stringify(process.argv.slice(2)));
`;

const manifest = {
  name: "clone",
  version: "1.0.0",
  type: "module",
  scripts: { earnest: "exec node scripts/run.mjs earnest" },
  devDependencies: { typescript: "file:tools/typescript" },
};

const lock = {
  name: "clone",
  version: "1.0.0",
  lockfileVersion: 3,
  requires: true,
  packages: {
    "": { name: "clone", version: "1.0.0", devDependencies: manifest.devDependencies },
    "node_modules/typescript": { resolved: "tools/typescript", link: true },
    "tools/typescript": { version: "7.0.0", dev: true },
  },
};

/** A clone in a path with a space that needs no network: the real bootstrap, a stand-in compiler and program. */
export function makeClone(): string {
  const root = join(mkdtempSync(join(tmpdir(), "earnest run ")), "a clone");
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("package.json", JSON.stringify(manifest));
  put("package-lock.json", JSON.stringify(lock));
  put("tools/typescript/package.json", JSON.stringify({ name: "typescript", version: "7.0.0" }));
  put("tools/typescript/bin/tsc", compiler);
  put("src/main/earnest.ts", program);
  const scripts = fileURLToPath(new URL("../", import.meta.url));
  cpSync(join(scripts, "run.mjs"), join(root, "scripts", "run.mjs"));
  const isScript = (path: string): boolean => !path.endsWith(".ts");
  cpSync(join(scripts, "run"), join(root, "scripts", "run"), { recursive: true, filter: isScript });
  return root;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once standard output holds this text. */
  said(text: string): Promise<string>;
}

export function start(root: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += String(data)));
  child.stderr.on("data", (data) => (stderr += String(data)));
  const ended = once(child, "close").then(([code, signal]): Ended => ({ code, signal, stdout, stderr }));
  const said = async (text: string): Promise<string> => {
    while (!stdout.includes(text)) await Promise.race([once(child.stdout, "data"), ended.then(fail)]);
    return stdout;
  };
  const fail = (): never => {
    throw new Error(`ended before it was ready:\n${stdout}\n${stderr}`);
  };
  return { child, ended, said };
}
