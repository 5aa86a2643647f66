import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { consoleTour } from "./console-tour.ts";
import { type Look, tour } from "./tour.ts";
import { openWays, tourWays } from "./ways.ts";

export interface PhotographOptions {
  readonly url: string;
  readonly folder: string;
  readonly locale: string;
}

const sizes = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 860 } } as const;
const themes = ["light", "dark"] as const;
const executablePath = process.env["EARNEST_CHROMIUM"] ?? "/usr/bin/chromium";
const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"];
/** For what moves to arrive. */
const restMs = 500;

/** Goes through the screens as somebody does who earns, and then asks for work, for the first time, and takes a picture of each. */
export async function photograph(options: PhotographOptions): Promise<string[]> {
  const browser = await chromium.launch({ executablePath, args: flags });
  const paths: string[] = [];
  const inEveryLook = async (go: (page: Page, look: Look) => Promise<void>, fullPage = false): Promise<void> => {
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of themes) {
        const page = await visitor(browser, options, { viewport, colorScheme });
        await go(page, async (screen) => {
          await page.waitForTimeout(restMs);
          const path = join(options.folder, `${screen}-${size}-${colorScheme}.png`);
          await page.screenshot({ path, fullPage });
          paths.push(path);
        });
        await page.context().close();
      }
    }
  };
  try {
    await inEveryLook(tour);
    // Only now: a stranger's first task would come from these markets too.
    // Its pages are long, and are read to their end.
    await inEveryLook((page, look) => consoleTour(page, options.url, look), true);
    const ways = await openWays(options.url);
    await inEveryLook((page, look) => tourWays(page, ways, look));
    return paths;
  } finally {
    await browser.close();
  }
}

interface Setting {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: (typeof themes)[number];
}

async function visitor(browser: Browser, { url, locale }: PhotographOptions, setting: Setting): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, locale, deviceScaleFactor: 2, ...setting });
  return await context.newPage();
}
