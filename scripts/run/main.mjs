import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { pathToFileURL } from "node:url";
import { build, isBuilt } from "./build.mjs";
import { runChild } from "./child.mjs";
import { ensureChromium } from "./chromium.mjs";
import { guarded } from "./guard.mjs";
import { install, isInstalled, runNpm } from "./install.mjs";
import { Interrupted, inRoot, root, Stop, say } from "./paths.mjs";
import { targets } from "./targets.mjs";

export async function main([name, ...args]) {
  const target = Object.hasOwn(targets, name ?? "") ? targets[name] : undefined;
  endWithNpm();
  try {
    if (target === undefined) throw new Stop(`usage: node scripts/run.mjs ${Object.keys(targets).join(" | ")}`, 2);
    const buildCode = await prepare();
    if (target.browser === true) await ensureChromium();
    if (target.program !== undefined) await runProgram(target, args, buildCode);
    else process.exitCode = await runSteps(target.steps, args, buildCode);
  } catch (error) {
    if (error instanceof Interrupted) return void process.kill(process.pid, error.signal);
    const stop = asStop(error);
    if (stop === undefined) throw error;
    say(stop.message);
    process.exitCode = stop.exitCode;
  }
}

/**
 * npm passes on SIGINT and SIGTERM (package.json says `exec node`, since its shell would keep them to itself), but it
 * can pass on nothing once it has been killed outright: then we end as on SIGTERM, instead of living on unseen.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 500);
  watch.unref();
}

/** Returns the compiler's exit code; throws where packages cannot be installed. */
async function prepare() {
  process.chdir(root);
  if (isInstalled() && isBuilt()) return 0;
  return guarded(async () => {
    if (!isInstalled()) await install();
    return isBuilt() ? 0 : build();
  });
}

/**
 * Becomes the program: it is loaded into this process, so that there is no child that a signal could miss, that could
 * outlive us, or whose exit code would have to be passed on.
 */
async function runProgram({ program, args: first, evenBroken = false }, args, buildCode) {
  const entry = inRoot("dist", ...program);
  if (buildCode !== 0 && !evenBroken) throw new Stop("the sources do not compile (see above)", buildCode);
  if (!existsSync(entry)) await guarded(() => build({ force: true }));
  if (!existsSync(entry)) throw new Stop(`there is no dist/${program.join("/")}: its source is missing`);
  process.argv.splice(1, Number.POSITIVE_INFINITY, entry, ...first, ...args);
  await import(pathToFileURL(entry).href);
}

/** All steps run, so that one look shows everything that is wrong. */
async function runSteps(steps, args, buildCode) {
  const failed = buildCode === 0 ? [] : ["build"];
  for (const [index, step] of steps.entries()) {
    const more = index === steps.length - 1 ? args : [];
    const code = await runStep(step, more);
    if (code !== 0) failed.push(step.name);
  }
  if (failed.length > 0) say(`failed: ${failed.join(", ")} (see above)`);
  return failed.length === 0 ? 0 : 1;
}

function runStep({ own, tool, npm, args = [] }, more) {
  if (npm !== undefined) return runNpm([...npm, ...more]);
  const file = own === undefined ? inRoot(...tool) : inRoot("dist", ...own);
  return runChild(process.execPath, [file, ...args, ...more]);
}

function asStop(error) {
  if (error instanceof Stop) return error;
  if (["EACCES", "EPERM", "EROFS"].includes(error?.code)) {
    const user = userInfo().username;
    return new Stop(`${user} cannot write to ${error.path}. Clone into a folder of your own, or give it to ${user}.`);
  }
  if (error?.code === "ENOSPC") return new Stop(`the disk that holds ${root} is full. Free some space and try again.`);
  return undefined;
}
