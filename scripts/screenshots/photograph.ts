import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

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

type Shoot = (page: Page, name: string) => Promise<void>;

/** Goes through the screens as somebody does who earns for the first time, and takes a picture of each. */
export async function photograph(options: PhotographOptions): Promise<string[]> {
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const paths: string[] = [];
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of themes) {
        const page = await visitor(browser, options, { viewport, colorScheme });
        await tour(page, async (_, name) => {
          await page.waitForTimeout(restMs);
          const path = join(options.folder, `${name}-${size}-${colorScheme}.png`);
          await page.screenshot({ path });
          paths.push(path);
        });
        await page.context().close();
      }
    }
    return paths;
  } finally {
    await browser.close();
  }
}

interface Look {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: (typeof themes)[number];
}

async function visitor(browser: Browser, { url, locale }: PhotographOptions, look: Look): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, locale, deviceScaleFactor: 2, ...look });
  return await context.newPage();
}

async function tour(page: Page, shoot: Shoot): Promise<void> {
  await page.goto("/");
  await page.locator(".option").first().waitFor();
  await shoot(page, "landing");
  await page.locator(".option").first().click();
  await shoot(page, "landing-chosen");
  await page.locator(".actions .button-main").click();
  await page.locator(".slip").waitFor();
  await shoot(page, "slip");
  await page.locator(".actions .button-main").click();
  await page.locator(".work .option").first().waitFor();
  await shoot(page, "work");
  await work(page);
  await page.keyboard.press("g");
  await page.locator("dialog").waitFor();
  await shoot(page, "guide");
  await page.keyboard.press("Escape");
  await page.locator(".tab").nth(1).click();
  await page.locator(".card").first().waitFor();
  await shoot(page, "find");
  await page.locator(".tab").nth(2).click();
  await page.locator(".row").first().waitFor();
  await shoot(page, "earnings");
  await page.locator(".row a").first().click();
  await page.locator(".entries-all").waitFor();
  await shoot(page, "receipt");
  await page.locator("[aria-pressed]").click();
  await page.locator(".hash-wrong").scrollIntoViewIfNeeded();
  await shoot(page, "receipt-tampered");
  await page.locator(".bar button").click();
  await page.locator("dialog").waitFor();
  await shoot(page, "settings");
}

const tasks = 5;

/** A few answers, so that there is something to see; and the time in which they can be taken back. */
async function work(page: Page): Promise<void> {
  for (let done = 0; done < tasks; done++) {
    await page.locator(".work .option").first().waitFor();
    await page.keyboard.press(done % 2 === 0 ? "1" : "2");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(restMs);
  }
  await page.waitForTimeout(6_500);
}
