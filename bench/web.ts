import { availableParallelism, loadavg } from "node:os";
import { type Browser, chromium } from "playwright-core";
import { knownTasks } from "#src/main/demonstration/judge";
import { startDemonstration } from "../scripts/screenshots/start.ts";
import { defineBench, type Say, type ValuesOf } from "./options.ts";
import { axeViolations } from "./web/axe.ts";
import { coldToPaid } from "./web/cold-to-paid.ts";
import { lighthouse, type Scores } from "./web/lighthouse.ts";
import { submitToReceipt } from "./web/submit-to-receipt.ts";
import { workAtDesk } from "./web/work-at-desk.ts";

interface Figures {
  readonly runs: number;
  /** From opening the address, with a fresh profile on a slow line and a slow processor, to the paid slip. Median. */
  readonly coldToPaidMs: number;
  /** Of these, until the task was on the screen. */
  readonly coldToTaskMs: number;
  readonly taps: number;
  /** From the tap that sends an answer to the frame that shows its verdict and entry; strangers on the first page. */
  readonly submitToReceiptP95Ms: number;
  readonly submitToReceiptP50Ms: number;
  /** At work: from an answer's request to its signed acknowledgement. */
  readonly acknowledgedP95Ms: number;
  readonly hotkeyToPaintP95Ms: number;
  /** Over all screens, both themes, both directions. */
  readonly axeViolations: number;
  /** Null where Lighthouse could not be installed. */
  readonly lighthouse: Scores | null;
  readonly initialJsKb: { readonly contributor: number };
  /** Hosts other than the server's that the browser asked. */
  readonly thirdPartyHosts: readonly string[];
  /** What else the machine did: processes that wanted a core in the last minute, and cores. */
  readonly machine: { readonly load: number; readonly cores: number };
}

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"];
const executablePath = process.env["EARNEST_CHROMIUM"] ?? "/usr/bin/chromium";

const options = {
  server: { type: "text", about: "a server that runs; without it, one is started" },
  runs: { type: "count", default: 5, about: "cold loads" },
  strangers: { type: "count", default: 30, about: "people who do one task each" },
  answers: { type: "count", default: 20, about: "answers whose way to a receipt is timed" },
} as const;

/** How the pages feel, in a browser, on what `npm start` starts; `--server` names one that runs. */
export const benchWeb = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<Figures | null> {
  const demonstration = values.server === undefined ? await startDemonstration() : null;
  const url = values.server ?? demonstration?.url ?? "";
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const figures = await measure(browser, url, values);
    for (const [name, value] of Object.entries(figures)) say(`  ${name.padEnd(22)} ${JSON.stringify(value)}`);
    return figures;
  } finally {
    await browser.close();
    await demonstration?.stop();
  }
}

interface Counts {
  readonly runs: number;
  readonly strangers: number;
  readonly answers: number;
}

async function measure(browser: Browser, url: string, { runs, strangers, answers }: Counts): Promise<Figures> {
  const known = await knownTasks();
  const load = loadavg()[0] ?? 0;
  const cold = [];
  for (let run = 0; run < runs; run++) cold.push(await coldToPaid(browser, url, known));
  const submitMs = await submitToReceipt(browser, url, known, strangers);
  const desk = await workAtDesk(browser, url, answers);
  const violations = await axeViolations(browser, url);
  for (const violation of violations) console.error(violation);
  const hosts = new Set(cold.flatMap((each) => each.otherHosts));
  return {
    runs,
    coldToPaidMs: Math.round(
      percentile(
        cold.map(({ ms }) => ms),
        50,
      ),
    ),
    coldToTaskMs: Math.round(
      percentile(
        cold.map(({ taskMs }) => taskMs),
        50,
      ),
    ),
    taps: Math.max(...cold.map(({ taps }) => taps)),
    submitToReceiptP95Ms: Math.round(percentile(submitMs, 95)),
    submitToReceiptP50Ms: Math.round(percentile(submitMs, 50)),
    acknowledgedP95Ms: Math.round(percentile(desk.submitMs, 95)),
    hotkeyToPaintP95Ms: Math.round(percentile(desk.paintMs, 95) * 10) / 10,
    axeViolations: violations.length,
    lighthouse: await lighthouse(url, executablePath),
    initialJsKb: { contributor: Math.round(Math.max(...cold.map(({ scriptBytes }) => scriptBytes)) / 100) / 10 },
    thirdPartyHosts: [...hosts],
    machine: { load, cores: availableParallelism() },
  };
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
