import pg from "pg";
import type { Browser } from "playwright-core";
import { spreadOf } from "../load/median.ts";
import { LoadProcess } from "../load/process.ts";
import { openEarnest } from "../turn/earnest-side.ts";
import { eventsToScreen } from "./journey.ts";

/** The live page of a market with a past of so many answers. */
export interface LargeMarket {
  readonly answers: number;
  /** What the page asks for, by the server's answers: the first of its kind after a start, and the median after. */
  readonly asked: Readonly<
    Record<string, { readonly firstMs: number; readonly ms: number; readonly kilobytes: number }>
  >;
  /** From the address to the curve on the screen. */
  readonly openMs: number;
  /** From the press on each of its tabs to what is on it. */
  readonly itemsMs: number;
  readonly peopleMs: number;
  readonly eventToScreenP95Ms: number;
}

const answersSent = 20;
const asks = 5;

/** Fills a market as a server would have, starts the server anew, and looks at the market as its requester. */
export async function largeMarket(browser: Browser, answers: number): Promise<LargeMarket> {
  const side = await openEarnest(1, 1, Math.ceil(answers / 3) + answersSent * 4);
  try {
    await side.restart(async () => {
      const program = new URL("../scale/fill.js", import.meta.url);
      const filling = await LoadProcess.start<object>(program, [side.dataFolder, side.order.market, `${answers}`]);
      await filling.stop();
      const client = new pg.Client({ connectionString: side.databaseUrl });
      await client.connect();
      // As autovacuum would have had the time to do.
      await client.query("vacuum analyze");
      await client.end();
    });
    // All that was there has been answered: these are for the page to see being answered.
    await side.addTasks(answersSent * 4);
    const { url, market } = side.order;
    const asked: Record<string, { firstMs: number; ms: number; kilobytes: number }> = {};
    for (const [name, path] of Object.entries(paths)) {
      asked[name] = await ask(`${url}/v1/markets/${market}${path}`, side.apiKey);
    }
    return { answers, asked, ...(await inBrowser(browser, url, market, side.apiKey)) };
  } finally {
    await side.close();
  }
}

const paths = {
  market: "",
  report: "/report",
  timeline: "/timeline",
  contributors: "/contributors?limit=500",
  items: "/items?limit=50",
  disputed: "/items?limit=50&only=disputed",
} as const;

async function ask(address: string, apiKey: string) {
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i <= asks; i++) {
    const since = performance.now();
    const response = await fetch(address, { headers: { authorization: `Bearer ${apiKey}` } });
    const body = await response.arrayBuffer();
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    times.push(Math.round(performance.now() - since));
    bytes = body.byteLength;
  }
  const [firstMs = 0, ...later] = times;
  return { firstMs, ms: spreadOf(later).median, kilobytes: Math.round(bytes / 100) / 10 };
}

async function inBrowser(browser: Browser, url: string, market: string, apiKey: string) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const until = async (selector: string, act: () => Promise<unknown>): Promise<number> => {
    const since = performance.now();
    await act();
    await page.locator(selector).first().waitFor();
    return Math.round(performance.now() - since);
  };
  const openMs = await until(".chart-line", () => page.goto(`/console/markets/${market}#${apiKey}`));
  const times = (await eventsToScreen(page, url, market, answersSent, ["yes", "no"])).sort((a, b) => a - b);
  const itemsMs = await until(".table a", () => page.locator(".subtab").nth(1).click());
  const peopleMs = await until(".person", () => page.locator(".subtab").nth(2).click());
  await context.close();
  return { openMs, itemsMs, peopleMs, eventToScreenP95Ms: times[Math.floor(0.95 * times.length)] ?? 0 };
}
