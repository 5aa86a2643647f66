import { readFileSync, writeFileSync } from "node:fs";
import { completed, type LockFile, problemsOf } from "./lock/lock-file.ts";

/**
 * `npm run lock` completes package-lock.json after an install; with --check nothing is written. That `npm ci` accepts
 * the lock is tried by the step that follows (scripts/run/targets.mjs).
 */
const path = "package-lock.json";
const lock = JSON.parse(readFileSync(path, "utf8")) as LockFile;
const whole = process.argv.includes("--check") ? lock : completed(lock);
if (whole !== lock) {
  writeFileSync(path, `${JSON.stringify(whole, null, 2)}\n`);
  console.log(
    `${path}: added ${Object.keys(whole.packages).length - Object.keys(lock.packages).length} platform packages`,
  );
}
const problems = problemsOf(whole);
for (const problem of problems) console.log(`${path}: ${problem}`);
if (problems.length > 0) process.exitCode = 1;
