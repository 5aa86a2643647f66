import { mkdirSync, readFileSync, rmdirSync, statSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { inRoot, say } from "./paths.mjs";

const folder = inRoot(".stamp");
const file = inRoot(".stamp", "preparing.lock");
const breaking = inRoot(".stamp", "preparing.lock.breaking");
const beatMs = 1_000;
const staleAfterMs = 10_000;
const pollMs = 100;

/**
 * Lets one process at a time install and build in this clone. The lock is a file that names its holder and that the
 * holder touches every second: one that is gone (its process has ended) or silent (killed in another container, a pid
 * used again) is put aside by whoever waits.
 */
export async function guarded(work) {
  mkdirSync(folder, { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), since: Date.now() });
  await acquire(mine);
  const release = () => removeIf(mine);
  const beat = setInterval(touch, beatMs);
  process.on("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off("exit", release);
    release();
  }
}

async function acquire(mine) {
  let told = false;
  while (!create(mine)) {
    const seen = read();
    if (seen === undefined) continue;
    if (isDead(seen)) {
      breakLock(seen.text);
      continue;
    }
    if (!told) say(`another start (process ${seen.holder?.pid ?? "?"}) is preparing this folder; waiting for it`);
    told = true;
    await sleep(pollMs);
  }
}

function create(mine) {
  try {
    writeFileSync(file, mine, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function read() {
  try {
    const { mtimeMs } = statSync(file);
    const text = readFileSync(file, "utf8");
    return { text, mtimeMs, holder: parse(text) };
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A lock that was just created may still be empty. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDead({ mtimeMs, holder }) {
  if (Date.now() - mtimeMs > staleAfterMs) return true;
  return holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Only one waiter may remove a dead lock, and only that lock: else it could remove the next holder's. */
function breakLock(seenText) {
  try {
    mkdirSync(breaking);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (Date.now() - statSync(breaking, { throwIfNoEntry: false })?.mtimeMs > staleAfterMs) rmdirSync(breaking);
    return;
  }
  try {
    removeIf(seenText);
  } finally {
    rmdirSync(breaking);
  }
}

function removeIf(text) {
  if (read()?.text === text) unlinkSync(file);
}

function touch() {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Put aside by somebody who thought this process dead (a laptop that slept): the work goes on, nothing to keep.
  }
}
