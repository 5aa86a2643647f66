import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds wrong, in words that a failed test can be mended by. */
export async function violations(page: Page): Promise<readonly unknown[]> {
  await page.evaluate(axe);
  return await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(rules)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => html + " " + failureSummary)]))`,
  );
}

/** Controls that are too small for a thumb. */
export const smallControls = async (page: Page): Promise<readonly string[]> =>
  await page.evaluate(`[...document.querySelectorAll("main button, .option, .tab, .card, .segment, .chip, .mark-name")].filter((each) => {
    const { height, width } = each.getBoundingClientRect();
    return height > 0 && (height < 44 || width < 44);
  }).map((each) => each.className + " " + each.textContent)`);
