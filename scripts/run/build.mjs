import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { runChild } from "./child.mjs";
import { inRoot, root, say } from "./paths.mjs";

const stampFile = inRoot("dist", ".built");
const sourceFolders = ["src", "scripts", "test", "bench", "web"];
/** What the web application is made of: a change elsewhere does not make it anew. */
const webFolders = ["web", "scripts/web", "src/core", "src/contract", "src/client", "src/market", "src/verification"];
const webStampFile = inRoot("dist", "web", ".built");

/**
 * Path, size and time of every file that is built from. Comparing these takes milliseconds, where an idle `tsc -b` takes
 * a third of a second on every start.
 */
function fingerprint(folders = sourceFolders) {
  const hash = createHash("sha256");
  const configurations = readdirSync(root).filter((name) => /^tsconfig.*\.json$|^package-lock\.json$/.test(name));
  const sources = folders.flatMap((folder) => filesUnder(inRoot(folder)));
  for (const path of [...configurations.map((name) => inRoot(name)), ...sources].sort()) {
    const found = statSync(path, { throwIfNoEntry: false });
    hash.update(`${relative(root, path)} ${found?.size} ${found?.mtimeMs}\n`);
  }
  return hash.digest("hex");
}

const built = /\.(tsx?|json|css|html|svg|png|txt|webmanifest)$/;

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return built.test(entry.name) && !entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

export function isBuilt() {
  return isFresh(stampFile, fingerprint()) && (!hasWeb() || existsSync(webStampFile));
}

const hasWeb = () => existsSync(inRoot("web"));

const isFresh = (file, now) => existsSync(file) && readFileSync(file, "utf8") === now;

/** Returns the exit code of what failed. What could be compiled is there even where something else is wrong. */
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
  const webCode = code === 0 ? await buildWeb() : code;
  if (webCode !== 0) return webCode;
  mkdirSync(inRoot("dist"), { recursive: true });
  // The state before compiling: a file saved meanwhile makes the next start build again.
  writeFileSync(stampFile, before);
  say(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return 0;
}

/** The web application, where anything that it is made of has changed. */
async function buildWeb() {
  const now = fingerprint(webFolders);
  if (!hasWeb() || isFresh(webStampFile, now)) return 0;
  const code = await runChild(process.execPath, [inRoot("dist", "scripts", "web.js")], {
    output: "stderr",
    finishes: true,
  });
  if (code === 0) writeFileSync(webStampFile, now);
  return code;
}
