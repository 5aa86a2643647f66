import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { runChild } from "./child.mjs";
import { inRoot, root, say } from "./paths.mjs";

const stampFile = inRoot("dist", ".built");
const sourceFolders = ["src", "scripts", "test", "bench"];

/**
 * Path, size and time of every file the compiler reads. Comparing these takes milliseconds, where an idle `tsc -b`
 * takes a third of a second on every start.
 */
function fingerprint() {
  const hash = createHash("sha256");
  const configurations = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  const sources = sourceFolders.flatMap((folder) => filesUnder(inRoot(folder)));
  for (const path of [...configurations.map((name) => inRoot(name)), ...sources].sort()) {
    const found = statSync(path, { throwIfNoEntry: false });
    hash.update(`${relative(root, path)} ${found?.size} ${found?.mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return /\.(ts|json)$/.test(entry.name) && !entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

export function isBuilt() {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === fingerprint();
}

/** Returns the compiler's exit code. What could be compiled is there even where something else is wrong. */
export async function build({ force = false } = {}) {
  say("building …");
  const started = Date.now();
  const before = fingerprint();
  const args = [
    inRoot("node_modules", "typescript", "bin", "tsc"),
    "-b",
    "tsconfig.build.json",
    ...(force ? ["--force"] : []),
  ];
  const code = await runChild(process.execPath, args, { output: "stderr", finishes: true });
  if (code !== 0) return code;
  mkdirSync(inRoot("dist"), { recursive: true });
  // The state before compiling: a file saved meanwhile makes the next start build again.
  writeFileSync(stampFile, before);
  say(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return 0;
}
