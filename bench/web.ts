import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { knownTasks } from "#src/main/demonstration/judge";
import { coldToPaid } from "./web/cold-to-paid.ts";
import { workAtDesk } from "./web/work-at-desk.ts";

interface Figures {
  readonly runs: number;
  /** From opening the address, with a fresh profile on a slow line and a slow processor, to the paid slip. Median. */
  readonly coldToPaidMs: number;
  readonly taps: number;
  /** From sending an answer to the signed acknowledgement with its verdict. */
  readonly submitToReceiptP95Ms: number;
  readonly hotkeyToPaintP95Ms: number;
  readonly initialJsKb: { readonly contributor: number };
  /** Hosts other than the server's that the browser asked. */
  readonly thirdPartyHosts: readonly string[];
}

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"];
const executablePath = process.env["EARNEST_CHROMIUM"] ?? "/usr/bin/chromium";

/** How the pages feel, in a browser, on the server that `npm start` has started (`--server` names another). */
export async function benchWeb(args: readonly string[]): Promise<Figures | null> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      server: { type: "string", default: "http://127.0.0.1:4500" },
      runs: { type: "string", default: "5" },
      answers: { type: "string", default: "20" },
      json: { type: "boolean" },
    },
  });
  const isThere = await fetch(`${values.server}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!isThere) {
    console.error(`Nothing answers at ${values.server}: run \`npm start\` in another terminal, or name a --server.`);
    process.exitCode = 2;
    return null;
  }
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const figures = await measure(browser, values.server, Number(values.runs), Number(values.answers));
    for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(22)} ${JSON.stringify(value)}`);
    return figures;
  } finally {
    await browser.close();
  }
}

async function measure(browser: Browser, url: string, runs: number, answers: number): Promise<Figures> {
  const known = await knownTasks();
  const cold = [];
  for (let run = 0; run < runs; run++) cold.push(await coldToPaid(browser, url, known));
  const desk = await workAtDesk(browser, url, answers);
  const hosts = new Set(cold.flatMap((each) => each.otherHosts));
  return {
    runs,
    coldToPaidMs: Math.round(
      percentile(
        cold.map(({ ms }) => ms),
        50,
      ),
    ),
    taps: Math.max(...cold.map(({ taps }) => taps)),
    submitToReceiptP95Ms: Math.round(percentile(desk.submitMs, 95)),
    hotkeyToPaintP95Ms: Math.round(percentile(desk.paintMs, 95) * 10) / 10,
    initialJsKb: { contributor: Math.round(Math.max(...cold.map(({ scriptBytes }) => scriptBytes)) / 100) / 10 },
    thirdPartyHosts: [...hosts],
  };
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
