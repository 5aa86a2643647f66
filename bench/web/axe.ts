import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { type Look, tour } from "../../scripts/screenshots/tour.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const themes = ["light", "dark"] as const;
/** One language for each direction of writing. */
const locales = ["en-GB", "ar"] as const;

/** Every screen in both themes and both directions: what is wrong, by screen. */
export async function axeViolations(
  browser: Browser,
  url: string,
  go: (page: Page, look: Look) => Promise<void> = tour,
): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of themes) {
    for (const locale of locales) {
      // Without motion: a colour that is on its way is neither of the two.
      const look = { viewport: { width: 360, height: 740 }, colorScheme, locale, reducedMotion: "reduce" } as const;
      const context = await browser.newContext({ baseURL: url, ...look });
      const page = await context.newPage();
      await go(page, async (screen) => {
        for (const violation of await violationsOf(page))
          found.push(`${screen} ${colorScheme} ${locale}: ${violation}`);
      });
      await context.close();
    }
  }
  return found;
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return await page.evaluate<string[]>(
    `axe.run({ runOnly: ${JSON.stringify(rules)} }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + " " + html.slice(0, 120))))`,
  );
}
