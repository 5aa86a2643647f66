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

/** Ways to go on that lie outside the screen, words that are cut where they are to be read, and signs of how a text is written. */
export const outOfSight = async (page: Page): Promise<readonly string[]> =>
  await page.evaluate(`[
    ...[...document.querySelectorAll(".subtab, .tab, main .button")].filter((each) => {
      const { left, right, width } = each.getBoundingClientRect();
      return width > 0 && each.closest("[tabindex='0']") === null && (left < 0 || right > innerWidth);
    }).map((each) => each.textContent),
    ...[...document.querySelectorAll("main .badge")].filter((each) => each.getClientRects().length > 1 ||
      each.getBoundingClientRect().height > 2.5 * parseFloat(getComputedStyle(each).fontSize)
    ).map((each) => "broken: " + each.textContent),
    ...[...document.querySelectorAll("main input[placeholder]")].filter((each) => {
      const canvas = document.createElement("canvas").getContext("2d");
      canvas.font = getComputedStyle(each, "::placeholder").font;
      const { paddingLeft, paddingRight } = getComputedStyle(each);
      const room = each.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
      return each.clientWidth > 0 && canvas.measureText(each.placeholder).width > room;
    }).map((each) => "cut: " + each.placeholder),
    ...[...document.querySelectorAll("main p, main li")].filter((each) => each.textContent.includes("\`"))
      .map((each) => each.textContent),
  ]`);
