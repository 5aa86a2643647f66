import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Browser, chromium } from "playwright-core";
import { webFolder } from "#src/main/web-files";
import { consoleTour } from "../scripts/screenshots/console-tour.ts";
import { startDemonstration } from "../scripts/screenshots/start.ts";
import { type LargeFile, largeFile } from "./console/gigabyte.ts";
import { journey, preview } from "./console/journey.ts";
import { type LargeMarket, largeMarket } from "./console/million.ts";
import { defineBench, type Say, type ValuesOf } from "./options.ts";
import { axeViolations } from "./web/axe.ts";

interface Figures {
  /** From choosing a file of 200 rows to the running market on the screen: described, funded on chain, opened, filled. */
  readonly csvToMarketMs: number;
  /** From the first address to results on the disk. */
  readonly interactions: number;
  /** From choosing a file of 100,000 rows to its first rows, to be mapped and scrolled. Median of three. */
  readonly previewMs: number;
  /** From sending an answer to its count on the requester's screen. */
  readonly eventToScreenP95Ms: number;
  readonly eventToScreenP50Ms: number;
  /** Over all screens of the console and the explorer, both themes, both directions. */
  readonly axeViolations: number;
  readonly initialJsKb: { readonly console: number };
  /** The live page of a market with so many answers, where `--past` names a number. */
  readonly large?: LargeMarket;
  /** A bad CSV of so many bytes, where `--file` names a number. */
  readonly file?: LargeFile;
  readonly machine: { readonly load: number; readonly cores: number };
}

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"];
const executablePath = process.env["EARNEST_CHROMIUM"] ?? "/usr/bin/chromium";

const options = {
  server: { type: "text", about: "a server that runs; without it, one is started" },
  answers: { type: "count", default: 40, about: "answers whose way to the screen is timed" },
  past: { type: "count", about: "a market with so many answers besides" },
  file: { type: "count", about: "a CSV of so many bytes besides" },
} as const;

/** How the console feels, in a browser, on what `npm start` starts; `--server` names one that runs. */
export const benchConsole = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<Figures | null> {
  const demonstration = values.server === undefined ? await startDemonstration() : null;
  const url = values.server ?? demonstration?.url ?? "";
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const [past, bytes] = [values.past ?? 0, values.file ?? 0];
    const figures = {
      ...(await measure(browser, url, values.answers)),
      ...(bytes > 0 && { file: await largeFile(browser, url, bytes) }),
      ...(past > 0 && { large: await largeMarket(browser, past) }),
    };
    for (const [name, value] of Object.entries(figures)) say(`  ${name.padEnd(22)} ${JSON.stringify(value)}`);
    return figures;
  } finally {
    await browser.close();
    await demonstration?.stop();
  }
}

async function measure(browser: Browser, url: string, answers: number): Promise<Figures> {
  const load = loadavg()[0] ?? 0;
  const { csvToMarketMs, interactions, eventToScreenMs } = await journey(browser, url, answers);
  const previews = [];
  for (let run = 0; run < 3; run++) previews.push(await preview(browser, url));
  const violations = await axeViolations(browser, url, (page, look) => consoleTour(page, url, look));
  for (const violation of violations) console.error(violation);
  return {
    csvToMarketMs: Math.round(csvToMarketMs),
    interactions,
    previewMs: Math.round(quantile(previews, 0.5)),
    eventToScreenP95Ms: Math.round(quantile(eventToScreenMs, 0.95)),
    eventToScreenP50Ms: Math.round(quantile(eventToScreenMs, 0.5)),
    axeViolations: violations.length,
    initialJsKb: { console: initialKb() },
    machine: { load, cores: availableParallelism() },
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Scripts that the page names, as they come over the line. */
function initialKb(): number {
  const page = readFileSync(join(webFolder, "console.html"), "utf8");
  const names = [...page.matchAll(/\/(assets\/[\w.-]+\.js)/g)].map((match) => match[1] as string);
  const bytes = names.reduce(
    (sum, name) => sum + gzipSync(readFileSync(join(webFolder, name)), { level: 9 }).length,
    0,
  );
  return Math.round(bytes / 100) / 10;
}
