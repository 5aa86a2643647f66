import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Browser, Page } from "playwright-core";

/** A file that is larger than a browser's memory should ever hold, and wrong in every way that we know. */
export interface LargeFile {
  readonly bytes: number;
  readonly rows: number;
  /** From choosing it to its first rows on the screen, and to all of it read. */
  readonly firstRowsMs: number;
  readonly surveyMs: number;
  /** From its last change to what its rows become. */
  readonly checkMs: number;
  /** The longest that the page was not free for a press meanwhile. */
  readonly longestBlockMs: number;
  /** All of the browser's processes together, at most, beyond what they took before the file was chosen. */
  readonly memoryMiB: number;
  /** What the page says is wrong, group by group. */
  readonly problems: readonly string[];
  readonly badBytes: number;
  readonly badMs: number;
}

const portionRows = 20_000;

export async function largeFile(browser: Browser, url: string, bytes: number): Promise<LargeFile> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-large-file-"));
  const path = join(folder, "large.csv");
  try {
    await pipeline(Readable.from(portions(bytes)), createWriteStream(path));
    return { bytes: (await stat(path)).size, ...(await choose(browser, url, path)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Mostly good rows, and of each fault some hundreds: ragged, of another encoding, repeated, open quotes, formulas. */
function* portions(bytes: number): Generator<Buffer> {
  yield Buffer.from("id,text,note\n");
  let made = 0;
  for (let from = 0; made < bytes; from += portionRows) {
    const lines: Buffer[] = [];
    for (let row = from; row < from + portionRows; row++) lines.push(lineOf(row));
    const portion = Buffer.concat(lines);
    made += portion.length;
    yield portion;
  }
}

const words = "A few words that say nothing, as often as it takes to fill a row of some length. ".repeat(3);
/** More than is waited for, after a quote that nobody closes. */
const openEvery = 3_000_017;

function lineOf(row: number): Buffer {
  if (row % openEvery === 7) return Buffer.from(`${row},"this quote stays open,x\n`);
  if (row % 50_000 === 1) return Buffer.from(`${row},one field too few\n`);
  if (row % 50_000 === 2_000)
    return Buffer.concat([Buffer.from(`${row},Gr`), Buffer.from([0xfc, 0xdf]), Buffer.from("e,x\n")]);
  if (row % 50_000 === 3) return Buffer.from(`${row - 3},=HYPERLINK(A1),x\n`);
  return Buffer.from(`${row},"${words}${row}",x\n`);
}

async function choose(browser: Browser, url: string, path: string): Promise<Omit<LargeFile, "bytes">> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto("/console/new");
  await page.locator(".sign-in .button-main").click();
  await page.locator(".drop").waitFor();
  await page.evaluate(watchBlocks);
  const before = browsersMiB();
  let most = before;
  const watching = setInterval(() => {
    most = Math.max(most, browsersMiB());
  }, 250);
  try {
    const since = performance.now();
    const passed = (): number => Math.round(performance.now() - since);
    await page.locator("#data-file").setInputFiles(path);
    await page.locator(".row-number").first().waitFor();
    const firstRowsMs = passed();
    // Somebody goes on describing while it is read.
    await page.locator("#question").fill("Is there anything in it?");
    await page.locator("#names").fill("yes, no");
    const read = page.locator("[aria-labelledby=data-title] [role=status]").first();
    await read.filter({ hasText: /utf-8/i }).waitFor({ timeout: longMs });
    const surveyMs = passed();
    const rows = Number(/[\d,.]+/.exec(await read.innerText())?.[0].replaceAll(/\D/g, ""));
    const checkMs = await checked(page);
    const problems = await page.locator(".problems li").allInnerTexts();
    const began = performance.now();
    const [download] = await Promise.all([
      page.waitForEvent("download", { timeout: longMs }),
      page.locator(".problems .button").click(),
    ]);
    const badBytes = (await stat(await download.path())).size;
    const badMs = Math.round(performance.now() - began);
    const longestBlockMs = Math.round(await page.evaluate<number>("longestBlockMs"));
    return {
      rows,
      firstRowsMs,
      surveyMs,
      checkMs,
      longestBlockMs,
      memoryMiB: Math.round(most - before),
      problems,
      badBytes,
      badMs,
    };
  } finally {
    clearInterval(watching);
    await context.close();
  }
}

const longMs = 600_000;

/** Letter by letter, so that each check but the last is given up. */
async function checked(page: Page): Promise<number> {
  await page.locator("#names").pressSequentially(", perhaps");
  const since = performance.now();
  await page.locator(".problems li", { hasText: "repeat an id" }).waitFor({ timeout: longMs });
  return Math.round(performance.now() - since);
}

/** The page has a turn every few milliseconds; how long it had none is how long nobody could have done anything. */
const watchBlocks = `(() => {
  globalThis.longestBlockMs = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    longestBlockMs = Math.max(longestBlockMs, now - last - 10);
    last = now;
  }, 10);
})()`;

/** Of all browsers of this machine that this process started: what is theirs alone, not the code that they share. */
function browsersMiB(): number {
  const parents = new Map<number, number>();
  const own = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      if (/^Name:\s+chrom/m.test(status)) own.set(Number(name), Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // It ended in between.
    }
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === process.pid || isOurs(parents.get(pid)));
  return [...own].reduce((sum, [pid, kibibytes]) => sum + (isOurs(pid) ? kibibytes : 0), 0) / 1_024;
}
