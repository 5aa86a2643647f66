import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Scores of 100. */
export interface Scores {
  readonly performance: number;
  readonly accessibility: number;
  readonly bestPractices: number;
  readonly seo: number;
}

const described = fileURLToPath(new URL("../../../bench/lighthouse", import.meta.url));
const installed = fileURLToPath(new URL("../../lighthouse", import.meta.url));
const program = join(installed, "node_modules", "lighthouse", "cli", "index.js");
const flags = "--headless=new --no-sandbox --disable-gpu --disable-background-networking";
const categories = "performance,accessibility,best-practices,seo";
const installMsMax = 300_000;
const runMsMax = 180_000;

/** Lighthouse's own measure of the first page on a phone; null where it cannot be installed, which is said. */
export async function lighthouse(url: string, chromium: string): Promise<Scores | null> {
  if (!existsSync(program) && !(await install())) return null;
  const report = join(installed, "report.json");
  rmSync(report, { force: true });
  const args = [program, url, "--quiet", "--output=json", `--output-path=${report}`, `--chrome-flags=${flags}`];
  const code = await run(process.execPath, [...args, `--only-categories=${categories}`], runMsMax, chromium);
  if (code !== 0 || !existsSync(report)) {
    console.error("Lighthouse ended without a report.");
    return null;
  }
  const read = JSON.parse(readFileSync(report, "utf8")) as Report;
  const score = (name: string): number => Math.round((read.categories[name]?.score ?? 0) * 100);
  return {
    performance: score("performance"),
    accessibility: score("accessibility"),
    bestPractices: score("best-practices"),
    seo: score("seo"),
  };
}

interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
}

/** It is larger than everything else together, so nothing but this bench brings it along. */
async function install(): Promise<boolean> {
  console.error("installing Lighthouse (once, some 190 MB in dist/lighthouse) …");
  mkdirSync(installed, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(described, name), join(installed, name));
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", installed];
  const code = await run("npm", args, installMsMax);
  if (code !== 0) console.error("Lighthouse could not be installed, so its scores are left out.");
  return code === 0;
}

function run(command: string, args: readonly string[], msMax: number, chromium?: string): Promise<number | null> {
  const env = { ...process.env, ...(chromium !== undefined && { CHROME_PATH: chromium }) };
  const child = spawn(command, [...args], { stdio: ["ignore", "ignore", "inherit"], timeout: msMax, env });
  return new Promise((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
}
