import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { basename, join } from "node:path";
import { runChild } from "./child.mjs";
import { inRoot, Stop, say } from "./paths.mjs";

const lockFile = inRoot("package-lock.json");
/** What npm itself writes into node_modules at the very end of an install: absent after an interrupted one. */
const installedFile = inRoot("node_modules", ".package-lock.json");
const stampFile = inRoot("node_modules", ".earnest-installed");

const stampNow = () => {
  const lock = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  return `${lock} ${process.platform} ${process.arch}\n`;
};

export function isInstalled() {
  if (!existsSync(installedFile)) return false;
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stampNow();
}

export async function install() {
  if (!isInstalledByHand()) await npmCi();
  writeFileSync(stampFile, stampNow());
}

/** After `npm install` by a developer everything is there already; installing again would pull it from under others. */
function isInstalledByHand() {
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  const found = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || (path in found ? found[path].version === entry.version : entry.optional === true),
  );
}

async function npmCi() {
  say("installing packages (npm ci) …");
  // Development packages hold the compiler, which NODE_ENV=production would leave out.
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  const started = Date.now();
  const code = await runNpm(args);
  if (code !== 0) throw new Stop("npm ci failed (see above). Mend what it names, then repeat the command.", code);
  say(`packages installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

export function runNpm(args) {
  const [command, ...first] = npmCommand();
  const env = { ...process.env, ...cacheOfOneWithoutHome() };
  return runChild(command, [...first, ...args], { output: "stderr", env });
}

/** The npm that started this script, else the one on the path. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && basename(cli).startsWith("npm") && existsSync(cli)) return [process.execPath, cli];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

/** Service users often have a home that does not exist; npm's cache then needs another place. */
function cacheOfOneWithoutHome() {
  try {
    accessSync(existsSync(join(homedir(), ".npm")) ? join(homedir(), ".npm") : homedir(), constants.W_OK);
    return {};
  } catch {
    if (process.env.npm_config_cache !== undefined && !process.env.npm_config_cache.startsWith(homedir())) return {};
    const cache = join(tmpdir(), `earnest-npm-${userInfo().uid}`);
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    return { npm_config_cache: cache };
  }
}
